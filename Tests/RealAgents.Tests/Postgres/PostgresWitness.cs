using System.Collections.Concurrent;
using System.Globalization;
using ClusterTools.Agents;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>
/// Looks at the machine from outside of all nodes, every few milliseconds: which process namespaces hold a living server process that works
/// in
/// the data directory? More than one at a time is what must never be.
/// </summary>
internal sealed class PostgresWitness : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly string data;
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentQueue<string> twice = new();
    private readonly Task watching;
    private long looks;
    private long looksWithServer;

    public PostgresWitness(string data)
    {
        this.data = data;
        watching = Task.Run(WatchAsync);
    }

    /// <summary>Each time that servers of two nodes were seen at once.</summary>
    public IReadOnlyCollection<string> Twice => twice;

    /// <summary>How often it looked, and how often it saw a server.</summary>
    public (long All, long WithServer) Looks => (Volatile.Read(ref looks), Volatile.Read(ref looksWithServer));

    /// <summary>The server's own processes in the data directory now: process and process namespace.</summary>
    public static IEnumerable<(ProcessIdentity Process, string Namespace)> Find(string data)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Target(folder + "/cwd") == data && Target(folder + "/exe")?.EndsWith("/postgres", StringComparison.Ordinal) == true
                && Target(folder + "/ns/pid") is { } space && ProcessIdentity.Find(pid) is { IsAlive: true } process)
            {
                yield return (process, space);
            }
        }
    }

    /// <summary>The servers' first processes, which all others descend from.</summary>
    public static IEnumerable<ProcessIdentity> FindPostmasters(string data)
    {
        (ProcessIdentity Process, string Namespace)[] all = [.. Find(data)];
        return all.Select(static p => p.Process).Where(p => all.All(other => other.Process.Pid != Parent(p.Pid)));
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await watching;
        ending.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            (ProcessIdentity Process, string Namespace)[] found = [.. Find(data)];
            looks++;
            looksWithServer += found.Length > 0 ? 1 : 0;
            // One may have ended before the other began, within this look: only those that are alive together count.
            string[] spaces = [.. found.Where(static f => f.Process.IsAlive).Select(static f => f.Namespace).Distinct()];
            if (spaces.Length > 1)
            {
                twice.Enqueue(
                    $"{DateTime.UtcNow:HH:mm:ss.fff}: {string.Join(", ", found.Select(static f => $"{f.Process.Pid} in {f.Namespace}"))}");
            }

            try
            {
                await Task.Delay(Interval, ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static int Parent(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return null;
        }
    }
}
