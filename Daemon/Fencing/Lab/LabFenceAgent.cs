using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;

namespace ClusterTools.Fencing.Lab;

/// <summary>The lab's fence agent: the standard protocol in front of <see cref="LabPower"/>.</summary>
public static class LabFenceAgent
{
    private const int InputLimit = 64 * 1024;
    private const int ExitDone = 0;
    private const int ExitFailed = 1;
    private const int ExitOff = 2;

    /// <summary>What the agent answers to <c>metadata</c>.</summary>
    public const string Metadata = """
        <?xml version="1.0" ?>
        <resource-agent name="fence_lab" shortdesc="Fence agent of the ClusterTools lab">
        <longdesc>A stand-in for a power switch, for the lab alone, where every node is a group of processes on one machine. It is not a power switch: it kills all
        processes below the node's supervisor, double-forked daemons included, and reports success only after it has looked and found none of them alive. It
        cuts off no machine, no disk and no network.

        For tests, a file power/fail-DEVICE in the node's folder makes off fail, and power/slow-DEVICE holds the milliseconds by which off is late.</longdesc>
        <vendor-url></vendor-url>
        <parameters>
          <parameter name="action" unique="0" required="1">
            <content type="string" default="reboot" />
            <shortdesc lang="en">Fencing action: on, off, reboot, status, monitor or metadata</shortdesc>
          </parameter>
          <parameter name="lab" unique="0" required="1">
            <content type="string" />
            <shortdesc lang="en">The lab's folder</shortdesc>
          </parameter>
          <parameter name="plug" unique="0" required="1">
            <content type="string" />
            <shortdesc lang="en">The lab node</shortdesc>
          </parameter>
          <parameter name="device" unique="0" required="1">
            <content type="string" />
            <shortdesc lang="en">The power feed of the node that is switched</shortdesc>
          </parameter>
          <parameter name="feeds" unique="0" required="0">
            <content type="string" />
            <shortdesc lang="en">All feeds of the node, separated by commas; it loses its power when the last of them goes off (default: device alone)</shortdesc>
          </parameter>
          <parameter name="power_timeout" unique="0" required="0">
            <content type="second" default="10" />
            <shortdesc lang="en">Seconds within which all processes must have ended</shortdesc>
          </parameter>
        </parameters>
        <actions>
          <action name="on" automatic="0" />
          <action name="off" />
          <action name="reboot" />
          <action name="status" />
          <action name="monitor" />
          <action name="metadata" />
        </actions>
        </resource-agent>
        """;

    /// <summary>Reads the call from standard input, does it and returns the exit code: 0 done or on, 2 off (status), 1 failed.</summary>
    public static async Task<int> RunAsync(TextReader stdin, TextWriter stdout, TextWriter stderr, CancellationToken cancel = default)
    {
        try
        {
            ImmutableDictionary<string, string> call = await ReadAsync(stdin, cancel).ConfigureAwait(false);
            return await DoAsync(call, stdout, cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is LabPowerException or TimeoutException or IOException or UnauthorizedAccessException
            or ArgumentException or FormatException)
        {
            await stderr.WriteLineAsync($"fence_lab: {error.Message}").ConfigureAwait(false);
            return ExitFailed;
        }
        catch (OperationCanceledException)
        {
            await stderr.WriteLineAsync("fence_lab: ended before it was done").ConfigureAwait(false);
            return ExitFailed;
        }
    }

    private static async Task<int> DoAsync(ImmutableDictionary<string, string> call, TextWriter stdout, CancellationToken cancel)
    {
        string action = call.GetValueOrDefault("action", "reboot");
        if (action == "metadata")
        {
            await stdout.WriteLineAsync(Metadata).ConfigureAwait(false);
            return ExitDone;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new LabPowerException("The lab's fence agent needs Linux.");
        }

        string lab = Required(call, "lab");
        PrivateFolder.Check(lab);
        var power = new LabPower(lab, Required(call, "plug"));
        if (!Directory.Exists(power.NodeFolder))
        {
            throw new LabPowerException($"There is no node {power.Node} in the lab '{lab}': its folder '{power.NodeFolder}' is missing.");
        }

        string device = Required(call, "device");
        ImmutableArray<string> feeds =
        [
            .. call.GetValueOrDefault("feeds", device).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ];
        if (!feeds.Contains(device))
        {
            throw new LabPowerException(
                $"feeds ({string.Join(", ", feeds)}) does not name device {device}. Name all feeds of {power.Node} in it.");
        }

        TimeSpan limit = TimeSpan.FromSeconds(
            double.Parse(call.GetValueOrDefault("power_timeout", "10"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
        switch (action)
        {
            case "off":
                await stdout.WriteLineAsync(await power.TurnOffAsync(device, feeds, limit, cancel).ConfigureAwait(false))
                    .ConfigureAwait(false);
                return ExitDone;
            case "on":
                await power.TurnOnAsync(device, limit, cancel).ConfigureAwait(false);
                await stdout.WriteLineAsync($"feed {device} of {power.Node} is on").ConfigureAwait(false);
                return ExitDone;
            case "reboot":
                // Alone it is the whole switch: every feed off, then every feed on.
                foreach (string feed in feeds.Where(feed => feed != device).Append(device))
                {
                    await stdout.WriteLineAsync(await power.TurnOffAsync(feed, feeds, limit, cancel).ConfigureAwait(false))
                        .ConfigureAwait(false);
                }

                foreach (string feed in feeds)
                {
                    await power.TurnOnAsync(feed, limit, cancel).ConfigureAwait(false);
                }

                return ExitDone;
            case "status":
                bool on = power.IsFeedOn(device);
                await stdout.WriteLineAsync($"feed {device} of {power.Node} is {(on ? "on" : "off")}").ConfigureAwait(false);
                return on ? ExitDone : ExitOff;
            case "monitor":
                return ExitDone;
            default:
                throw new LabPowerException($"Unknown action '{action}'. Use on, off, reboot, status, monitor or metadata.");
        }
    }

    private static string Required(ImmutableDictionary<string, string> call, string name) =>
        call.TryGetValue(name, out string? value) && value.Length > 0
            ? value
            : throw new LabPowerException($"Parameter '{name}' is missing.");

    private static async Task<ImmutableDictionary<string, string>> ReadAsync(TextReader stdin, CancellationToken cancel)
    {
        var call = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        int length = 0;
        while (await stdin.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
        {
            length += line.Length;
            if (length > InputLimit)
            {
                throw new LabPowerException($"More than {InputLimit / 1024} KiB on standard input.");
            }

            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] != '#')
            {
                call[line[..equals].Trim()] = line[(equals + 1)..].Trim();
            }
        }

        return call.ToImmutable();
    }
}
