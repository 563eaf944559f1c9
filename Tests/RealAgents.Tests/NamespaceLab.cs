using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;
using ClusterTools.Import;
using ClusterTools.Lab;

namespace ClusterTools.RealAgents.Tests;

/// <summary>
/// A lab of three nodes, each in namespaces of its own: node1 and node2 may run the one group there is, node3 only votes.
/// </summary>
internal abstract class NamespaceLab : IAsyncDisposable
{
    public const string Voter = "node3";

    private readonly LabCluster lab;
    private readonly JournalTail journal;

    /// <summary>Starts the nodes.</summary>
    /// <param name="workshop">Where all of it is kept.</param>
    /// <param name="group">Name of the group.</param>
    /// <param name="program">Script in the workshop that is called in clusterd's place and gives it namespaces.</param>
    /// <param name="environment">What agents, and that script, find in their environment besides.</param>
    protected NamespaceLab(Workshop workshop, string group, string program, ImmutableSortedDictionary<string, string> environment)
    {
        GroupName = group;
        Fence = new OutsideFence(workshop["fence.socket"]);
        ImmutableSortedDictionary<string, string> variables = environment
            .SetItem("CLUSTERD", Premises.Clusterd)
            .SetItem("TESTS", Path.Combine(AppContext.BaseDirectory, "ClusterTools.RealAgents.Tests"));
        string[] words = [.. variables.Select(static v => $"{v.Key}={v.Value}")];
        lab = LabCluster.Start(new LabOptions
        {
            Program = ["/usr/bin/env", .. words, workshop[program]],
            Configuration = Configuration(),
            Folder = workshop["lab"],
            BasePort = 0,
            Quiet = true,
            AgentEnvironment = environment,
        });
        journal = new JournalTail(lab.Folder.Node(Voter));
        Client = ClusterClient.FromContext(lab.Folder.Context, null, WireJson.Default);
    }

    public OutsideFence Fence { get; }

    public ClusterClient Client { get; }

    /// <summary>Where the group may run.</summary>
    public static ImmutableArray<string> Servers { get; } = ["node1", "node2"];

    /// <summary>Where the group was started last.</summary>
    public string Owner => Journal(0).Last(e => e.Kind == "group.started" && e.Group == GroupName).Node!;

    private string GroupName { get; }

    /// <summary>
    /// Waits until all nodes are online and gives them the group: as it is, with real agents and not with the lab's stand-ins.
    /// </summary>
    protected async Task RunAsync(GroupConfiguration group)
    {
        try
        {
            foreach (string node in (string[])[.. Servers, Voter])
            {
                await JournalAsync(e => e.Kind == "node.online" && e.Node == node);
            }

            (string json, long version) = await Client.GetConfigurationAsync(Shell.Cancel);
            ClusterConfiguration now =
                ConfigurationFile.Read("configuration.json", System.Text.Encoding.UTF8.GetBytes(json)).Configuration!;
            await Client.PutConfigurationAsync(
                System.Text.Encoding.UTF8.GetString(
                    ConfigurationJson.Write(
                        now with { Groups = now.Groups.Add(GroupName, group with { Name = GroupName, Domain = "servers" }) })),
                version, GroupName, Shell.Cancel);
            await JournalAsync(e => e.Kind == "group.started" && e.Group == GroupName);
        }
        catch
        {
            Print();
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>How many entries the voter's journal has now.</summary>
    public int Mark() => journal.Read().Count;

    /// <summary>What the voter's journal says after a mark.</summary>
    public IReadOnlyList<JournalEntry> Journal(int after) => [.. journal.Read().Skip(after)];

    /// <summary>Waits until the voter's journal says something.</summary>
    public async Task<JournalEntry> JournalAsync(Func<JournalEntry, bool> fits, int after = 0)
    {
        JournalEntry? entry = await journal.WaitForAsync(after, fits, Shell.Limit, Shell.Cancel);
        if (entry is null)
        {
            string lastWords = string.Join('\n', journal.Entries.TakeLast(12).Select(e => e.Message));
            string fencing = string.Join('\n', Fence.Answers);
            Assert.Fail($"The journal of {Voter} did not say it. Its last words:\n{lastWords}\nFencing:\n{fencing}");
        }

        return entry;
    }

    /// <summary>The power is cut: process 1 of the node is killed, and with it all that the node runs.</summary>
    public async Task CutPowerAsync(string node)
    {
        ProcessIdentity init = Init(node);
        Assert.True(init.Signal(9));
        await Shell.UntilAsync(() => !init.IsAlive, () => $"{node} is dead");
    }

    /// <summary>clusterd is killed alone; what it has started lives on.</summary>
    public async Task KillDaemonAsync(string node)
    {
        ProcessIdentity init = Init(node);
        ProcessIdentity daemon = Children(init.Pid).Select(static pid => ProcessIdentity.Find(pid)!.Value)
            .Single(p => File.ReadAllText($"/proc/{p.Pid}/cmdline").Contains("\0run\0--state\0", StringComparison.Ordinal));
        Assert.True(daemon.Signal(9));
        await Shell.UntilAsync(() => !daemon.IsAlive, () => $"clusterd of {node} is dead");
        Assert.True(init.IsAlive);
    }

    /// <summary>Writes what the nodes' daemons said last to standard error.</summary>
    public virtual void Print()
    {
        foreach (LabNode node in lab.Description.Nodes)
        {
            string log = lab.Folder.Log(node.Name);
            Console.Error.WriteLine(
                $"--- {node.Name}\n{(File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(60)) : "(no log)")}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await lab.DisposeAsync();
        await Fence.DisposeAsync();
    }

    private static ClusterConfiguration Configuration()
    {
        var configuration = new ClusterConfiguration
        {
            Name = "real",
            // Patient with a machine that has other things to do.
            Timing = new ClusterTiming { Token = 2000, PostJoinDelay = 60_000, QuorumLossDeadline = 30_000 },
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add("pdu", new FenceDevice { Name = "pdu", Agent = "fence_apc" }),
            // The voter is no member of the restricted domain; who runs the group keeps it.
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("servers", new FailoverDomain
            {
                Name = "servers",
                Restricted = true,
                NoFailback = true,
                Members = Servers.ToImmutableSortedDictionary(static n => n, static _ => 0, StringComparer.Ordinal),
            }),
        };
        return configuration with
        {
            Nodes = ((string[])[.. Servers, Voter]).Select(static (name, at) => new NodeConfiguration
            {
                Name = name, Id = at + 1, FenceMethods = [new FenceMethod { Name = "power", Steps = [new FenceStep { Device = "pdu" }] }],
            }).ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
        };
    }

    private static IEnumerable<int> Children(int pid) => Directory.EnumerateDirectories($"/proc/{pid}/task")
        .SelectMany(static task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static child => int.Parse(child, CultureInfo.InvariantCulture));

    /// <summary>Process 1 of a node, as it is seen from outside.</summary>
    private ProcessIdentity Init(string node)
    {
        int unshare = new LabPower(lab.Folder.Path, node).Daemon!.Value.Pid;
        return ProcessIdentity.Find(Assert.Single(Children(unshare)))!.Value;
    }
}
