using System.Collections.Immutable;
using ClusterTools.Agents;
using ClusterTools.RealAgents.Tests.Postgres;
using static ClusterTools.Agents.ResourceOperation;

namespace ClusterTools.RealAgents.Tests;

/// <summary>
/// Packaged agents doing their real work, called as the daemon calls them: probe, start, start again, monitor, a failure that comes from
/// outside,
/// stop, stop again. Each has a machine of its own: addresses, mounts and processes are the test's alone and end with it.
/// </summary>
public sealed class RealAgentTests : IAsyncLifetime
{
    private const string Nothing = ":";

    private readonly Workshop workshop = new();
    private Machine? machine;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (machine is not null)
        {
            await machine.DisposeAsync();
            // The kernel lets go of a loop device a moment after its last mount.
            await Shell.UntilAsync(
                () => workshop.Users().Length == 0, () => $"everything of the machine is gone: {string.Join(", ", workshop.Users())}");
        }

        workshop.Dispose();
    }

    [Fact]
    public async Task Dummy_lives_its_life()
    {
        await Premises.RequireAsync("Dummy");
        string state = workshop["dummy.state"];
        await LiveAsync(
            new Resource("ocf:heartbeat:Dummy", [("state", state)])
            {
                Works = $"test -f {state}", Break = $"rm {state}", Gone = $"test ! -e {state}",
            });
    }

    [Fact]
    public async Task Filesystem_lives_its_life_with_a_bind_mount()
    {
        await Premises.RequireAsync("Filesystem", "mount", "fuser", "modprobe");
        string source = workshop.Folder("source");
        workshop.Write("source/file", "content");
        string target = workshop.Folder("target");
        await LiveAsync(
            new Resource("ocf:heartbeat:Filesystem", [("device", source), ("directory", target), ("fstype", "none"), ("options", "bind")])
            {
                Works = $"grep -q content {target}/file && [ $(grep -c ' {target} ' /proc/mounts) = 1 ]", Break = $"umount {target}",
                    Gone = $"! grep ' {target} ' /proc/mounts",
            });
        // Only there: the mount never was on the machine that everybody shares.
        Assert.DoesNotContain(target, await File.ReadAllTextAsync("/proc/mounts", Shell.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filesystem_lives_its_life_with_a_loop_device_and_ends_who_uses_it()
    {
        await Premises.RequireAsync("Filesystem", "mount", "fuser", "modprobe", "mke2fs");
        string image = workshop["image"];
        string target = workshop.Folder("target");
        await Shell.RunAsync($"truncate -s 16M {image} && mke2fs -q -t ext4 {image}");
        machine = await Machine.StartAsync(workshop);
        ProcessOutcome tried = await machine.TryAsync($"mount -o loop -t ext4 {image} {target} && umount {target}");
        Assert.SkipUnless(
            tried.ExitCode == 0,
            $"THE LOOP DEVICE IS NOT TESTED: this kernel does not mount one ({tried.Output.Trim()}); a bind mount is tested.");
        await LiveAsync(
            new Resource("ocf:heartbeat:Filesystem", [("device", image), ("directory", target), ("fstype", "ext4"), ("options", "loop")])
            {
                // Once, however often it was started.
                Works = $"[ $(grep -c ' {target} ext4' /proc/mounts) = 1 ]",
                Break = $"umount {target}",
                Gone = $"! grep ' {target} ' /proc/mounts",
                // A monitor of depth 20 writes and reads a file there.
                Depth = 20,
                BreakDeeply = $"mount -o remount,ro {target}",
                MendDeeply = $"mount -o remount,rw {target}",
                // A file system is unmounted although somebody works in it: the agent ends him.
                BeforeStop = $"(cd {target} && exec setsid sleep 1000 < /dev/null > /dev/null 2>&1 &)",
            });
    }

    [Fact]
    public async Task IPaddr2_lives_its_life_in_a_network_of_its_own()
    {
        await Premises.RequireAsync("IPaddr2", "ip");
        machine = await Machine.StartAsync(
            workshop,
            boot: "ip link add here type veth peer name there; ip addr add 192.0.2.1/24 dev here; ip link set here up; ip link set there "
                + "up");
        await LiveAsync(
            new Resource("ocf:heartbeat:IPaddr2", [("ip", "192.0.2.100"), ("cidr_netmask", "24"), ("nic", "here")])
            {
                Works = "[ $(ip -o -4 addr show dev here | grep -c '192.0.2.100/24') = 1 ]",
                Break = "ip addr del 192.0.2.100/24 dev here",
                Gone = "ip -o -4 addr show | { ! grep 192.0.2.100; } && ip -o -4 addr show dev here | grep -q 192.0.2.1/24",
            });
    }

    [Fact]
    public async Task Nginx_lives_its_life_on_a_loopback_of_its_own()
    {
        await Premises.RequireAsync("nginx", "nginx", "curl");
        workshop.Folder("www");
        workshop.Write("www/index.html", "the shop");
        string state = workshop.Write("www/state", "open");
        string log = workshop["nginx.log"];
        string configuration = workshop.Write("nginx.conf", $$"""
            user root;
            worker_processes 1;
            pid {{workshop["nginx.pid"]}};
            error_log {{log}};
            events { worker_connections 16; }
            http {
              access_log off;
              client_body_temp_path {{workshop["body"]}}; proxy_temp_path {{workshop["proxy"]}}; fastcgi_temp_path {{workshop["fastcgi"]}};
              uwsgi_temp_path {{workshop["uwsgi"]}}; scgi_temp_path {{workshop["scgi"]}};
              server { listen 127.0.0.1:80; root {{workshop["www"]}}; }
            }
            """);
        await LiveAsync(
            new Resource(
                "ocf:heartbeat:nginx",
                [
                    ("httpd", Premises.Find("nginx")!), ("configfile", configuration), ("status10url", "http://127.0.0.1/state"),
                    ("status10regex", "open")])
            {
                Works = "[ \"$(curl -s http://127.0.0.1/)\" = 'the shop' ] && [ $(pgrep -c -f '[n]ginx: master') = 1 ]",
                Break = "pkill -9 nginx; while pgrep nginx; do sleep 0.05; done",
                Gone = "! pgrep nginx",
                Depth = 10,
                // It answers, but not as it should.
                BreakDeeply = $"echo closed > {state}",
                MendDeeply = $"echo open > {state}",
            });
    }

    [Fact]
    public async Task Pgsql_lives_its_life()
    {
        await PostgresStorage.RequireAsync();
        PostgresStorage storage = await PostgresStorage.CreateAsync(workshop, "machine");
        machine = await Machine.StartAsync(workshop, "machine", storage.Boot("machine"), storage.Environment);
        string psql = $"{PostgresStorage.Programs}/psql -XqAt -U {PostgresStorage.User} -h {workshop["socket"]} -d postgres";
        string first = $"head -n 1 {storage.Data}/postmaster.pid";
        await LiveAsync(
            new Resource(PostgresStorage.Agent, [.. storage.Parameters.Select(static p => (p.Key, p.Value))])
            {
                Works = $"{psql} -c 'show cluster_name' | grep -q machine && [ $(pgrep -P 1 -c postgres) = 1 ]",
                Break = $"kill -9 $({first}); while pgrep postgres; do sleep 0.05; done",
                Gone = $"! pgrep postgres && test ! -e {storage.Data}/postmaster.pid",
            });
    }

    [Fact]
    public async Task The_init_script_of_nginx_lives_its_life_on_a_loopback_of_its_own()
    {
        const string script = "/etc/init.d/nginx";
        Assert.SkipUnless(File.Exists(script)
            && File.Exists("/etc/nginx/nginx.conf"),
            "lsb:nginx IS NOT TESTED WITH THE REAL SCRIPT: it is not installed (package nginx-light).");
        await Premises.RequireAsync("nginx", "nginx", "curl");
        // Where the script and the packaged configuration write is the machine's own.
        machine =
            await Machine.StartAsync(
                workshop, boot: "for d in /run /var/log/nginx /var/lib/nginx; do [ ! -d $d ] || mount -t tmpfs none $d; done");
        await LiveAsync(
            new Resource("lsb:nginx", [])
            {
                Works = "curl -s -o /dev/null http://127.0.0.1/ && [ $(pgrep -c -f '[n]ginx: master') = 1 ]",
                // Its pid file is left, which is a failure of its own in the standard.
                Break = "pkill -9 nginx; while pgrep nginx; do sleep 0.05; done; test -e /run/nginx.pid",
                Gone = "! pgrep nginx",
            });
    }

    /// <summary>All of it, twice: after the failure from outside it must come to life again.</summary>
    private async Task LiveAsync(Resource resource)
    {
        machine ??= await Machine.StartAsync(workshop);
        await IsAsync(resource, Probe, ResourceStatus.Stopped);
        await IsAsync(resource, Stop, ResourceStatus.Stopped);
        await IsAsync(resource, Start, ResourceStatus.Running);
        await machine.ShellAsync(resource.Works);
        await IsAsync(resource, ResourceOperation.Monitor, ResourceStatus.Running);
        await IsAsync(resource, Start, ResourceStatus.Running);
        await machine.ShellAsync(resource.Works);
        await IsAsync(resource, Probe, ResourceStatus.Running);
        if (resource.Depth > 0)
        {
            Resource deep = resource with { Parameters = [.. resource.Parameters, ("OCF_CHECK_LEVEL", $"{resource.Depth}")] };
            await IsAsync(deep, ResourceOperation.Monitor, ResourceStatus.Running);
            await machine.ShellAsync(resource.BreakDeeply);
            await IsAsync(resource, ResourceOperation.Monitor, ResourceStatus.Running);
            await IsAsync(deep, ResourceOperation.Monitor, ResourceStatus.Failed);
            await machine.ShellAsync(resource.MendDeeply);
            await IsAsync(deep, ResourceOperation.Monitor, ResourceStatus.Running);
        }

        await machine.ShellAsync(resource.Break);
        ResourceResult broken = await machine.RunAsync(resource.Agent, ResourceOperation.Monitor, resource.Dictionary);
        Assert.True(broken.Status is ResourceStatus.Stopped
            or ResourceStatus.Failed, $"A failure from outside was not seen: {broken.Message}");
        // As the cluster recovers it.
        await IsAsync(resource, Stop, ResourceStatus.Stopped);
        await IsAsync(resource, Start, ResourceStatus.Running);
        await machine.ShellAsync(resource.Works);
        await machine.ShellAsync(resource.BeforeStop);
        await IsAsync(resource, Stop, ResourceStatus.Stopped);
        await machine.ShellAsync(resource.Gone);
        await IsAsync(resource, Stop, ResourceStatus.Stopped);
        await IsAsync(resource, ResourceOperation.Monitor, ResourceStatus.Stopped);
        await IsAsync(resource, Probe, ResourceStatus.Stopped);
    }

    private async Task IsAsync(Resource resource, ResourceOperation operation, ResourceStatus status)
    {
        ResourceResult result = await machine!.RunAsync(resource.Agent, operation, resource.Dictionary);
        Assert.True(result.Status == status
            && !result.TimedOut, $"{operation} of {resource.Agent} was to give {status} and gave {result.Status}: {result.Message}");
        Assert.True(result.Success || operation is Probe or ResourceOperation.Monitor, result.Message);
    }

    /// <summary>A resource, and shell scripts that look at it and break it from outside.</summary>
    private sealed record Resource(string Agent, ImmutableArray<(string Name, string Value)> Parameters)
    {
        /// <summary>Succeeds while it does its work.</summary>
        public required string Works { get; init; }

        public required string Break { get; init; }

        /// <summary>Succeeds when nothing of it is left.</summary>
        public required string Gone { get; init; }

        /// <summary>A depth of monitoring that sees more (OCF_CHECK_LEVEL); 0: none.</summary>
        public int Depth { get; init; }

        /// <summary>Breaks it so that only the deep monitor sees it.</summary>
        public string BreakDeeply { get; init; } = Nothing;

        public string MendDeeply { get; init; } = Nothing;

        public string BeforeStop { get; init; } = Nothing;

        public ImmutableSortedDictionary<string, string> Dictionary =>
            ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal, Parameters.Select(static p => KeyValuePair.Create(p.Name, p.Value)));
    }
}
