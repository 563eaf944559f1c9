using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Core;

namespace ClusterTools.Import;

/// <summary>Fence devices, and what their steps have to know of them.</summary>
internal sealed class FenceDeviceSection(ConfSections sections, AttributeReader read, ImportProblems problems)
{
    /// <summary>What a device is asked when its steps do not say; by device.</summary>
    private readonly Dictionary<string, FenceAction> _deviceActions = new(StringComparer.Ordinal);

    /// <summary>Devices that stand for a person, who is asked by Confirm-ClusterNodeDown here.</summary>
    private readonly HashSet<string> _byHand = new(StringComparer.Ordinal);

    /// <summary>Agents by device.</summary>
    private readonly Dictionary<string, string> _deviceAgents = new(StringComparer.Ordinal);

    /// <summary>The device stands for a person.</summary>
    public bool IsByHand(string device) => _byHand.Contains(device);

    /// <summary>The device's agent; empty: there is no such device, or it names none.</summary>
    public string AgentOf(string device) => _deviceAgents.GetValueOrDefault(device, "");

    /// <summary>What the device is asked when a step does not say.</summary>
    public FenceAction ActionOf(string device) => _deviceActions.GetValueOrDefault(device, FenceAction.Reboot);

    public ImmutableSortedDictionary<string, FenceDevice> Read()
    {
        var devices = ClusterConfiguration.Sorted<FenceDevice>().ToBuilder();
        if (sections.Find("fencedevices") is not { } section)
        {
            return devices.ToImmutable();
        }
        problems.NoText(section, "fenceDevices");
        problems.Leftovers(section, "fencedevices", "fenceDevices");
        foreach (var element in section.Children)
        {
            if (element.Name != "fencedevice")
            {
                problems.UnknownElement(element, "fenceDevices", ["fencedevice"]);
                continue;
            }
            if (read.Name(element, "name", "fenceDevices") is not { } name)
            {
                continue;
            }
            var path = $"fenceDevices/{name}";
            if (devices.ContainsKey(name))
            {
                problems.Twice(path, "fence device", name, element);
                continue;
            }
            problems.Place(element.Line, path);
            var agent = element.Text("agent");
            if (agent is not null && FenceProof.OnlyAsksAPerson(agent))
            {
                _byHand.Add(name);
                problems.Warning(path, $"Fence device '{name}' is {agent}, which {FenceProof.WhyNone(agent)}.",
                    "Its methods are left out, and a lost node waits for Confirm-ClusterNodeDown; a real fence device needs nobody.",
                    element.Line);
            }
            _deviceAgents[name] = agent ?? "";
            if (agent is not null && ClassicOptions.GoneFenceAgents.Contains(agent))
            {
                problems.Warning(path,
                    $"Fence device '{name.Shown()}' is {agent}, which today's fence-agents do not have: its methods fail, and the node "
                    + "waits for Confirm-ClusterNodeDown.",
                    "Use an agent that is installed (Get-ClusterResourceType lists resource agents, 'ls /usr/sbin/fence_*' fence agents).",
                    element.Line);
            }
            var action = ActionOf(element, path);
            _deviceActions[name] = action
                ?? (agent is not null && StorageAgents.Is(agent) ? FenceAction.Off : FenceAction.Reboot);
            devices.Add(name,
                new FenceDevice { Name = name, Agent = agent ?? "",
                Parameters = Parameters(element, "name", "agent", "action", "option") });
            problems.NoChildren(element, path);
        }
        return devices.ToImmutable();
    }

    /// <summary>What a device or a step is asked; null: nothing is said, or it is told that it is no action.</summary>
    public FenceAction? ActionOf(ConfElement element, string path)
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
                problems.Error(path, $"{given.Name}=\"{given.Value.Shown()}\" is no fence action.",
                    "Write off, on or reboot, or leave it out (reboot).", given.Line);
                return null;
        }
    }

    /// <summary>All attributes but the named, under the names they have.</summary>
    public static ImmutableSortedDictionary<string, string> Parameters(ConfElement element, params ReadOnlySpan<string> except)
    {
        var parameters = ClusterConfiguration.Sorted<string>().ToBuilder();
        foreach (var attribute in element.Attributes)
        {
            if (!except.Contains(attribute.Name))
            {
                parameters[attribute.Name] = attribute.Value;
            }
        }
        return parameters.ToImmutable();
    }
}
