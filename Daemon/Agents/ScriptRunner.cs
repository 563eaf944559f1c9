using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Agents;

/// <summary>Runs scripts of the administrator's that are no resource agents: event scripts, and those before a final action.</summary>
public sealed class ScriptRunner(ResourceAgentOptions options)
{
    /// <summary>Bytes of an answer that are taken; a longer one is refused.</summary>
    public const int AnswerLimit = 256 * 1024;

    /// <summary>Runs it to its end, or until its time is up; then its process group is ended.</summary>
    /// <param name="command"><c>exec:/path with arguments</c> or <c>powershell:/path.ps1</c>.</param>
    /// <param name="id">Marks its processes.</param>
    /// <param name="input">What it reads on standard input.</param>
    /// <param name="environment">Added to what every program gets.</param>
    /// <param name="timeout">Its limit.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<ScriptResult> RunAsync(
        string command, string id, string input, IReadOnlyDictionary<string, string> environment, TimeSpan timeout,
        CancellationToken cancel)
    {
        try
        {
            var all = AgentEnvironment.Create(options);
            (string file, ImmutableArray<string> arguments) = Program(command, all);
            all[AgentEnvironment.ActionMarker] = id;
            foreach ((string name, string value) in environment)
            {
                all[name] = value;
            }

            ProcessOutcome outcome = await ProcessRunner.RunAsync(
                new ProcessRequest
                {
                    FileName = file,
                    Arguments = arguments,
                    Environment = all.ToImmutable(),
                    StandardInput = input,
                    Timeout = timeout,
                    KillGrace = options.KillGrace,
                    OutputLimit = AnswerLimit,
                    SeparateStandardError = true,
                },
                cancel).ConfigureAwait(false);
            string? wrong = outcome.TimedOut ? $"it took longer than {timeout.TotalSeconds:0.###} s and was ended"
                : outcome.Cancelled ? "it was cancelled and ended"
                : outcome.Signal is { } signal ? $"it was ended by signal {signal}"
                : outcome.ExitCode != 0 ? $"it returned {outcome.ExitCode?.ToString() ?? "nothing"}"
                : outcome.OutputCut ? $"it wrote more than {AnswerLimit:N0} bytes"
                : null;
            return wrong is null
                ? new ScriptResult(true, outcome.Output, "")
                : new ScriptResult(false, outcome.Output, AgentMessage.With(wrong, WithoutSecrets(command, outcome.StandardError)));
        }
        catch (ResourceAgentException error)
        {
            return new ScriptResult(false, "", WithoutSecrets(command, error.Message));
        }
        catch (ProcessStartException error)
        {
            return new ScriptResult(false, "", WithoutSecrets(command, error.Message));
        }
    }

    private static string WithoutSecrets(string command, string text) =>
        new SecretValues(command, ImmutableSortedDictionary<string, string>.Empty).Remove(text, cut: false);

    private (string File, ImmutableArray<string> Arguments) Program(
        string command, ImmutableSortedDictionary<string, string>.Builder environment)
    {
        switch (Agent.Parse(command, ImmutableSortedDictionary<string, string>.Empty, options))
        {
            case ExecAgent program:
                return File.Exists(program.Program)
                    ? (program.Program, program.Arguments)
                    : throw new ResourceAgentException(
                        $"There is no program '{program.Program}' here. Install it on this node, or correct the path.", 5);
            case PowerShellAgent script:
                PowerShellAgent.AskForPlainOutput(environment);
                return script.Call();
            default:
                throw new ResourceAgentException($"'{command}' is no script. Write exec:/path or powershell:/path.ps1.", 2);
        }
    }
}

/// <summary>How a script ended.</summary>
/// <param name="Success">It ended by itself, with exit code 0, in time.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Message">What went wrong, with the end of its standard error.</param>
public sealed record ScriptResult(bool Success, string Output, string Message);
