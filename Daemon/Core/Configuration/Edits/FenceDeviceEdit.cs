using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of a fence device and of the nodes' fence methods that use it; what is null stays as it is.</summary>
public sealed record FenceDeviceEdit : IConfigurationEdit
{
    private const string What = "fence device";

    public required string Name { get; init; }

    public string? Agent { get; init; }

    /// <summary>Parameters to set; a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; init; }

    /// <summary>Nodes that it is to cut off.</summary>
    public ImmutableArray<FenceAssignment> Assignments { get; init; } = [];

    /// <summary>Names of nodes that it is no longer used for.</summary>
    public ImmutableArray<string> Released { get; init; } = [];

    /// <summary>One that is removed is taken out of the nodes' fence methods; else it is not removed while nodes use it.</summary>
    public bool Release { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        if (action == EditAction.Add)
        {
            var made = new FenceDevice
            {
                Name = Name,
                Agent = Agent ?? throw EditRefusedException.Invalid(
                    $"Fence device '{Name}' has no agent.", "Give one; Get-ClusterFenceAgent lists them."),
                Parameters = Edits.Merge(ClusterConfiguration.Sorted<string>(), Parameters),
            };
            return Use(configuration with { FenceDevices = Edits.Add(configuration.FenceDevices, What, Name, made) }, Name);
        }

        FenceDevice device = configuration.FenceDevices[Edits.Find(configuration.FenceDevices, What, Name)];
        return action == EditAction.Remove ? Remove(configuration, device.Name) : Use(
            configuration with
            {
                FenceDevices = configuration.FenceDevices.SetItem(
                    device.Name, device with { Agent = Agent ?? device.Agent, Parameters = Edits.Merge(device.Parameters, Parameters) }),
            },
            device.Name);
    }

    private ClusterConfiguration Remove(ClusterConfiguration configuration, string device)
    {
        NodeConfiguration[] users =
            [.. configuration.Nodes.Values.Where(n => n.FenceMethods.Any(m => m.Steps.Any(s => s.Device == device)))];
        if (users.Length > 0 && !Release)
        {
            throw EditRefusedException.Used(What, device, users.Length == 1 ? "node" : "nodes", [.. users.Select(static n => n.Name)],
                "Take it from them with Set-ClusterFenceDevice -RemoveNode first, or use -Force: "
                + "then their fence methods go on without it.");
        }

        return configuration with
        {
            FenceDevices = configuration.FenceDevices.Remove(device),
            Nodes = configuration.Nodes.SetItems(users.Select(n => KeyValuePair.Create(n.Name, Without(n, device)))),
        };
    }

    private ClusterConfiguration Use(ClusterConfiguration configuration, string device)
    {
        ImmutableSortedDictionary<string, NodeConfiguration> nodes = configuration.Nodes;
        foreach (string released in Released)
        {
            string node = Edits.Find(nodes, "node", released);
            nodes = nodes.SetItem(node, Without(nodes[node], device));
        }

        foreach (FenceAssignment assignment in Assignments)
        {
            string node = Edits.Find(nodes, "node", assignment.Node);
            Edits.CheckRoom(
                nodes[node].FenceMethods.Length - 1, ConfigurationLimits.FenceMethodsPerNode, $"Node '{node}'", "fence methods");
            nodes = nodes.SetItem(node, nodes[node] with { FenceMethods = With(nodes[node].FenceMethods, device, assignment) });
        }

        return configuration with { Nodes = nodes };
    }

    /// <summary>A method that has no step left goes.</summary>
    private static NodeConfiguration Without(NodeConfiguration node, string device) => node with
    {
        FenceMethods =
        [
            .. node.FenceMethods
                .Select(m => (Old: m, New: m with { Steps = m.Steps.RemoveAll(s => s.Device == device) }))
                .Where(static m => m.New.Steps.Length > 0 || m.Old.Steps.Length == 0)
                .Select(static m => m.New),
        ],
    };

    private static ImmutableArray<FenceMethod> With(ImmutableArray<FenceMethod> methods, string device, FenceAssignment assignment)
    {
        FenceMethod? there = methods.FirstOrDefault(
            m => assignment.Method is { } named ? m.Name == named : m.Steps.Any(s => s.Device == device));
        FenceMethod old = there ?? new FenceMethod { Name = assignment.Method ?? device };
        FenceMethod changed = old with { Steps = With(old.Steps, device, assignment) };
        return assignment.First ? [changed, .. methods.Where(m => m != there)]
            : there is null ? [.. methods, changed]
            : methods.Replace(there, changed);
    }

    private static ImmutableArray<FenceStep> With(ImmutableArray<FenceStep> steps, string device, FenceAssignment assignment)
    {
        if (steps.All(s => s.Device != device))
        {
            // Every off of a method comes before its first on.
            int on = assignment.Action == FenceAction.Off ? steps.ToList().FindIndex(static s => s.Action == FenceAction.On) : -1;
            steps = steps.Insert(on < 0 ? steps.Length : on, new FenceStep { Device = device });
        }

        // A pair of off and on stays one.
        bool single = steps.Count(s => s.Device == device) == 1;
        return
        [
            .. steps.Select(s => s.Device != device ? s : s with
            {
                Action = single ? assignment.Action ?? s.Action : s.Action,
                Parameters = Edits.Merge(s.Parameters, assignment.Parameters),
            }),
        ];
    }
}
