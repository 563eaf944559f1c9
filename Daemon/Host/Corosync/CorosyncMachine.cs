using ClusterTools.Agents;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Host.Corosync;

/// <summary>Corosync on this machine: its package, its files, its program.</summary>
internal static class CorosyncMachine
{
    internal const string SystemControl = "/usr/bin/systemctl";

    private const string Program = "/usr/sbin/corosync";
    private const string Control = "/usr/sbin/corosync-cfgtool";
    private const string Map = "/usr/sbin/corosync-cmapctl";
    private const string AptGet = "/usr/bin/apt-get";

    /// <summary>What was there before a cluster of ours, beside each file.</summary>
    private const string Before = ".before-clusterd";

    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(15);
    internal static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Whether systemd runs here.</summary>
    public static bool HasSystemd => Directory.Exists("/run/systemd/system");

    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="InvalidDataException">It is not one of ours; names the line.</exception>
    public static CorosyncSettings ReadSettings()
    {
        CorosyncReading reading = CorosyncFiles.ReadSettings(CorosyncSettings.DefaultFile);
        return reading.Settings ?? throw new InvalidDataException(string.Join(" ", reading.Problems.Take(3)));
    }

    /// <summary>Has corosync read its file anew, on all machines: each reads its own.</summary>
    /// <returns>Why it does not; null: it does.</returns>
    public static async Task<string?> ReloadAsync(CancellationToken cancellationToken) =>
        await RunAsync(Control, ["-R"], Limit, cancellationToken).ConfigureAwait(false);

    /// <summary>Installs Debian's package where corosync is missing.</summary>
    /// <exception cref="InvalidDataException">It is missing and can't be installed; says what to do.</exception>
    public static Task InstallAsync(Action<string> say, CancellationToken cancellationToken) =>
        InstallAsync("corosync", Program, say, cancellationToken);

    /// <summary>Installs one of Debian's packages of corosync where its program is missing.</summary>
    /// <exception cref="InvalidDataException">It is missing and can't be installed; says what to do.</exception>
    internal static async Task InstallAsync(string package, string program, Action<string> say, CancellationToken cancellationToken)
    {
        if (File.Exists(program))
        {
            return;
        }

        if (!File.Exists(AptGet))
        {
            throw new InvalidDataException($"{package} is not installed. Install it in this system's own way, and run the command again.");
        }

        say($"Installing {package}.");
        string[] install =
            ["-o", "DPkg::Lock::Timeout=400", "-qq", "-y", "--no-install-recommends", "install", package];
        if (await RunAsync(AptGet, install, InstallLimit, cancellationToken).ConfigureAwait(false) is not null)
        {
            // Most often the lists of packages are old or not there.
            string[] update = ["-o", "DPkg::Lock::Timeout=400", "-qq", "update"];
            await RunAsync(AptGet, update, InstallLimit, cancellationToken).ConfigureAwait(false);
            if (await RunAsync(AptGet, install, InstallLimit, cancellationToken).ConfigureAwait(false) is { } trouble)
            {
                throw new InvalidDataException(
                    $"{package} could not be installed: {trouble} Install it by hand, and run the command again.");
            }
        }
    }

    /// <summary>Writes its files; what was there is kept beside them.</summary>
    public static void WriteFiles(CorosyncSettings settings, AuthKey key)
    {
        Keep(CorosyncSettings.DefaultFile);
        Keep(settings.KeyFile);
        CorosyncFiles.WriteKey(settings.KeyFile, key);
        CorosyncFiles.WriteSettings(CorosyncSettings.DefaultFile, settings);
    }

    /// <summary>Starts it anew with the files that are there now, and at each boot where systemd runs.</summary>
    /// <exception cref="InvalidDataException">It does not start; says why.</exception>
    public static async Task StartAsync(CancellationToken cancellationToken)
    {
        string? trouble;
        if (HasSystemd)
        {
            trouble = await RunAsync(SystemControl, ["enable", "corosync"], Limit, cancellationToken).ConfigureAwait(false)
                ?? await RunAsync(SystemControl, ["restart", "corosync"], Limit, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // It goes into the background by itself once its configuration is read.
            trouble = await RunAsync(Program, [], Limit, cancellationToken).ConfigureAwait(false);
        }

        if (trouble is not null)
        {
            throw new InvalidDataException($"Corosync does not start: {trouble} Its own log says more (journalctl -u corosync).");
        }
    }

    /// <summary>Has it leave the ring in good order and end, and keeps it and the daemon from starting at boot, by systemd.</summary>
    /// <returns>Why it does not; null: it does.</returns>
    public static async Task<string?> StopForGoodAsync(CancellationToken cancellationToken)
    {
        if (HasSystemd)
        {
            // Not waited for: systemd stops this daemon first, which is at its end anyway.
            return await RunAsync(
                SystemControl, ["disable", "--now", "--no-block", MachineStart.Unit, "corosync"], Limit, cancellationToken)
                .ConfigureAwait(false);
        }

        await ArbiterClient.StopAsync(cancellationToken).ConfigureAwait(false);
        return await RunAsync(Control, ["-H", "--force"], Limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the ring of this machine's corosync has a node.</summary>
    public static async Task<bool> IsInRingAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            ProcessOutcome outcome = await ProcessRunner.RunAsync(
                Request(Map, ["-g", $"runtime.members.{id}.status"], Limit), cancellationToken).ConfigureAwait(false);
            return outcome.ExitCode == 0 && outcome.Output.Contains("joined", StringComparison.Ordinal);
        }
        catch (ProcessStartException)
        {
            return false;
        }
    }

    private static void Keep(string path)
    {
        if (File.Exists(path) && !File.Exists(path + Before))
        {
            File.Copy(path, path + Before);
        }
    }

    /// <returns>What went wrong; null: nothing.</returns>
    internal static async Task<string?> RunAsync(string file, string[] arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            ProcessOutcome outcome =
                await ProcessRunner.RunAsync(Request(file, arguments, limit), cancellationToken).ConfigureAwait(false);
            return outcome.ExitCode == 0 ? null
                : $"'{string.Join(' ', [Path.GetFileName(file), .. arguments])}' returned "
                    + $"{outcome.ExitCode?.ToString() ?? "nothing"}: {outcome.Output.Trim()}";
        }
        catch (ProcessStartException e)
        {
            return e.Message;
        }
    }

    private static ProcessRequest Request(string file, string[] arguments, TimeSpan limit) => new()
    {
        FileName = file,
        Arguments = [.. arguments],
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ["DEBIAN_FRONTEND"] = "noninteractive",
        },
        Timeout = limit,
        // Services that outlive this program.
        StartsServices = true,
    };
}
