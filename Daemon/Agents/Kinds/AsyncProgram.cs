using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTools.Agents;

/// <summary>
/// A program whose process is the resource: start runs it in a session of its own and records pid and start time, status says
/// whether it lives, stop ends its process group. Its output goes to a file beside the record.
/// </summary>
internal sealed partial class AsyncProgram
{
    internal const string SettleParameter = "settle";

    private const int OutputLimit = 1024 * 1024;
    private static readonly TimeSpan DefaultSettle = TimeSpan.FromMilliseconds(100);

    private readonly string recordFile;
    private readonly string outputFile;

    public AsyncProgram(ResourceRequest request, ResourceAgentOptions options)
    {
        string folder = Path.Combine(options.StateFolder, "async");
        Directory.CreateDirectory(folder);
        string instance = AgentEnvironment.InstanceOf(request);
        recordFile = Path.Combine(folder, instance + ".json");
        outputFile = Path.Combine(folder, instance + ".out");
    }

    /// <summary>Does it live?</summary>
    public AgentVerdict Look()
    {
        if (ReadRecord() is not { } record)
        {
            return new AgentVerdict(true, ResourceStatus.Stopped, "not running");
        }

        KeepOutputBounded();
        return record.Identity.IsAlive ? new AgentVerdict(true, ResourceStatus.Running, $"running as process {record.Pid}")
            : ProcessGroup.Members(record.Identity, record.Marker).IsEmpty ? new AgentVerdict(true, ResourceStatus.Stopped, "not running")
            : new AgentVerdict(true, ResourceStatus.Failed, $"process {record.Pid} is dead, and some of its process group are left");
    }

    /// <summary>Starts it, unless it runs already.</summary>
    /// <param name="request">The start.</param>
    /// <param name="call">The program.</param>
    /// <param name="spawned">Told the process at once.</param>
    /// <param name="cancel">Ends the wait for it to settle; it is ended then.</param>
    public async Task<(AgentVerdict Verdict, string Output)> StartAsync(
        ResourceRequest request, AgentCall call, Action<ProcessIdentity> spawned, CancellationToken cancel)
    {
        if (Look() is { Status: ResourceStatus.Running } running)
        {
            return (running, "");
        }

        EmptyOutput();
        ChildProcess child = ProcessRunner.Start(
            call.Request(Timeout.InfiniteTimeSpan) with { OutputFile = outputFile }, CancellationToken.None);
        var record = new ProcessRecord(child.Identity.Pid, child.Identity.StartTime, ProcessIdentity.BootId, request.ActionId);
        spawned(child.Identity);
        try
        {
            string next = recordFile + ".new";
            await File.WriteAllBytesAsync(
                next, JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.ProcessRecord), CancellationToken.None)
                    .ConfigureAwait(false);
            File.Move(next, recordFile, overwrite: true);
        }
        catch
        {
            // What nobody can find again must not run.
            await ProcessGroup.EndAsync(
                () => ProcessGroup.Members(record.Identity, record.Marker), TimeSpan.Zero, TimeSpan.FromSeconds(5), CancellationToken.None)
                    .ConfigureAwait(false);
            throw;
        }

        TimeSpan settle = int.TryParse(request.Parameters.GetValueOrDefault(SettleParameter), out int milliseconds) && milliseconds >= 0
            ? TimeSpan.FromMilliseconds(milliseconds)
            : DefaultSettle;
        if (settle > request.Timeout)
        {
            settle = request.Timeout;
        }

        try
        {
            ProcessOutcome outcome = await child.Completion.WaitAsync(settle, cancel).ConfigureAwait(false);
            string end = outcome.ExitCode is { } code
                ? $"ended at once with exit code {code}"
                : $"ended at once by signal {outcome.Signal}";
            return (new AgentVerdict(false, ResourceStatus.Failed, end), ReadOutput());
        }
        catch (TimeoutException)
        {
            return (new AgentVerdict(true, ResourceStatus.Running, $"running as process {child.Identity.Pid}"), "");
        }
        catch (OperationCanceledException)
        {
            await ProcessGroup.EndAsync(
                () => ProcessGroup.Members(record.Identity, record.Marker), TimeSpan.Zero, TimeSpan.FromSeconds(5), CancellationToken.None)
                    .ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends it and all of its process group within the request's time limit.</summary>
    public async Task<AgentVerdict> StopAsync(ResourceRequest request, TimeSpan killGrace, CancellationToken cancel)
    {
        if (ReadRecord() is { } record)
        {
            // What it does with SIGTERM is its own matter for as long as the limit allows; the kill needs some of it too.
            TimeSpan killTime = killGrace < request.Timeout / 2 ? killGrace : request.Timeout / 2;
            ImmutableArray<ProcessIdentity> left = await ProcessGroup.EndAsync(
                () => ProcessGroup.Members(record.Identity, record.Marker), request.Timeout - killTime, killTime, cancel)
                    .ConfigureAwait(false);
            if (!left.IsEmpty)
            {
                return new AgentVerdict(
                    false, ResourceStatus.Failed, $"processes {string.Join(", ", left.Select(static p => p.Pid))} live on after SIGKILL");
            }

            File.Delete(recordFile);
        }

        return new AgentVerdict(true, ResourceStatus.Stopped, "not running");
    }

    private ProcessRecord? ReadRecord()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(recordFile), RecordJson.Default.ProcessRecord) is { } record
                && record.BootId == ProcessIdentity.BootId
                ? record
                : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void EmptyOutput()
    {
        using FileStream file = File.Open(outputFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
    }

    // The program appends, so that cutting the file off under it is safe.
    private void KeepOutputBounded()
    {
        var file = new FileInfo(outputFile);
        if (file.Exists && file.Length > OutputLimit)
        {
            using FileStream stream = file.Open(FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.SetLength(0);
        }
    }

    private string ReadOutput()
    {
        using FileStream stream = File.Open(outputFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(Math.Max(0, stream.Length - AgentMessage.TailLimit), SeekOrigin.Begin);
        byte[] bytes = new byte[AgentMessage.TailLimit];
        return Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }

    internal sealed record ProcessRecord(int Pid, long StartTime, string BootId, string ActionId)
    {
        [JsonIgnore]
        public ProcessIdentity Identity => new(Pid, StartTime);

        [JsonIgnore]
        public string Marker => $"{AgentEnvironment.ActionMarker}={ActionId}";
    }

    [JsonSerializable(typeof(ProcessRecord))]
    internal sealed partial class RecordJson : JsonSerializerContext;
}
