using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ClusterTools.Engines.Corosync.Settings;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>
/// Several machines with the distribution's corosync: namespaces for each, joined by bridges in one more, so that the cable of each can be
/// put into another bridge. Wants root; nothing is made outside of these namespaces but files in a folder of its own.
/// </summary>
public sealed partial class CorosyncNetwork : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000;
    private const int MostSides = 4;

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, CorosyncMachine> machines = [];
    private readonly IReadOnlyList<string> names;
    private readonly bool isWhole;
    private CorosyncMachine? cables;

    /// <summary>Four machines, as far as network and mounts go; their processes are this machine's.</summary>
    public CorosyncNetwork()
        : this(["a", "b", "c", "d"], isWhole: false)
    {
    }

    /// <summary>A folder of programs that whole machines have besides; null: none.</summary>
    internal string? Programs { get; init; }

    /// <summary>The machines know of no cluster: corosync has no configuration there, and does not run.</summary>
    internal bool IsBare { get; init; }

    /// <summary>
    /// Whole machines have a <see cref="LosingDisk"/> with what is in <see cref="Disk"/> when the network begins; else that folder itself,
    /// which loses nothing.
    /// </summary>
    internal bool HasDisks { get; init; }

    /// <summary>What corosync is told of times.</summary>
    internal CorosyncTiming Times { get; init; } = Timing;

    /// <summary>Machines of these names, in the order of their node ids.</summary>
    /// <param name="names">One letter or more.</param>
    /// <param name="isWhole">Each has processes of its own, and its power can be cut.</param>
    internal CorosyncNetwork(IReadOnlyList<string> names, bool isWhole)
    {
        this.names = names;
        this.isWhole = isWhole;
    }

    /// <summary>Longer than a loaded machine keeps corosync from its work.</summary>
    public static CorosyncTiming Timing { get; } = CorosyncTiming.Of(1000);

    /// <summary>Why there can be no such machines here; null: there can.</summary>
    public static string? Obstacle { get; } =
        !Environment.IsPrivilegedProcess ? "Namespaces can't be made; run the tests as root."
        : !File.Exists("/usr/sbin/corosync") ? "Corosync is not installed (package corosync)."
        : null;

    public async ValueTask InitializeAsync()
    {
        if (Obstacle is not null)
        {
            return;
        }

        cables = await CorosyncMachine.StartAsync("cables", isWhole: false, "-c", Bridges());
        var settings = new CorosyncSettings
        {
            ClusterName = "test",
            Timing = Times,
            Nodes = [.. names.Select((name, at) => new CorosyncNode { Name = name, Id = at + 1, Addresses = [Address(name)] })],
            LogToSyslog = false,
            LogFile = null,
        };
        AuthKey key = AuthKey.Create();
        foreach (string name in names)
        {
            string etc = Directory.CreateDirectory(Path.Combine(HasDisks ? Disk(name) : Path.Combine(folder.Path, name), "etc")).FullName;
            if (!IsBare)
            {
                CorosyncFiles.WriteSettings(Path.Combine(etc, "corosync.conf"), settings);
                CorosyncFiles.WriteKey(Path.Combine(etc, "authkey"), key);
            }

            if (HasDisks)
            {
                await LosingDisk.MakeAsync(Image(name), Disk(name));
            }

            await BootAsync(name);
        }
    }

    /// <summary>A machine comes up, and its corosync with it.</summary>
    public async Task BootAsync(string name)
    {
        string[] script = [Path.Combine(AppContext.BaseDirectory, "corosync-machine.sh"), Path.Combine(folder.Path, name)];
        if (HasDisks)
        {
            await LosingDisk.FreeAsync(Image(name));
        }

        CorosyncMachine machine = await CorosyncMachine.StartAsync(name, isWhole, isWhole ? [.. script, name, Programs ?? ""] : script);
        machines[name] = machine;
        await PlugInAsync(name, "eth0", Address(name), Cable(name), "side0");
        if (!IsBare)
        {
            await machine.DoAsync("start");
        }
    }

    /// <summary>A card of a machine is joined to a bridge by a cable; both are there as long as the machine has power.</summary>
    internal async Task PlugInAsync(string name, string card, string address, string cable, string bridge)
    {
        await InCablesAsync("ip", "link", "add", cable, "type", "veth", "peer", "name", card, "netns", Text(machines[name].Process));
        await OnNetworkOfAsync(name, "ip", "addr", "add", address + "/24", "dev", card);
        await OnNetworkOfAsync(name, "ip", "link", "set", card, "up");
        await InCablesAsync("ip", "link", "set", cable, "master", bridge, "up");
    }

    /// <summary>A machine's power is cut.</summary>
    public async Task CutPowerAsync(string name)
    {
        using (LosingDisk? disk = HasDisks ? LosingDisk.Hold(Root(name)) : null)
        {
            await machines[name].CutPowerAsync();
            disk?.Lose();
        }

        await machines[name].DisposeAsync();
        machines.Remove(name);
        try
        {
            // It goes with the machine's network, but not at once.
            await InCablesAsync("ip", "link", "del", Cable(name));
        }
        catch (InvalidOperationException)
        {
            // It has gone.
        }
    }

    /// <summary>The address of a machine.</summary>
    public string Address(string name) => $"10.77.0.{names.ToList().IndexOf(name) + 1}";

    /// <summary>A program that is run on a machine.</summary>
    public ProcessStartInfo On(string name, params string[] command) => new(
        "nsenter",
        ["--target", Text(machines[name].Process), "--mount", "--net", "--pid", "--ipc", "--uts", "--wd=/", .. command]);

    /// <summary>A program that is run beside the machines, on the network that joins them.</summary>
    internal ProcessStartInfo Outside(params string[] command) => new("nsenter", ["--target", Text(cables!.Process), "--net", .. command]);

    /// <summary>A machine's files, as they are seen from outside; they go with its power unless they are on a disk.</summary>
    internal string Root(string name) => $"/proc/{machines[name].Process}/root";

    /// <summary>What a whole machine has on its disk below /var/lib.</summary>
    internal string Disk(string name) => Path.Combine(folder.Path, name, "var");

    private string Image(string name) => Path.Combine(folder.Path, name, "disk");

    /// <summary>What a machine's corosync has said, all its lives.</summary>
    internal string Log(string name) => Path.Combine(folder.Path, name, "corosync.out");

    /// <summary>From now on only the machines of one side reach each other; no sides: all do.</summary>
    public async Task CutAsync(params string[][] sides)
    {
        foreach ((string name, CorosyncMachine machine) in machines.ToArray())
        {
            int side = Math.Max(0, Array.FindIndex(sides, s => s.Contains(name)));
            await UnlessOffAsync(machine, InCablesAsync("ip", "link", "set", Cable(name), "master", $"side{side}"));
        }
    }

    /// <summary>
    /// What one machine sends to another is lost from now on, while it hears that other as before: it sends to a card that nobody has.
    /// </summary>
    public Task LoseAsync(string from, string to) => OnNetworkOfAsync(
        from, "ip", "neigh", "replace", Address(to), "lladdr", "02:54:00:77:ff:ff", "dev", "eth0", "nud", "permanent");

    /// <summary>Nothing is lost any more.</summary>
    public async Task LoseNothingAsync()
    {
        foreach (CorosyncMachine machine in machines.Values.ToArray())
        {
            await UnlessOffAsync(machine, InAsync(machine, ["ip", "neigh", "flush", "dev", "eth0", "nud", "permanent"]));
        }
    }

    /// <summary>
    /// What has entered a machine by <see cref="On"/> and stopped with what it started there goes on, and that with it.
    /// </summary>
    public Task ContinueAsync(string name) => machines[name].ContinueAsync();

    /// <summary>The thread that calls this belongs to a machine's network from now on.</summary>
    public void Enter(string name) => Enter(machines[name]);

    /// <summary>The thread that calls this belongs to the network that joins the machines, with an address of its own there.</summary>
    internal void EnterOutside() => Enter(cables!);

    private static void Enter(CorosyncMachine machine)
    {
        using SafeFileHandle network = File.OpenHandle($"/proc/{machine.Process}/ns/net");
        if (SetNamespace(network, NewNetwork) != 0)
        {
            throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>A word for the machine: start, stop, continue or end its corosync.</summary>
    public Task DoAsync(string name, string word) => machines[name].DoAsync(word);

    public async ValueTask DisposeAsync()
    {
        foreach (CorosyncMachine machine in machines.Values)
        {
            await machine.DisposeAsync();
        }

        if (cables is not null)
        {
            await cables.DisposeAsync();
        }

        folder.Dispose();
    }

    private static string Cable(string name) => $"to-{name}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // With an address of its own: one that takes the lowest of its ports' is another one to everybody when a machine boots.
    private static string Bridges() =>
        "set -e; "
            + string.Concat(Enumerable.Range(0, MostSides).Select(i =>
                $"ip link add side{i} address 02:54:00:77:00:0{i} type bridge forward_delay 0 stp_state 0; ip link set side{i} up; "))
            + "ip addr add 10.77.0.254/24 dev side0; echo ready; read -r word || true";

    internal static async Task RunAsync(string program, params string[] arguments)
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

    private Task InCablesAsync(params string[] command) => InAsync(cables!, command);

    private Task OnNetworkOfAsync(string name, params string[] command) => InAsync(machines[name], command);

    /// <summary>A machine's power may be cut at any moment, and its network goes with it.</summary>
    private static async Task UnlessOffAsync(CorosyncMachine machine, Task work)
    {
        try
        {
            await work;
        }
        catch (InvalidOperationException)
        {
            await machine.EndedAsync();
        }
    }

    private static Task InAsync(CorosyncMachine machine, string[] command) =>
        RunAsync("nsenter", ["--target", Text(machine.Process), "--net", .. command]);
}
