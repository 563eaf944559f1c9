using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ClusterTools.Engines.Corosync.Settings;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>
/// Several machines with the distribution's corosync: a network namespace each, joined by bridges in one more, so that the cable of each
/// can be put into another bridge. Wants root; nothing is made outside of these namespaces but files in a folder of its own.
/// </summary>
public sealed partial class CorosyncNetwork : IAsyncLifetime
{
    private const int NewNetwork = 0x40000000;
    private const int MostSides = 4;

    private readonly TemporaryFolder folder = new();
    private readonly List<CorosyncMachine> machines = [];
    private CorosyncMachine? cables;

    /// <summary>The machines, in the order of their node ids.</summary>
    public static IReadOnlyList<string> Names { get; } = ["a", "b", "c", "d"];

    /// <summary>Longer than a loaded machine keeps corosync from its work.</summary>
    public static CorosyncTiming Timing { get; } = new() { Token = 1000, TokenCoefficient = 0 };

    public async ValueTask InitializeAsync()
    {
        cables = await CorosyncMachine.StartAsync("cables", "-c", Bridges());
        var settings = new CorosyncSettings
        {
            ClusterName = "contract",
            Timing = Timing,
            Nodes = [.. Names.Select((name, at) => new CorosyncNode { Name = name, Id = at + 1, Addresses = [Address(at)] })],
            LogToSyslog = false,
            LogFile = null,
        };
        AuthKey key = AuthKey.Create();
        foreach (string name in Names)
        {
            string own = Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;
            Directory.CreateDirectory(Path.Combine(own, "etc"));
            CorosyncFiles.WriteSettings(Path.Combine(own, "etc", "corosync.conf"), settings);
            CorosyncFiles.WriteKey(Path.Combine(own, "etc", "authkey"), key);
            machines.Add(await CorosyncMachine.StartAsync(name, Path.Combine(AppContext.BaseDirectory, "node.sh"), own));
        }

        foreach ((CorosyncMachine machine, int at) in machines.Select((m, i) => (m, i)))
        {
            await InCablesAsync(
                "ip", "link", "add", Cable(machine.Name), "type", "veth", "peer", "name", "eth0", "netns", Text(machine.Process));
            await RunAsync("nsenter", "--target", Text(machine.Process), "--net", "ip", "addr", "add", Address(at) + "/24", "dev", "eth0");
            await RunAsync("nsenter", "--target", Text(machine.Process), "--net", "ip", "link", "set", "eth0", "up");
            await InCablesAsync("ip", "link", "set", Cable(machine.Name), "master", "side0", "up");
        }

        foreach (CorosyncMachine machine in machines)
        {
            await machine.DoAsync("start");
        }
    }

    /// <summary>From now on only the machines of one side reach each other; no sides: all do.</summary>
    public async Task CutAsync(params string[][] sides)
    {
        foreach (string name in Names)
        {
            int side = Math.Max(0, Array.FindIndex(sides, s => s.Contains(name)));
            await InCablesAsync("ip", "link", "set", Cable(name), "master", $"side{side}");
        }
    }

    /// <summary>The thread that calls this belongs to a machine's network from now on.</summary>
    public void Enter(string name)
    {
        using SafeFileHandle network = File.OpenHandle($"/proc/{machines[Index(name)].Process}/ns/net");
        if (SetNamespace(network, NewNetwork) != 0)
        {
            throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>A word for the machine: start, stop, continue or end its corosync.</summary>
    public Task DoAsync(string name, string word) => machines[Index(name)].DoAsync(word);

    public async ValueTask DisposeAsync()
    {
        foreach (CorosyncMachine machine in machines)
        {
            await machine.DisposeAsync();
        }

        if (cables is not null)
        {
            await cables.DisposeAsync();
        }

        folder.Dispose();
    }

    private static int Index(string name) => Names.ToList().IndexOf(name);

    private static string Address(int at) => $"10.77.0.{at + 1}";

    private static string Cable(string name) => $"to-{name}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Bridges() =>
        "set -e; "
            + string.Concat(Enumerable.Range(0, MostSides).Select(i =>
                $"ip link add side{i} type bridge forward_delay 0 stp_state 0; ip link set side{i} up; "))
            + "echo ready; read -r word || true";

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} returned {process.ExitCode}: {errors}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle descriptor, int kind);

    private Task InCablesAsync(params string[] command) =>
        RunAsync("nsenter", ["--target", Text(cables!.Process), "--net", .. command]);
}
