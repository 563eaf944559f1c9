using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>How a node is fenced.</summary>
internal sealed class FenceMethods(FenceDeviceSection devices, AttributeReader read, ImportProblems problems)
{
    public ImmutableArray<FenceMethod> Read(ConfElement node, string path)
    {
        problems.NoText(node, path);
        var methods = ImmutableArray.CreateBuilder<FenceMethod>();
        foreach (var child in node.Children)
        {
            if (ClassicOptions.NodeSections.TryGetValue(child.Name, out var loss))
            {
                problems.Lost(path, $"'<{child.Name}>'", loss, child.Line);
                continue;
            }
            if (child.Name == "unfence")
            {
                Unfence(child, node, path);
                continue;
            }
            if (child.Name != "fence")
            {
                problems.UnknownElement(child, path,
                    ["fence", "unfence", .. ClassicOptions.NodeSections.Keys.Order(StringComparer.Ordinal)]);
                continue;
            }
            problems.NoText(child, path);
            problems.Leftovers(child, "fence", path);
            foreach (var element in child.Children)
            {
                if (element.Name != "method")
                {
                    problems.UnknownElement(element, $"{path}/fenceMethods", ["method"]);
                    continue;
                }
                var name = element.Take("name") is null ? null : read.Name(element, "name", $"{path}/fenceMethods");
                if (name is null)
                {
                    name = $"{methods.Count + 1}";
                    problems.Warning($"{path}/fenceMethods", $"A fence method has no name; it is called '{name}'.", "Add name=\"…\".",
                        element.Line);
                }
                // The first of two methods with one name keeps the line; validation tells of the second.
                var methodPath = $"{path}/fenceMethods/{name}";
                if (!problems.TryPlace(element.Line, methodPath))
                {
                    problems.Twice(methodPath, "fence method", name, element);
                    continue;
                }
                if (element.Children.Count == 0)
                {
                    problems.Warning(methodPath,
                        $"The fence method '{name.Shown()}' has no device, so it would prove nothing; it is left out.",
                        "Name its devices, or remove it.", element.Line);
                    problems.Leftovers(element, "method", methodPath);
                    continue;
                }
                var steps = FenceSteps(element, methodPath);
                if (steps.IsEmpty || !steps.All(s => devices.IsByHand(s.Device)))
                {
                    methods.Add(new FenceMethod { Name = name, Steps = steps });
                }
                problems.Leftovers(element, "method", methodPath);
            }
        }
        return methods.ToImmutable();
    }

    /// <summary>What gave a node its storage or power back when it booted: nobody does that here, and the user has to.</summary>
    private void Unfence(ConfElement unfence, ConfElement node, string path)
    {
        problems.NoText(unfence, path);
        problems.Leftovers(unfence, "unfence", path);
        var names = unfence.Children.Where(c => c.Name == "device").Select(c => c.Text("name") ?? "").ToArray();
        foreach (var child in unfence.Children.Where(c => c.Name != "device"))
        {
            problems.UnknownElement(child, path, ["device"]);
        }
        if (names.Length > 0 && names.All(n => StorageAgents.Is(devices.AgentOf(n))))
        {
            // The node does that by itself when it joins.
            return;
        }

        var name = (node.Text("name") ?? "").Shown();
        problems.Warning(path,
            $"Nobody unfences node '{name}' when it boots (<unfence>): once it was cut off, its groups find no disk there.",
            $"Ask the device to switch '{name}' on at each boot, before clusterd starts (a unit with Before=clusterd.service that runs "
                + "the fence agent with action=on), or fence by power.",
            unfence.Line);
    }

    private ImmutableArray<FenceStep> FenceSteps(ConfElement method, string path)
    {
        problems.NoText(method, path);
        var steps = ImmutableArray.CreateBuilder<FenceStep>();
        foreach (var element in method.Children)
        {
            if (element.Name != "device")
            {
                problems.UnknownElement(element, path, ["device"]);
                continue;
            }
            if (read.Name(element, "name", path) is not { } device)
            {
                continue;
            }
            var stepPath = $"{path}/steps/{steps.Count + 1}";
            problems.Place(element.Line, stepPath);
            steps.Add(new FenceStep
            {
                Device = device,
                Action = devices.ActionOf(element, stepPath) ?? devices.ActionOf(device),
                Parameters = FenceDeviceSection.Parameters(element, "name", "action", "option"),
            });
            problems.NoChildren(element, stepPath);
        }
        return steps.ToImmutable();
    }
}
