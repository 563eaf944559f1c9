using System.Collections.Immutable;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;

namespace ClusterTools.Lab.Tests;

/// <summary>A lab of three nodes with services that bear witness outside of the nodes.</summary>
internal sealed class TestLab : IAsyncDisposable
{
    /// <summary>Hang guard; nothing here takes near as long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, JournalTail> journals = [];
    private readonly LabCluster lab;

    private TestLab(Func<ClusterConfiguration, ClusterConfiguration> change)
    {
        Directory.CreateDirectory(folder.In("witness"));
        lab = LabCluster.Start(new LabOptions
        {
            Program = [Clusterd.Path],
            Configuration = change(Configuration()),
            Folder = folder.In("lab"),
            BasePort = 0,
            Quiet = true,
            AgentEnvironment = ImmutableSortedDictionary.Create<string,
            string>(StringComparer.Ordinal).Add("WITNESS", folder.In("witness")),
        });
        Control = new LabControl(lab.Folder);
        foreach (LabNode node in lab.Description.Nodes)
        {
            journals.Add(node.Name, new JournalTail(lab.Folder.Node(node.Name)));
        }

        Client = ClusterClient.FromContext(lab.Folder.Context, null, WireJson.Default);
    }

    public LabControl Control { get; }

    public ClusterClient Client { get; }

    /// <summary>Asks one node only.</summary>
    public ClusterClient ClientOf(Uri server)
    {
        string path = lab.Folder.Context;
        Contract.ClientContext context = ContextFile.Find(path, ContextFile.Read(path, WireJson.Default), null);
        context.Servers = [server.AbsoluteUri];
        return ClusterClient.FromContext(context, path, WireJson.Default);
    }

    /// <summary>Starts a lab and waits until its groups run at home.</summary>
    public static async Task<TestLab> StartAsync(Func<ClusterConfiguration, ClusterConfiguration>? change = null)
    {
        var started = new TestLab(change ?? (c => c));
        try
        {
            foreach (string node in started.journals.Keys)
            {
                await started.JournalAsync("node2", e => e.Kind == "node.online" && e.Node == node);
            }

            foreach (GroupConfiguration group in started.lab.Configuration.Groups.Values.Where(g => g.Autostart))
            {
                await started.JournalAsync("node2", e => e.Kind == "group.started" && e.Group == group.Name);
            }

            return started;
        }
        catch
        {
            started.PrintLogs();
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Three nodes with a power switch and a second method each; group web at home on node1, group db on node2.</summary>
    public static ClusterConfiguration Configuration()
    {
        var configuration = new ClusterConfiguration
        {
            Name = "test",
            // Patient with a machine that has other things to do.
            Timing = new() { Token = 2000, PostJoinDelay = 60_000, QuorumLossDeadline = 10_000 },
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>()
                .Add("pdu", new FenceDevice { Name = "pdu", Agent = "fence_apc" })
                .Add("bmc", new FenceDevice { Name = "bmc", Agent = "fence_ipmilan" }),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>()
                .Add("home1", Domain("home1", "node1", "node2", "node3"))
                .Add("home2", Domain("home2", "node2", "node3", "node1")),
            Groups = ClusterConfiguration.Sorted<GroupConfiguration>()
                .Add("web", Group("web", "home1"))
                .Add("db", Group("db", "home2")),
        };
        for (int id = 1; id <= 3; id++)
        {
            configuration = configuration with
            {
                Nodes = configuration.Nodes.Add($"node{id}", new NodeConfiguration
                {
                    Name = $"node{id}",
                    Id = id,
                    FenceMethods =
                    [
                        new FenceMethod { Name = "first", Steps = [new FenceStep { Device = "pdu" }] },
                        new FenceMethod { Name = "second", Steps = [new FenceStep { Device = "bmc" }] },
                    ],
                }),
            };
        }

        return configuration;
    }

    public LabPower Power(string node) => new(lab.Folder.Path, node);

    public string StateFolder(string node) => lab.Folder.Node(node);

    /// <summary>How many entries a node's journal has now.</summary>
    public int Mark(string node) => journals[node].Read().Count;

    public IReadOnlyList<JournalEntry> Journal(string node, int after = 0) => [.. journals[node].Read().Skip(after)];

    /// <summary>Waits until a node's journal says something.</summary>
    public async Task<JournalEntry> JournalAsync(string node, Func<JournalEntry, bool> fits, int after = 0)
    {
        JournalEntry? entry = await journals[node].WaitForAsync(after, fits, Limit, CancellationToken.None);
        if (entry is null)
        {
            PrintLogs();
            Assert.Fail(
                $"The journal of {node} did not say it. Its last words: "
                    + $"{string.Join(" | ", journals[node].Entries.TakeLast(5).Select(e => e.Message))}");
        }

        return entry;
    }

    /// <summary>What a group's service wrote, one line for each beginning, end, and finding itself running twice.</summary>
    public string[] Witness(string group)
    {
        string log = Path.Combine(folder.In("witness"), group + ".log");
        return File.Exists(log) ? File.ReadAllLines(log) : [];
    }

    /// <summary>Makes every service's stop fail from now on.</summary>
    public void LetStopsFail() => File.WriteAllText(Path.Combine(folder.In("witness"), "stop-fails"), "");

    /// <summary>The process that the group's service began last; -1 before the first.</summary>
    public int LastPid(string group) =>
        Witness(group).Where(l => l.StartsWith("begin ", StringComparison.Ordinal)).Select(l => int.Parse(l.Split(' ')[2]))
        .LastOrDefault(-1);

    /// <summary>Waits until something outside of the cluster is so.</summary>
    public async Task UntilAsync(Func<bool> truth, string what)
    {
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!truth())
        {
            if (Environment.TickCount64 > deadline)
            {
                PrintLogs();
                Assert.Fail($"Did not happen: {what}.");
            }

            await Task.Delay(Poll);
        }
    }

    /// <summary>The independent witness: no group's service has ever found another one of it running.</summary>
    public void NeverTwice()
    {
        foreach (string group in lab.Configuration.Groups.Keys)
        {
            Assert.DoesNotContain(Witness(group), l => l.StartsWith("twice ", StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await lab.DisposeAsync();
        folder.Dispose();
    }

    private static FailoverDomain Domain(string name, params string[] nodes) => new()
    {
        Name = name,
        Ordered = true,
        Members = nodes.Select((node, at) => (node, at)).ToImmutableSortedDictionary(n => n.node, n => n.at + 1, StringComparer.Ordinal),
    };

    private static GroupConfiguration Group(string name, string domain) => new()
    {
        Name = name,
        Domain = domain,
        Resources =
        [
            new ResourceConfiguration
            {
                Id = $"exec:{name}",
                Type = "exec",
                Agent = $"exec:{Path.Combine(AppContext.BaseDirectory, "service.sh").Replace(" ", "\\ ", StringComparison.Ordinal)}",
                MonitorInterval = 500,
            },
        ],
    };

    private void PrintLogs()
    {
        foreach (string node in journals.Keys)
        {
            string log = lab.Folder.Log(node);
            Console.Error.WriteLine($"--- {node}");
            Console.Error.WriteLine(File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(60)) : "(no log)");
        }
    }
}
