using System.Globalization;

namespace ClusterTools.Host.Corosync;

/// <summary>The program on this machine that asks the arbiter for its vote: corosync-qdevice(8), its package and its run.</summary>
internal static class ArbiterClient
{
    private const string Package = "corosync-qdevice";
    private const string Program = "/usr/sbin/corosync-qdevice";
    private const string RunFolder = "/run/corosync-qdevice";
    private const string ProcessFile = RunFolder + "/corosync-qdevice.pid";

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Sees that it is there and runs, at each boot where systemd does.</summary>
    /// <param name="anew">It must read its settings, even if it runs.</param>
    /// <param name="say">What is done.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="InvalidDataException">It does not start; says what to do.</exception>
    public static async Task StartAsync(bool anew, Action<string> say, CancellationToken cancellationToken)
    {
        await CorosyncMachine.InstallAsync(Package, Program, say, cancellationToken).ConfigureAwait(false);
        string? trouble;
        if (CorosyncMachine.HasSystemd)
        {
            trouble = await RunAsync(CorosyncMachine.SystemControl, ["enable", Package], cancellationToken).ConfigureAwait(false)
                ?? await RunAsync(CorosyncMachine.SystemControl, [anew ? "restart" : "start", Package], cancellationToken)
                    .ConfigureAwait(false);
        }
        else
        {
            if (anew)
            {
                await StopAsync(cancellationToken).ConfigureAwait(false);
            }

            trouble = Own() is null ? await BeginAsync(cancellationToken).ConfigureAwait(false) : null;
        }

        if (trouble is not null)
        {
            throw new InvalidDataException(
                $"The arbiter can't be asked: {trouble} With TLS this machine needs certificates first, which "
                    + "corosync-qdevice-net-certutil makes (docs/several-machines.md); its own log says more (journalctl -u "
                    + "corosync-qdevice).");
        }
    }

    /// <summary>Ends it.</summary>
    public static async Task StopAsync(CancellationToken cancellationToken)
    {
        if (CorosyncMachine.HasSystemd)
        {
            await RunAsync(CorosyncMachine.SystemControl, ["disable", "--now", Package], cancellationToken).ConfigureAwait(false);
        }
        else if (Own() is { } process)
        {
            await RunAsync("/bin/kill", ["-TERM", process.ToString(CultureInfo.InvariantCulture)], cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < 50 && Own() is not null; i++)
            {
                await Task.Delay(100, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>It goes into the background by itself before it knows whether it can do its work.</summary>
    private static async Task<string?> BeginAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(RunFolder);
        if (await RunAsync(Program, [], cancellationToken).ConfigureAwait(false) is { } trouble)
        {
            return trouble;
        }

        await Task.Delay(Settling, cancellationToken).ConfigureAwait(false);
        return Own() is null ? "corosync-qdevice has ended again." : null;
    }

    private static Task<string?> RunAsync(string file, string[] arguments, CancellationToken cancellationToken) =>
        CorosyncMachine.RunAsync(file, arguments, CorosyncMachine.Limit, cancellationToken);

    /// <summary>The process that the file names, if it is one of it.</summary>
    private static int? Own()
    {
        try
        {
            int process = int.Parse(File.ReadAllText(ProcessFile).Trim(), CultureInfo.InvariantCulture);
            return File.ReadAllText($"/proc/{process}/cmdline").Contains("corosync-qdevice", StringComparison.Ordinal) ? process : null;
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
