using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>Failover domains and their members.</summary>
internal sealed partial class ClusterConfTranslation
{
    private void Domains(ConfElement section, ClusterConfiguration configuration, ImmutableSortedDictionary<string, FailoverDomain>.Builder domains)
    {
        NoText(section, "failoverDomains");
        Leftovers(section, "failoverdomains", "failoverDomains");
        foreach (var element in section.Children)
        {
            if (element.Name != "failoverdomain")
            {
                UnknownElement(element, "failoverDomains", ["failoverdomain"]);
                continue;
            }
            if (Name(element, "name", "failoverDomains") is not { } name)
            {
                continue;
            }
            var path = $"failoverDomains/{name}";
            if (domains.ContainsKey(name))
            {
                Twice(path, "failover domain", name, element);
                continue;
            }
            _lines[path] = element.Line;
            domains.Add(name, new FailoverDomain
            {
                Name = name,
                Ordered = Flag(element, "ordered", $"{path}/ordered", fallback: false),
                Restricted = Flag(element, "restricted", $"{path}/restricted", fallback: false),
                NoFailback = Flag(element, "nofailback", $"{path}/noFailback", fallback: false),
                Members = Members(element, path, configuration),
            });
            NoText(element, path);
            Leftovers(element, "failoverdomain", path);
        }
    }

    private ImmutableSortedDictionary<string, int> Members(ConfElement domain, string path, ClusterConfiguration configuration)
    {
        var members = Sorted<int>();
        foreach (var child in domain.Children)
        {
            if (child.Name != "failoverdomainnode")
            {
                UnknownElement(child, path, ["failoverdomainnode"]);
                continue;
            }
            if (Name(child, "name", path) is not { } given)
            {
                continue;
            }
            var memberPath = $"{path}/members/{given}";
            var priority = Priority(child, memberPath);
            Leftovers(child, "failoverdomainnode", memberPath);
            NoChildren(child, memberPath);
            if (Member(given, path, child.Line, configuration) is not { } node)
            {
                continue;
            }
            if (members.ContainsKey(node))
            {
                Twice($"{path}/members/{node}", "member", node, child);
                continue;
            }
            _lines[memberPath] = _lines[$"{path}/members/{node}"] = child.Line;
            members.Add(node, priority);
        }
        return members.ToImmutable();
    }

    /// <summary>The node that is meant; null: there is none, and as in the classic cluster the domain does without.</summary>
    private string? Member(string name, string path, int line, ClusterConfiguration configuration)
    {
        if (configuration.Nodes.ContainsKey(name))
        {
            return name;
        }
        // Host names are the same in capitals.
        if (configuration.Nodes.Keys.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } same)
        {
            _problems.Warning($"{path}/members/{same}", $"The member '{ConfElementReader.Shown(name)}' is taken for the node '{same}': host names are the same in capitals.", $"Write {same}.", line);
            return same;
        }
        if (configuration.Nodes.IsEmpty || _problems.HasErrorAt("nodes"))
        {
            return null;
        }
        var near = configuration.Nodes.Keys.FirstOrDefault(n => Host(n).Equals(Host(name), StringComparison.OrdinalIgnoreCase));
        _problems.Warning(path, $"The member '{ConfElementReader.Shown(name)}' is not a node of this cluster; it is left out, as the classic manager did.",
            near is not null ? $"Write '{near}' if that is meant, or remove the member." : "Remove the member.", line);
        return null;
    }

    private static string Host(string name) => name.Split('.')[0];

    /// <summary>What is above the range has no priority, as in the classic manager.</summary>
    private int Priority(ConfElement member, string path)
    {
        var priority = (int)Number(member, "priority", path, 0, 0, int.MaxValue);
        if (priority <= 100)
        {
            return priority;
        }
        _problems.Warning(path, $"priority=\"{priority}\" is out of range (1 to 100); the member has none, as in the classic manager.",
            "Write 1 (best) to 100.", member.Line);
        return 0;
    }
}
