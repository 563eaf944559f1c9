using System.Text.Json;
using ClusterTools.Core.Configuration;
using ClusterTools.Demos;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealAgents.Tests.Guests;

/// <summary>
/// A cluster of three hosts with libvirt and QEMU, and one guest on a disk that all of them have, without any lock on it: two copies would
/// both write, and what they write would tell. The last host answers whoever asks, and nothing befalls it.
/// </summary>
internal sealed class GuestHosts : IAsyncDisposable
{
    public const string Guest = "ticker";

    private const string Count = "pgrep -c '^qemu-system' || true";

    /// <summary>512 KiB a tick, faster than it can be sent.</summary>
    private const byte Busy = 2;

    private readonly Workshop workshop;

    public GuestHosts(Workshop workshop)
    {
        this.workshop = workshop;
        Cluster = new MachineCluster(workshop) { BeforeDaemon = StartHostAsync };
        Ticks = new GuestTicks(workshop["guests/ticker.serial"]);
    }

    public MachineCluster Cluster { get; }

    public GuestTicks Ticks { get; }

    private static string Asked => MachineCluster.Names[^1];

    public async Task StartAsync()
    {
        await MakeGuestAsync();
        await Cluster.StartAsync(new ClusterConfiguration
        {
            Name = "hosts",
            Timing = new ClusterTiming { Token = 1000, PostJoinDelay = 60_000, QuorumLossDeadline = 20_000, FlapLimit = 0 },
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(Cluster.Switch.Name, Cluster.Switch),
            Nodes = MachineCluster.Nodes(Cluster.Machines, Cluster.Switch),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("hosts", new FailoverDomain
            {
                Name = "hosts",
                Ordered = true,
                NoFailback = true,
                Members = ClusterConfiguration.Sorted<int>().Add("n1", 1).Add("n2", 2).Add("n3", 3),
            }),
            Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Guest, new GroupConfiguration
            {
                Name = Guest,
                Domain = "hosts",
                Resources =
                [
                    new ResourceConfiguration
                    {
                        Id = $"vm:{Guest}",
                        Type = "vm",
                        Agent = GuestSettings.Agent,
                        StopTimeout = 30_000,
                        Parameters = ClusterConfiguration.Sorted<string>()
                            .Add("definition", workshop["guests/ticker.xml"])
                            .Add("migration_uri", "qemu+tcp://{node}/system")
                            .Add("cache_safe", "true")
                            .Add("auto_converge", "false")
                            .Add("migration_bandwidth", "1"),
                    },
                ],
            }),
        });
    }

    /// <summary>Asks for something, and waits until that has ended.</summary>
    /// <param name="operation">Of the guest's group.</param>
    /// <param name="body">As JSON.</param>
    /// <param name="wait">Seconds.</param>
    /// <returns>Whether it went well.</returns>
    public async Task<bool> AskAsync(string operation, string body = "{}", int wait = 60)
    {
        JsonElement answer = await CallAsync($"-d '{body}' -X POST", $"groups/{Guest}/{operation}?wait={wait}");
        return answer.TryGetProperty("phase", out JsonElement phase) && phase.GetString() == "succeeded";
    }

    /// <summary>Changes a parameter of the guest; null: takes it out.</summary>
    public async Task SetAsync(string parameter, string? value)
    {
        string said = value is null ? "null" : $"\"{value}\"";
        string parameters = $$"""{ "{{parameter}}": {{said}} }""";
        string resource = $$"""{ "group": "{{Guest}}", "id": "vm:{{Guest}}", "definition": { "parameters": {{parameters}} } }""";
        string edit = $$"""{ "action": "set", "resource": {{resource}} }""";
        JsonElement answer = await CallAsync($$"""-d '{"edits":[{{edit}}]}' -X POST""", "configuration/edit?wait=30");
        Assert.True(answer.TryGetProperty("phase", out JsonElement phase) && phase.GetString() == "succeeded", $"{answer}");
    }

    /// <summary>The guest's host, once it is known to be nowhere else; null: not yet.</summary>
    public async Task<string?> HostAsync()
    {
        JsonElement guest = await CallAsync("", $"guests/{Guest}");
        return guest.TryGetProperty("phase", out JsonElement phase) && phase.GetString() == "started"
            && guest.GetProperty("activeOn").GetArrayLength() == 1
            ? guest.GetProperty("host").GetString()
            : null;
    }

    /// <summary>Waits until all hosts take part, the guest runs on one of them, and it counts on.</summary>
    /// <returns>Its host.</returns>
    public async Task<string> SettledAsync(string after)
    {
        string? host = null;
        long deadline = Environment.TickCount64 + (long)Shell.Limit.TotalMilliseconds;
        while (!Cluster.Machines.All(Cluster.IsOnline) || (host = await HostAsync()) is null)
        {
            Assert.True(Environment.TickCount64 < deadline, $"After {after} the guest does not come to rest.\n{Cluster.LastWords()}");
            foreach (string off in Cluster.Machines.Where(m => !Cluster.IsOn(m)))
            {
                await Cluster.BootAsync(off);
            }

            await Task.Delay(100, Shell.Cancel);
        }

        (int Boot, int Tick) was = Ticks.Last;
        await Shell.UntilAsync(
            () => Ticks.Last is var now && (now.Boot > was.Boot || now.Tick >= was.Tick + 10),
            () => $"after {after}: the guest counts on from {was}\n{Cluster.LastWords()}");
        string[] copies = [.. await Task.WhenAll(Cluster.Machines.Select(async m => $"{m} {await Cluster.RunAsync(m, Count)}"))];
        Assert.Equal([.. Cluster.Machines.Select(m => $"{m} {(m == host ? 1 : 0)}")], copies);
        Assert.True(Ticks.WhyTwo is null, $"After {after} there were two: {Ticks.WhyTwo}.\n{Cluster.LastWords()}");
        return host;
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private async Task<JsonElement> CallAsync(string options, string path)
    {
        string said = await Cluster.RunAsync(
            Asked,
            $"cd '{Cluster.AdministratorFolder}'; curl -sS --max-time 80 --cacert ca.pem --cert-type P12 --cert admin.pfx: "
                + $"-H 'Content-Type: application/json' {options} 'https://{Cluster.Address(Asked)}:7450/v1/{path}'");
        try
        {
            using var document = JsonDocument.Parse(said);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // It does not answer yet.
            return JsonDocument.Parse("{}").RootElement;
        }
    }

    private async Task StartHostAsync(string host)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "libvirt-host.sh");
        // The hosts know each other by name, as real ones do.
        string hosts = string.Concat(Cluster.Machines.Select(m => $"{Cluster.Address(m)} {m}\n"));
        string said = await Cluster.RunAsync(
            host,
            $"printf '{hosts}127.0.0.1 localhost\n' >/run/hosts; mount --bind /run/hosts /etc/hosts; "
                + $"setsid sh '{script}' {Cluster.Address(host)} 00000000-0000-4000-8000-00000000000{host[^1]} </dev/null "
                + $">>'{workshop[$"{host}.libvirt"]}' 2>&1 & "
                + "for i in $(seq 300); do virsh -q -c qemu:///system list >/dev/null 2>&1 && exit; sleep 0.2; done; echo no libvirt");
        Assert.Equal("", said);
    }

    private async Task MakeGuestAsync()
    {
        string folder = workshop.Folder("guests");
        await Shell.RunAsync(
            $"cd '{folder}' && as --32 -o ticker.o '{Path.Combine(AppContext.BaseDirectory, "ticker.S")}' "
                + "&& ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o ticker.disk ticker.o && rm ticker.o && truncate -s 1M ticker.disk");
        await using (FileStream disk = File.OpenWrite(Path.Combine(folder, "ticker.disk")))
        {
            disk.Seek(3, SeekOrigin.Begin);
            disk.WriteByte(Busy);
        }

        workshop.Write("guests/ticker.xml", $"""
            <domain type='qemu'>
              <name>{Guest}</name>
              <uuid>{System.Guid.NewGuid()}</uuid>
              <memory unit='MiB'>4</memory>
              <vcpu>1</vcpu>
              <os><type arch='x86_64' machine='pc'>hvm</type></os>
              <features><acpi/></features>
              <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
              <devices>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/><source file='{folder}/ticker.disk'/><target dev='hda' bus='ide'/>
                  <shareable/>
                </disk>
                <controller type='usb' model='none'/>
                <memballoon model='none'/>
                <serial type='file'><source path='{folder}/ticker.serial' append='on'/><target port='0'/></serial>
              </devices>
            </domain>
            """);
    }
}
