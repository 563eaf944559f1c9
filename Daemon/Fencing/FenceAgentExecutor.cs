using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Fencing;

/// <summary>
/// Runs fence agents by their standard protocol (FenceAgentAPI.md of fence-agents): <c>key=value</c> lines on standard input, the answer
/// in the exit code. Secrets go to the agent and nowhere else. The same action id asked again gets the same answer for as
/// long as the daemon lives; after a restart an off is simply repeated, which is harmless.
/// </summary>
public sealed class FenceAgentExecutor(FenceAgentOptions options)
{
    private const int OutputLimit = 64 * 1024;
    private const int MetadataLimit = 1024 * 1024;
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastStatusTimeout = TimeSpan.FromSeconds(5);
    private static readonly ImmutableArray<string> BrokenWords =
    [
        "usage:",
        "syntax error",
        "unrecognized",
        "traceback",
        "unknown action",
        "no such file",
    ];
    private static readonly ImmutableArray<string> SystemFolders = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<FenceResult>> results = new(StringComparer.Ordinal);
    private readonly Queue<string> finished = new();
    private readonly ConcurrentDictionary<string, ImmutableHashSet<string>> knownSecrets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> cutNothingOff = new(StringComparer.Ordinal);

    /// <summary>
    /// To be called once at start-up: makes a call of a program that does nothing, so that the first real one does not wait for code to be
    /// compiled.
    /// </summary>
    public async Task WarmUpAsync(CancellationToken cancel)
    {
        if (ProcessRunner.SearchPath("true", ProcessRunner.DefaultPath) is { } nothing)
        {
            var request = new FenceRequest
            {
                ActionId = "warm-up",
                Target = "none",
                Device = "none",
                Agent = nothing,
                Operation = FenceOperation.Status,
                Timeout = TimeSpan.FromSeconds(10),
                Parameters = ImmutableSortedDictionary<string, string>.Empty.Add("passwd", "none"),
            };
            _ = await ExecuteAsync(request, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Calls an agent. Whatever goes wrong is a result that is no success; nothing is thrown for it.</summary>
    /// <param name="request">The call.</param>
    /// <param name="cancel">Ends the agent's process group; of several callers with the same id, the first one's counts.</param>
    /// <exception cref="OperationCanceledException">Cancelled while joined to the same action's first caller.</exception>
    public Task<FenceResult> RunAsync(FenceRequest request, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrEmpty(request.ActionId);
        lock (gate)
        {
            if (results.TryGetValue(request.ActionId, out Task<FenceResult>? joined))
            {
                return joined.WaitAsync(cancel);
            }

            // Starts the agent before it returns: nothing stands between the decision and the spawn.
            Task<FenceResult> own = ExecuteAsync(request, cancel);
            results.Add(request.ActionId, own);
            finished.Enqueue(request.ActionId);
            if (finished.Count > options.RememberedResults && results[finished.Peek()].IsCompleted)
            {
                results.Remove(finished.Dequeue());
            }

            return own;
        }
    }

    /// <summary>What an agent says of itself; its secret parameters are known from then on.</summary>
    /// <param name="agent">A name looked up in the agents' folders, or a path.</param>
    /// <param name="cancel">Ends the agent.</param>
    /// <exception cref="FenceAgentException">It is not installed here, or what it says is no metadata.</exception>
    public async Task<FenceMetadata> MetadataAsync(string agent, CancellationToken cancel)
    {
        ImmutableArray<string> command = Find(agent) ?? throw new FenceAgentException(NotInstalled(agent));
        ProcessOutcome outcome;
        try
        {
            outcome = await ProcessRunner.RunAsync(
                CreateProcess(command, "action=metadata\n", MetadataTimeout) with
                {
                    OutputLimit = MetadataLimit,
                    SeparateStandardError = true,
                }, cancel).ConfigureAwait(false);
        }
        catch (ProcessStartException error)
        {
            throw new FenceAgentException($"{error.Message} Reinstall the package that holds the fence agent '{agent}'.", error);
        }

        cancel.ThrowIfCancellationRequested();
        if (outcome.ExitCode != 0 || outcome.OutputCut)
        {
            string end = outcome.TimedOut
                ? $"took longer than {MetadataTimeout.TotalSeconds:0} s"
                : $"returned {outcome.ExitCode?.ToString() ?? "nothing"}";
            throw new FenceAgentException(AgentMessage.With($"metadata of fence agent '{agent}' {end}", outcome.StandardError));
        }

        FenceMetadata metadata = FenceMetadata.Parse(agent, outcome.Output);
        cutNothingOff[agent] = metadata.WhyNoProof is not null;
        knownSecrets[agent] = [.. metadata.Parameters.Where(static p => p.Secret).Select(static p => p.Name)];
        return metadata;
    }

    /// <summary>The fence agents that are installed here, by name.</summary>
    public IEnumerable<string> FindAgents() => options.Folders.Concat(SystemFolders)
        .Where(Directory.Exists)
        .SelectMany(static folder => Directory.EnumerateFiles(folder, "fence_*"))
        .Select(static file => Path.GetFileName(file))
        .Concat(options.CommandLines.Keys)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    /// <summary>Whether an agent of this name or path is there.</summary>
    public bool IsInstalled(string agent) => Find(agent) is not null;

    /// <summary>The file of an agent; null: it is not installed here, or is no file of its own.</summary>
    public string? FileOf(string agent) => options.CommandLines.ContainsKey(agent) ? null : Find(agent)?[0];

    private async Task<FenceResult> ExecuteAsync(FenceRequest request, CancellationToken cancel)
    {
        FenceResult result = await CallAsync(request, cancel).ConfigureAwait(false);
        if (request.Operation != FenceOperation.Off || result.Success || cancel.IsCancellationRequested || Find(request.Agent) is null)
        {
            return result;
        }

        // Many a device refuses to switch off what is off; then its status is the proof.
        TimeSpan left = request.Timeout - result.Duration;
        FenceResult status = await CallAsync(
            request with { Operation = FenceOperation.Status, Timeout = left > LeastStatusTimeout ? left : LeastStatusTimeout }, cancel)
                .ConfigureAwait(false);
        return SaysOff(result, status)
            ? result with
            {
                Success = true,
                Duration = result.Duration + status.Duration,
                Message = $"{result.Message} But {status.Message}: it is off.",
            }
            : result with { Duration = result.Duration + status.Duration };
    }

    // A script that breaks off returns 2, too (a syntax error, wrong arguments), but then whatever it is asked, and with such words.
    private static bool SaysOff(FenceResult off, FenceResult status) =>
        status is { Success: true, ExitCode: 2 } && off.ExitCode != 2
        && !BrokenWords.Any(word => status.Output.Contains(word, StringComparison.OrdinalIgnoreCase));

    private async Task<FenceResult> CallAsync(FenceRequest request, CancellationToken cancel)
    {
        string what = $"{Word(request.Operation)} of {request.Target} by {request.Device} ({request.Agent})";
        if (cancel.IsCancellationRequested)
        {
            return Failure(request, $"{what} was cancelled before it began");
        }

        if (Find(request.Agent) is not { } command)
        {
            return Failure(request, $"{what} failed: {NotInstalled(request.Agent)}");
        }

        if (InputOf(request) is not { } input)
        {
            return Failure(
                request,
                $"{what} failed: parameter '{AgentMessage.Tail(request.Parameters.First(p => !CanBeCarried(p)).Key)}' holds a line break "
                    + "or another character that the protocol cannot carry. Correct it in the configuration.");
        }

        ProcessOutcome outcome;
        try
        {
            outcome = await ProcessRunner.RunAsync(CreateProcess(command, input, request.Timeout), cancel).ConfigureAwait(false);
        }
        catch (ProcessStartException error)
        {
            return Failure(request, $"{what} failed: {error.Message} Reinstall the package that holds the agent.");
        }

        (bool success, string sentence) = Judge(request, outcome);
        ImmutableHashSet<string> known = knownSecrets.GetValueOrDefault(request.Agent, []);
        var secrets = new SecretValues(request.Agent, request.Parameters, known.Contains);
        string output = secrets.Remove(outcome.Output, outcome.OutputCut);
        return new FenceResult
        {
            ActionId = request.ActionId,
            Success = success,
            NoProof = cutNothingOff.GetValueOrDefault(request.Agent),
            ExitCode = outcome.TimedOut || outcome.Cancelled ? -1 : outcome.ExitCode ?? -1,
            TimedOut = outcome.TimedOut,
            Duration = outcome.Duration,
            Output = output,
            Message = AgentMessage.With($"{what} {sentence}", success && request.Operation is not FenceOperation.Metadata ? "" : output),
        };
    }

    /// <summary>The lines that the agent reads; null: a parameter can't be carried in one.</summary>
    private static string? InputOf(FenceRequest request)
    {
        if (!request.Parameters.All(CanBeCarried))
        {
            return null;
        }

        var input = new StringBuilder();
        foreach ((string key, string value) in request.Parameters)
        {
            if (key is not ("action" or "option"))
            {
                input.Append(key).Append('=').Append(value).Append('\n');
            }
        }

        if (!request.Parameters.ContainsKey("nodename"))
        {
            input.Append("nodename=").Append(request.Target).Append('\n');
        }

        return input.Append("action=").Append(Word(request.Operation)).Append('\n').ToString();
    }

    private static bool CanBeCarried(KeyValuePair<string, string> parameter) =>
        parameter.Key.Length > 0 && parameter.Key.AsSpan().IndexOfAny("=\r\n\0") < 0
            && parameter.Value.AsSpan().IndexOfAny('\r', '\n', '\0') < 0;

    private static (bool Success, string Sentence) Judge(FenceRequest request, ProcessOutcome outcome)
    {
        if (outcome.TimedOut)
        {
            return (false, $"took longer than {request.Timeout.TotalSeconds:0.###} s and was ended");
        }

        if (outcome.Cancelled)
        {
            return (false, "was cancelled and ended");
        }

        if (outcome.ExitCode is not { } exitCode)
        {
            return (false, outcome.Signal is { } signal ? $"was ended by signal {signal}" : "ended, but how could not be seen");
        }

        return (request.Operation, exitCode) switch
        {
            (FenceOperation.Status, 0) => (true, "returned 0 (on)"),
            (FenceOperation.Status, 2) => (true, "returned 2 (off)"),
            (_, 0) => (true, "returned 0 (done)"),
            _ => (false, $"returned {exitCode} (failed)"),
        };
    }

    private ProcessRequest CreateProcess(ImmutableArray<string> command, string input, TimeSpan timeout) => new()
    {
        FileName = command[0],
        Arguments = command[1..],
        Environment = AgentEnvironment.CreateBasic(AgentEnvironment.DefaultSearchPath).ToImmutable(),
        StandardInput = input,
        Timeout = timeout,
        KillGrace = options.KillGrace,
        OutputLimit = OutputLimit,
    };

    private ImmutableArray<string>? Find(string agent)
    {
        if (options.CommandLines.TryGetValue(agent, out ImmutableArray<string> command))
        {
            return command;
        }

        if (Path.IsPathRooted(agent))
        {
            return File.Exists(agent) ? [agent] : null;
        }

        // What stands in an agent's place there is no agent, though a program may be called so.
        bool plain = agent.Length > 0 && agent != WatchdogDevice.Agent && agent.AsSpan().IndexOfAny('/', '\\', '\0') < 0;
        string? file = plain
            ? ProcessRunner.SearchPath(agent, string.Join(Path.PathSeparator, options.Folders.Concat(SystemFolders)))
            : null;
        return file is null ? null : [file];
    }

    private string NotInstalled(string agent) => Path.IsPathRooted(agent)
        ? $"there is no fence agent '{agent}' here. Install it on this node, or correct the path."
        : $"there is no fence agent '{agent}' in {string.Join(", ", options.Folders.Concat(SystemFolders))}. "
            + "Install the package that holds it (fence-agents), or correct its name.";

    private static string Word(FenceOperation operation) => operation switch
    {
        FenceOperation.Off => "off",
        FenceOperation.On => "on",
        FenceOperation.Reboot => "reboot",
        FenceOperation.Status => "status",
        FenceOperation.Metadata => "metadata",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operation."),
    };

    private static FenceResult Failure(FenceRequest request, string message) => new()
    {
        ActionId = request.ActionId, Success = false, Message = message,
    };
}
