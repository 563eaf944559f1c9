using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>Nodes and fencing.</summary>
internal sealed partial class ClusterConfTranslation
{
    /// <summary>What a device is asked when its steps do not say; by device.</summary>
    private readonly Dictionary<string, FenceAction> _deviceActions = new(StringComparer.Ordinal);

    /// <summary>Devices that stand for a person, who is asked by Confirm-ClusterNodeDown here.</summary>
    private readonly HashSet<string> _byHand = new(StringComparer.Ordinal);

    /// <summary>Agents by device.</summary>
    private readonly Dictionary<string, string> _deviceAgents = new(StringComparer.Ordinal);

    private ImmutableSortedDictionary<string, FenceDevice> FenceDevices()
    {
        var devices = Sorted<FenceDevice>();
        if (Known("fencedevices") is not { } section)
        {
            return devices.ToImmutable();
        }
        NoText(section, "fenceDevices");
        Leftovers(section, "fencedevices", "fenceDevices");
        foreach (var element in section.Children)
        {
            if (element.Name != "fencedevice")
            {
                UnknownElement(element, "fenceDevices", ["fencedevice"]);
                continue;
            }
            if (Name(element, "name", "fenceDevices") is not { } name)
            {
                continue;
            }
            var path = $"fenceDevices/{name}";
            if (devices.ContainsKey(name))
            {
                Twice(path, "fence device", name, element);
                continue;
            }
            _lines[path] = element.Line;
            var agent = Text(element, "agent");
            if (agent is not null && FenceProof.OnlyAsksAPerson(agent))
            {
                _byHand.Add(name);
                _problems.Warning(path, $"Fence device '{name}' is {agent}, which {FenceProof.WhyNone(agent)}.",
                    "Its methods are left out, and a lost node waits for Confirm-ClusterNodeDown; a real fence device needs nobody.", element.Line);
            }
            _deviceAgents[name] = agent ?? "";
            if (agent is not null && ClassicOptions.GoneFenceAgents.Contains(agent))
            {
                _problems.Warning(path, $"Fence device '{ConfElementReader.Shown(name)}' is {agent}, which today's fence-agents do not have: its methods fail, and the node waits for Confirm-ClusterNodeDown.",
                    "Use an agent that is installed (Get-ClusterResourceType lists resource agents, 'ls /usr/sbin/fence_*' fence agents).", element.Line);
            }
            var action = Action(element, path);
            _deviceActions[name] = action ?? (agent is not null && ClassicOptions.StorageFenceAgents.Contains(agent) ? FenceAction.Off : FenceAction.Reboot);
            devices.Add(name, new FenceDevice { Name = name, Agent = agent ?? "", Parameters = Parameters(element, "name", "agent", "action", "option") });
            NoChildren(element, path);
        }
        return devices.ToImmutable();
    }

    private ImmutableSortedDictionary<string, NodeConfiguration> Nodes()
    {
        var nodes = Sorted<NodeConfiguration>();
        if (Known("clusternodes") is not { } section)
        {
            return nodes.ToImmutable();
        }
        _lines["nodes"] = section.Line;
        HashSet<int> taken = [.. section.Children.Select(c => c.Attributes.Find(a => a.Name == "nodeid")).Select(a => int.TryParse(a?.Value.Trim(), out var id) ? id : 0)];
        NoText(section, "nodes");
        Leftovers(section, "clusternodes", "nodes");
        foreach (var element in section.Children)
        {
            if (element.Name != "clusternode")
            {
                UnknownElement(element, "nodes", ["clusternode"]);
                continue;
            }
            if (Name(element, "name", "nodes") is not { } name)
            {
                continue;
            }
            var path = $"nodes/{name}";
            if (nodes.ContainsKey(name))
            {
                Twice(path, "node", name, element);
                continue;
            }
            _lines[path] = element.Line;
            nodes.Add(name, new NodeConfiguration
            {
                Name = name,
                Id = NodeId(element, path, name, taken),
                Votes = (int)Number(element, "votes", $"{path}/votes", 1, 0, 255),
                FenceMethods = FenceMethods(element, path),
            });
            Leftovers(element, "clusternode", path);
        }
        return nodes.ToImmutable();
    }

    private int NodeId(ConfElement element, string path, string name, HashSet<int> taken)
    {
        if (element.Take("nodeid") is null)
        {
            var free = 1;
            while (!taken.Add(free))
            {
                free++;
            }
            _problems.Warning($"{path}/id", $"Node '{name}' has no nodeid, as files of the first release had none; it is given {free}, the next that is free.",
                $"Write nodeid=\"{free}\", so that it stays when nodes come and go.", element.Line);
            return free;
        }
        var id = (int)Number(element, "nodeid", $"{path}/id", 0, 1, int.MaxValue);
        // What was refused needs a stand-in that no other node has, or it would be reported as theirs too.
        return id > 0 ? id : int.MaxValue - _standIns++;
    }

    private int _standIns;

    private ImmutableArray<FenceMethod> FenceMethods(ConfElement node, string path)
    {
        NoText(node, path);
        var methods = ImmutableArray.CreateBuilder<FenceMethod>();
        foreach (var child in node.Children)
        {
            if (ClassicOptions.NodeSections.TryGetValue(child.Name, out var loss))
            {
                Lost(path, $"'<{child.Name}>'", loss, child.Line);
                continue;
            }
            if (child.Name == "unfence")
            {
                Unfence(child, node, path);
                continue;
            }
            if (child.Name != "fence")
            {
                UnknownElement(child, path, ["fence", "unfence", .. ClassicOptions.NodeSections.Keys.Order(StringComparer.Ordinal)]);
                continue;
            }
            NoText(child, path);
            Leftovers(child, "fence", path);
            foreach (var element in child.Children)
            {
                if (element.Name != "method")
                {
                    UnknownElement(element, $"{path}/fenceMethods", ["method"]);
                    continue;
                }
                var name = element.Take("name") is null ? null : Name(element, "name", $"{path}/fenceMethods");
                if (name is null)
                {
                    name = $"{methods.Count + 1}";
                    _problems.Warning($"{path}/fenceMethods", $"A fence method has no name; it is called '{name}'.", "Add name=\"…\".", element.Line);
                }
                // The first of two methods with one name keeps the line; validation tells of the second.
                var methodPath = $"{path}/fenceMethods/{name}";
                if (!_lines.TryAdd(methodPath, element.Line))
                {
                    Twice(methodPath, "fence method", name, element);
                    continue;
                }
                if (element.Children.Count == 0)
                {
                    _problems.Warning(methodPath, $"The fence method '{ConfElementReader.Shown(name)}' has no device, so it would prove nothing; it is left out.", "Name its devices, or remove it.", element.Line);
                    Leftovers(element, "method", methodPath);
                    continue;
                }
                var steps = FenceSteps(element, methodPath);
                if (steps.IsEmpty || !steps.All(s => _byHand.Contains(s.Device)))
                {
                    methods.Add(new FenceMethod { Name = name, Steps = steps });
                }
                Leftovers(element, "method", methodPath);
            }
        }
        return methods.ToImmutable();
    }

    /// <summary>What gave a node its storage or power back when it booted: nobody does that here, and the user has to.</summary>
    private void Unfence(ConfElement unfence, ConfElement node, string path)
    {
        NoText(unfence, path);
        Leftovers(unfence, "unfence", path);
        var devices = unfence.Children.Where(c => c.Name == "device").Select(c => Text(c, "name") ?? "").ToArray();
        foreach (var child in unfence.Children.Where(c => c.Name != "device"))
        {
            UnknownElement(child, path, ["device"]);
        }
        var reservation = devices.Select(d => _deviceAgents.GetValueOrDefault(d, "")).FirstOrDefault(ClassicOptions.ReservationFenceAgents.Contains);
        var name = ConfElementReader.Shown(Text(node, "name") ?? "");
        _problems.Warning(path,
            $"Nobody unfences node '{name}' when it boots (<unfence>): once it was cut off, its groups find no disk there."
                + (reservation is null ? "" : $" With {reservation} it is worse: a node that was never registered can't write to the disks that others have reserved, and can fence nobody."),
            $"Ask the device to switch '{name}' on at each boot, before clusterd starts (a unit with Before=clusterd.service that runs {reservation ?? "the fence agent"} with action=on), or fence by power.",
            unfence.Line);
    }

    private ImmutableArray<FenceStep> FenceSteps(ConfElement method, string path)
    {
        NoText(method, path);
        var steps = ImmutableArray.CreateBuilder<FenceStep>();
        foreach (var element in method.Children)
        {
            if (element.Name != "device")
            {
                UnknownElement(element, path, ["device"]);
                continue;
            }
            if (Name(element, "name", path) is not { } device)
            {
                continue;
            }
            var stepPath = $"{path}/steps/{steps.Count + 1}";
            _lines[stepPath] = element.Line;
            steps.Add(new FenceStep
            {
                Device = device,
                Action = Action(element, stepPath) ?? _deviceActions.GetValueOrDefault(device, FenceAction.Reboot),
                Parameters = Parameters(element, "name", "action", "option"),
            });
            NoChildren(element, stepPath);
        }
        return steps.ToImmutable();
    }

    private FenceAction? Action(ConfElement element, string path)
    {
        // "option" is how it was spelled before "action".
        var given = element.Take("action") ?? element.Take("option");
        if (given is null)
        {
            return null;
        }
        switch (given.Value.Trim().ToLowerInvariant())
        {
            case "off" or "disable":
                return FenceAction.Off;
            case "on" or "enable":
                return FenceAction.On;
            case "reboot":
                return FenceAction.Reboot;
            default:
                _problems.Error(path, $"{given.Name}=\"{ConfElementReader.Shown(given.Value)}\" is no fence action.", "Write off, on or reboot, or leave it out (reboot).", given.Line);
                return null;
        }
    }

    /// <summary>All attributes but the named, under the names they have.</summary>
    private static ImmutableSortedDictionary<string, string> Parameters(ConfElement element, params ReadOnlySpan<string> except)
    {
        var parameters = Sorted<string>();
        foreach (var attribute in element.Attributes)
        {
            if (!except.Contains(attribute.Name))
            {
                parameters[attribute.Name] = attribute.Value;
            }
        }
        return parameters.ToImmutable();
    }

    private void Twice(string path, string what, string name, ConfElement second) =>
        _problems.Error(path, $"The {what} '{ConfElementReader.Shown(name)}' stands there twice, first on line {LineOf(path)}.",
            "Remove one of them, or give it another name.", second.Line);
}
