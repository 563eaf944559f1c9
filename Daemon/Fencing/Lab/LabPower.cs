using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;

namespace ClusterTools.Fencing.Lab;

/// <summary>
/// The power of one lab node: files in the node's <c>power</c> folder, and the processes below the node's supervisor, which
/// stands for the power socket. A stand-in for the lab: it ends processes and switches no power.
/// </summary>
/// <remarks>
/// Files: <c>supervisor</c> (pid, start time, boot id), <c>daemon</c> (the same of clusterd), <c>state</c> (on or off, and how often it
/// was switched on), <c>feed-DEVICE</c> (on or off; missing is on), <c>start</c> (asks the supervisor to start clusterd again; holding
/// <c>after-end</c>: once it has ended),
/// <c>lock</c>. Faults for tests: <c>fail-DEVICE</c> makes off fail, <c>slow-DEVICE</c> holds milliseconds by which it is late.
/// </remarks>
public sealed class LabPower
{
    /// <summary>Environment variable that all processes of a lab node have; its value is the node's folder.</summary>
    public const string NodeVariable = "CLUSTERTOOLS_LAB_NODE";

    private const string AfterEnd = "after-end";

    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(5);

    /// <param name="labFolder">The lab's folder; each node has a folder of its own name in it.</param>
    /// <param name="node">The node.</param>
    /// <exception cref="ArgumentException">The name cannot be a folder's.</exception>
    public LabPower(string labFolder, string node)
    {
        if (node is "" or "." or ".." || node.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
        {
            throw new ArgumentException($"'{node}' is no name for a lab node.", nameof(node));
        }

        Node = node;
        NodeFolder = Path.Combine(Path.TrimEndingDirectorySeparator(Path.GetFullPath(labFolder)), node);
        PowerFolder = Path.Combine(NodeFolder, "power");
    }

    public string Node { get; }

    public string NodeFolder { get; }

    public string PowerFolder { get; }

    /// <summary>Environment entry (<c>NAME=value</c>) by which escaped processes of the node are found.</summary>
    public string Marker => $"{NodeVariable}={NodeFolder}";

    /// <summary>The node has power.</summary>
    public bool IsOn => ReadState().On;

    /// <summary>The process that stands for the socket; null when there is none, or it was of an earlier boot.</summary>
    public ProcessIdentity? Supervisor => ReadIdentity("supervisor");

    /// <summary>The clusterd that the supervisor started last; it may have ended.</summary>
    public ProcessIdentity? Daemon => ReadIdentity("daemon");

    /// <summary>This feed of the node is on.</summary>
    public bool IsFeedOn(string device) => ReadFile(FeedFile(device)) != "off";

    /// <summary>Asks the supervisor to start clusterd again after it has ended by itself or was killed alone.</summary>
    public void RequestStart() => RequestStart("");

    /// <summary>Asks the supervisor, from within the node, to start clusterd again once the present one has ended.</summary>
    public void RequestRestart() => RequestStart(AfterEnd);

    /// <summary>
    /// Takes one feed off. When all the feeds given are off the node loses its power: everything below its supervisor is ended, and
    /// that it has ended is proven.
    /// </summary>
    /// <param name="device">The feed.</param>
    /// <param name="feeds">All feeds of the node that count, this one among them.</param>
    /// <param name="limit">For the ending and its proof.</param>
    /// <param name="cancel">Gives up; what was ended stays so.</param>
    /// <exception cref="LabPowerException">It was not proven.</exception>
    /// <exception cref="TimeoutException">Another agent held the lock all the time.</exception>
    public async Task<string> TurnOffAsync(string device, ImmutableArray<string> feeds, TimeSpan limit, CancellationToken cancel)
    {
        await InjectFaultsAsync(device, cancel).ConfigureAwait(false);
        using FileStream held = await LockAsync(limit, cancel).ConfigureAwait(false);
        Replace(Path.GetFileName(FeedFile(device)), "off");
        string[] on = [.. feeds.Where(IsFeedOn)];
        if (on.Length > 0)
        {
            return $"feed {device} of {Node} is off; it still has power by {string.Join(", ", on)}";
        }

        // From here on the supervisor starts nothing, whatever becomes of the rest.
        (_, long cycle) = ReadState();
        WriteState(on: false, cycle);
        int killed = await EndAllAsync(limit, cancel).ConfigureAwait(false);
        return $"{Node} is off: {killed} processes ended, none is left";
    }

    /// <summary>Puts one feed on; a node without power starts.</summary>
    public async Task TurnOnAsync(string device, TimeSpan limit, CancellationToken cancel)
    {
        using FileStream held = await LockAsync(limit, cancel).ConfigureAwait(false);
        Replace(Path.GetFileName(FeedFile(device)), "on");
        (bool on, long cycle) = ReadState();
        if (!on)
        {
            WriteState(on: true, cycle + 1);
        }
    }

    internal (bool On, long Cycle) ReadState() => ReadFile(Path.Combine(PowerFolder, "state"))?.Split(' ') is [var word, var cycle]
        ? (word == "on", long.Parse(cycle, CultureInfo.InvariantCulture))
        : (true, 0);

    internal bool TakeStartRequest(bool daemonRuns)
    {
        string file = Path.Combine(PowerFolder, "start");
        string? request = ReadFile(file);
        if (request is null || (daemonRuns && request == AfterEnd))
        {
            return false;
        }

        File.Delete(file);
        return true;
    }

    /// <summary>Becomes the node's supervisor, after what an earlier one left behind has ended.</summary>
    internal async Task ClaimAsync(TimeSpan limit, CancellationToken cancel)
    {
        using FileStream held = await LockAsync(limit, cancel).ConfigureAwait(false);
        if (Supervisor is { IsAlive: true } other && other.Pid != Environment.ProcessId)
        {
            throw new LabPowerException(
                $"Lab node {Node} already has a supervisor, process {other.Pid}. End that lab first, or use another folder.");
        }

        (_, ImmutableArray<ProcessIdentity> survivors) = await new ProcessTree(Own(), Marker).KillAsync(limit, cancel)
            .ConfigureAwait(false);
        ThrowIfAny(survivors);
        WriteIdentity("supervisor", Own());
    }

    /// <summary>Makes known which process the node's daemon is.</summary>
    internal void WriteDaemon(ProcessIdentity daemon) => WriteIdentity("daemon", daemon);

    /// <summary>Ends all that is below this supervisor and gives the node up.</summary>
    internal async Task ReleaseAsync(TimeSpan limit, CancellationToken cancel)
    {
        using FileStream held = await LockAsync(limit, cancel).ConfigureAwait(false);
        await EndAllAsync(limit, cancel).ConfigureAwait(false);
        File.Delete(Path.Combine(PowerFolder, "supervisor"));
    }

    /// <summary>The lock when it is free now; null when somebody is switching.</summary>
    internal FileStream? TryLock()
    {
        Directory.CreateDirectory(PowerFolder);
        try
        {
            return new FileStream(Path.Combine(PowerFolder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void RequestStart(string when)
    {
        Directory.CreateDirectory(PowerFolder);
        Replace("start", when);
    }

    private static ProcessIdentity Own() => ProcessIdentity.Find(Environment.ProcessId)!.Value;

    private async Task<int> EndAllAsync(TimeSpan limit, CancellationToken cancel)
    {
        string file = Path.Combine(PowerFolder, "supervisor");
        ProcessIdentity? supervisor = Supervisor;
        bool lost = supervisor is { IsAlive: false };
        var tree = new ProcessTree(lost ? null : supervisor, Marker);
        if (supervisor is not null && supervisor != Own() && tree.Living().Contains(Own()))
        {
            throw new LabPowerException(
                $"This agent itself runs on {Node}, and cannot prove that it has ended. Call it from another node.");
        }

        (int killed, ImmutableArray<ProcessIdentity> survivors) = await tree.KillAsync(limit, cancel).ConfigureAwait(false);
        ThrowIfAny(survivors);
        return !lost ? killed : throw new LabPowerException(
            $"The supervisor of {Node} (process {supervisor!.Value.Pid}) is gone, and what it held may have found another parent: "
                + $"{killed} processes with the node's mark were "
            + $"ended, but that these were all cannot be proven. Check for yourself, then delete '{file}'.");
    }

    private void ThrowIfAny(ImmutableArray<ProcessIdentity> survivors)
    {
        if (!survivors.IsEmpty)
        {
            throw new LabPowerException(
                $"Processes of {Node} live on: {string.Join(", ", survivors.Select(static process => process.Pid))}.");
        }
    }

    private async Task InjectFaultsAsync(string device, CancellationToken cancel)
    {
        if (ReadFile(Path.Combine(PowerFolder, $"slow-{device}")) is { } text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds))
        {
            await Task.Delay(milliseconds, cancel).ConfigureAwait(false);
        }

        if (File.Exists(Path.Combine(PowerFolder, $"fail-{device}")))
        {
            throw new LabPowerException($"Feed {device} of {Node} was told to fail (file 'fail-{device}').");
        }
    }

    private async Task<FileStream> LockAsync(TimeSpan limit, CancellationToken cancel)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            if (TryLock() is { } held)
            {
                return held;
            }

            if (Environment.TickCount64 >= deadline)
            {
                throw new TimeoutException(
                    $"The power of {Node} is being switched by another agent, for longer than {limit.TotalSeconds:0.#} s.");
            }

            await Task.Delay(LockRetry, cancel).ConfigureAwait(false);
        }
    }

    private string FeedFile(string device) =>
        device.Length > 0 && device.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
        ? Path.Combine(PowerFolder, $"feed-{device}")
        : throw new LabPowerException($"'{device}' is no name for a feed. Use letters, digits, '-', '_', '.' and ':'.");

    private void WriteState(bool on, long cycle) => Replace("state", $"{(on ? "on" : "off")} {cycle}");

    private void WriteIdentity(string name, ProcessIdentity process) =>
        Replace(name, $"{process.Pid} {process.StartTime} {ProcessIdentity.BootId}");

    private ProcessIdentity? ReadIdentity(string name) =>
        ReadFile(Path.Combine(PowerFolder, name))?.Split(' ') is [var pid, var start, var boot] && boot == ProcessIdentity.BootId
            ? new ProcessIdentity(int.Parse(pid, CultureInfo.InvariantCulture), long.Parse(start, CultureInfo.InvariantCulture))
            : null;

    private static string? ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // Readers see the old or the new content, never half of it.
    private void Replace(string name, string content)
    {
        string file = Path.Combine(PowerFolder, name);
        string next = $"{file}.{Environment.ProcessId}.new";
        File.WriteAllText(next, content + '\n');
        File.Move(next, file, overwrite: true);
    }
}

/// <summary>A lab node's power could not be switched, or that it was could not be proven.</summary>
public sealed class LabPowerException : Exception
{
    internal LabPowerException(string message)
        : base(message)
    {
    }
}
