using System.Diagnostics;
using ClusterTools.Agents;

namespace ClusterTools.Node;

/// <summary>
/// Whether the disk of the state folder can be written. What runs goes on with a full disk, and nothing has to be written while nothing
/// happens: without this an administrator would hear of it when the next failover needs the disk.
/// </summary>
public sealed class StateDisk(string stateFolder, TimeSpan interval, Action<string> troubled, Action<string> well)
{
    /// <summary>Bytes below which it is told: what a large configuration and a busy night may need.</summary>
    public const long Reserve = 64 * 1024 * 1024;

    /// <summary>A disk that takes so long to take a few bytes does not answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string ProbeFile = "disk.probe";

    private readonly byte[] probe = new byte[4096];
    private volatile string? found;
    private long askedAt;

    /// <summary>What is wrong, and what to do; null: nothing.</summary>
    public string? Trouble
    {
        get
        {
            long since = Interlocked.Read(ref askedAt);
            TimeSpan silent = since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since);
            return silent > Patience
                ? $"The disk of the state folder '{stateFolder}' has not answered for {silent.TotalSeconds:0} s. "
                    + "See the kernel's log (dmesg), and move what runs here to other nodes."
                : found;
        }
    }

    /// <summary>As a number, for alarms.</summary>
    public NodeMetric Metric =>
        new(
            "node_disk_trouble", "1 when the disk of the state folder is nearly full, can't be written or does not answer.", false,
            Trouble is null ? 0 : 1);

    /// <summary>Looks at it at once and then again and again.</summary>
    public async Task WatchAsync(CancellationToken cancel)
    {
        // A thread of its own: a disk that hangs must hold up nothing else.
        using var timer = new PeriodicTimer(interval);
        do
        {
            await Task.Factory.StartNew(Look, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
        while (await NextAsync(timer, cancel).ConfigureAwait(false));
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancel)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Look()
    {
        Interlocked.Exchange(ref askedAt, Stopwatch.GetTimestamp());
        string? before = found;
        found = Find();
        Interlocked.Exchange(ref askedAt, 0);
        if (found is not null && before is null)
        {
            troubled(found);
        }
        else if (found is null && before is not null)
        {
            well($"The disk of the state folder '{stateFolder}' can be written again, and has room.");
        }
    }

    private string? Find()
    {
        string file = Path.Combine(stateFolder, ProbeFile);
        try
        {
            File.WriteAllBytes(file, probe);
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The state folder can't be written: {DiskRemedy.With(e)} What runs here goes on, but this node can begin nothing new.";
        }

        try
        {
            long free = new DriveInfo(stateFolder).AvailableFreeSpace;
            return free >= Reserve
                ? null
                : $"The disk of the state folder '{stateFolder}' has {free / 1048576.0:0.0} MiB left; "
                    + $"below {Reserve / 1048576} MiB it is nearly full. Make room there (df -h shows where) before this node can begin "
                        + "nothing new.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It can be written, which is what counts.
            return null;
        }
    }
}
