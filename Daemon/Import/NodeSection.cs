using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>The nodes.</summary>
internal sealed class NodeSection(ConfSections sections, FenceMethods fencing, AttributeReader read, ImportProblems problems)
{
    private int _standIns;

    public ImmutableSortedDictionary<string, NodeConfiguration> Read()
    {
        var nodes = ClusterConfiguration.Sorted<NodeConfiguration>().ToBuilder();
        if (sections.Find("clusternodes") is not { } section)
        {
            return nodes.ToImmutable();
        }
        problems.Place(section.Line, "nodes");
        HashSet<int> taken = [.. section.Children.Select(c => c.Attributes.Find(a => a.Name == "nodeid")).Select(a =>
            int.TryParse(a?.Value.Trim(), out var id) ? id : 0)];
        problems.NoText(section, "nodes");
        problems.Leftovers(section, "clusternodes", "nodes");
        foreach (var element in section.Children)
        {
            if (element.Name != "clusternode")
            {
                problems.UnknownElement(element, "nodes", ["clusternode"]);
                continue;
            }
            if (read.Name(element, "name", "nodes") is not { } name)
            {
                continue;
            }
            var path = $"nodes/{name}";
            if (nodes.ContainsKey(name))
            {
                problems.Twice(path, "node", name, element);
                continue;
            }
            problems.Place(element.Line, path);
            nodes.Add(name, new NodeConfiguration
            {
                Name = name,
                Id = NodeId(element, path, name, taken),
                Votes = (int)read.Number(element, "votes", $"{path}/votes", 1, 0, 255),
                FenceMethods = fencing.Read(element, path),
            });
            problems.Leftovers(element, "clusternode", path);
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
            problems.Warning($"{path}/id",
                $"Node '{name}' has no nodeid, as files of the first release had none; it is given {free}, the next that is free.",
                $"Write nodeid=\"{free}\", so that it stays when nodes come and go.", element.Line);
            return free;
        }
        var id = (int)read.Number(element, "nodeid", $"{path}/id", 0, 1, int.MaxValue);
        // What was refused needs a stand-in that no other node has, or it would be reported as theirs too.
        return id > 0 ? id : int.MaxValue - _standIns++;
    }
}
