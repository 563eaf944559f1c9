using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ClusterTools.Agents;

namespace ClusterTools.Fencing.Lab;

/// <summary>How a lab node's supervisor works.</summary>
public sealed record LabSupervisorOptions
{
    /// <summary>The lab's folder; the node has a folder of its name in it.</summary>
    public required string LabFolder { get; init; }

    public required string Node { get; init; }

    /// <summary>The node's daemon: absolute path, then arguments.</summary>
    public required ImmutableArray<string> CommandLine { get; init; }

    /// <summary>More environment for the daemon, besides the supervisor's own.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A file that the daemon's output is appended to; null for the supervisor's own outputs.</summary>
    public string? OutputFile { get; init; }

    /// <summary>A folder within the node's that is emptied at each power-on, as /run is at boot; null for none.</summary>
    public string? RunFolder { get; init; }

    /// <summary>How long the daemon may take to end when it is asked to (SIGTERM).</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The process that starts the supervisor, as it knows itself: so that its end is noticed even before the supervisor runs. 0 for
    /// whichever that is.
    /// </summary>
    public int ParentPid { get; init; }

    /// <summary>Told each start and end of the daemon, in a sentence.</summary>
    public Action<string>? Report { get; init; }
}

/// <summary>
/// The socket that a lab node's power comes from: a process that adopts all orphans below it, starts the node's daemon when
/// there is power, and survives when the node is fenced. It needs its process for itself: it reaps every child there is, so
/// nothing else in the process may start programs.
/// </summary>
public static class LabSupervisor
{
    private static readonly TimeSpan PollWithoutDaemon = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PollWithDaemon = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    /// <summary>Works until cancelled, or until its parent ends; then asks the daemon to stop and ends everything below.</summary>
    /// <exception cref="LabPowerException">The node has a supervisor already, or something below it could not be ended.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux.</exception>
    public static async Task RunAsync(LabSupervisorOptions options, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The lab needs Linux.");
        }

        var power = new LabPower(options.LabFolder, options.Node);
        string? runFolder = options.RunFolder is null ? null : Path.GetFullPath(options.RunFolder);
        if (runFolder?.StartsWith(power.NodeFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal) == false)
        {
            throw new ArgumentException(
                $"'{runFolder}' is emptied at each power-on, and so must lie within '{power.NodeFolder}'.", nameof(options));
        }

        int parent = options.ParentPid == 0 ? LinuxNative.GetParentPid() : options.ParentPid;
        Directory.CreateDirectory(power.PowerFolder);
        LinuxNative.KeepExitedChildren();
        LinuxNative.BecomeSubreaper();
        await power.ClaimAsync(EndLimit, cancel).ConfigureAwait(false);
        using var childEnded = new SemaphoreSlim(0);
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Release(childEnded));
        int daemon = 0;
        try
        {
            long startedCycle = -1;
            while (!cancel.IsCancellationRequested && LinuxNative.GetParentPid() == parent)
            {
                daemon = Reap(daemon, options);
                bool startAsked = power.TakeStartRequest(daemonRuns: daemon != 0);
                if (daemon == 0 && power.ReadState() is { On: true } && (startAsked || power.ReadState().Cycle != startedCycle))
                {
                    // Nobody can take the power away between the look and the start.
                    using FileStream? held = power.TryLock();
                    if (held is null)
                    {
                        if (startAsked)
                        {
                            power.RequestStart();
                        }
                    }
                    else if (power.ReadState() is { On: true } state)
                    {
                        if (runFolder is not null && state.Cycle != startedCycle)
                        {
                            Empty(runFolder);
                        }

                        startedCycle = state.Cycle;
                        daemon = StartDaemon(power, options);
                    }
                }

                try
                {
                    await childEnded.WaitAsync(daemon == 0 ? PollWithoutDaemon : PollWithDaemon, cancel).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }
        }
        finally
        {
            await StopAsync(daemon, power, options, childEnded).ConfigureAwait(false);
        }
    }

    private static async Task StopAsync(int daemon, LabPower power, LabSupervisorOptions options, SemaphoreSlim childEnded)
    {
        if (daemon != 0)
        {
            _ = LinuxNative.Kill(daemon, LinuxNative.SignalTerminate);
            _ = LinuxNative.Kill(daemon, LinuxNative.SignalContinue);
            long deadline = Environment.TickCount64 + (long)options.StopLimit.TotalMilliseconds;
            while ((daemon = Reap(daemon, options)) != 0 && Environment.TickCount64 < deadline)
            {
                await childEnded.WaitAsync(PollWithoutDaemon).ConfigureAwait(false);
            }
        }

        await power.ReleaseAsync(EndLimit, CancellationToken.None).ConfigureAwait(false);
        Reap(daemon, options);
    }

    private static int StartDaemon(LabPower power, LabSupervisorOptions options)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        foreach ((string name, string value) in options.Environment)
        {
            environment[name] = value;
        }

        environment[LabPower.NodeVariable] = power.NodeFolder;
        int input = LinuxNative.OpenNull(forWriting: false);
        int output = options.OutputFile is { } file ? LinuxNative.OpenAppend(file, truncate: false) : -1;
        try
        {
            int pid = LinuxSpawn.Start(
                options.CommandLine[0], options.CommandLine[1..], environment, power.NodeFolder, input, output < 0 ? 1 : output,
                output < 0 ? 2 : output);
            power.WriteDaemon(ProcessIdentity.Find(pid)!.Value);
            options.Report?.Invoke($"{options.Node}: power is on, clusterd started as process {pid}");
            return pid;
        }
        catch (ProcessStartException error)
        {
            options.Report?.Invoke($"{options.Node}: {error.Message}");
            return 0;
        }
        finally
        {
            _ = LinuxNative.Close(input);
            if (output >= 0)
            {
                _ = LinuxNative.Close(output);
            }
        }
    }

    // Orphans of the node end up here as well, and are let go.
    private static int Reap(int daemon, LabSupervisorOptions options)
    {
        int pid;
        while ((pid = LinuxNative.WaitPid(-1, out int status, LinuxNative.WaitNoHang)) > 0)
        {
            if (pid == daemon)
            {
                daemon = 0;
                int signal = status & 0x7F;
                options.Report?.Invoke(
                    $"{options.Node}: clusterd, process {pid}, "
                        + (signal != 0 ? $"was ended by signal {signal}" : $"ended with exit code {(status >> 8) & 0xFF}"));
            }
        }

        return daemon;
    }

    private static void Empty(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
    }

    private static void Release(SemaphoreSlim semaphore)
    {
        try
        {
            semaphore.Release();
        }
        catch (ObjectDisposedException)
        {
            // A last child ended while the supervisor did.
        }
    }
}
