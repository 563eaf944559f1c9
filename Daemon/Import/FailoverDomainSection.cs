using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>Failover domains and their members.</summary>
internal sealed class FailoverDomainSection(ClusterConfiguration configuration, AttributeReader read, ImportProblems problems)
{
    public ImmutableSortedDictionary<string, FailoverDomain> Read(ConfElement rm)
    {
        var domains = ClusterConfiguration.Sorted<FailoverDomain>().ToBuilder();
        foreach (var section in rm.Children.Where(c => c.Name == "failoverdomains"))
        {
            problems.NoText(section, "failoverDomains");
            problems.Leftovers(section, "failoverdomains", "failoverDomains");
            foreach (var element in section.Children)
            {
                Domain(element, domains);
            }
        }
        return domains.ToImmutable();
    }

    private void Domain(ConfElement element, ImmutableSortedDictionary<string, FailoverDomain>.Builder domains)
    {
        if (element.Name != "failoverdomain")
        {
            problems.UnknownElement(element, "failoverDomains", ["failoverdomain"]);
            return;
        }
        if (read.Name(element, "name", "failoverDomains") is not { } name)
        {
            return;
        }
        var path = $"failoverDomains/{name}";
        if (domains.ContainsKey(name))
        {
            problems.Twice(path, "failover domain", name, element);
            return;
        }
        problems.Place(element.Line, path);
        domains.Add(name, new FailoverDomain
        {
            Name = name,
            Ordered = read.Flag(element, "ordered", $"{path}/ordered", fallback: false),
            Restricted = read.Flag(element, "restricted", $"{path}/restricted", fallback: false),
            NoFailback = read.Flag(element, "nofailback", $"{path}/noFailback", fallback: false),
            Members = Members(element, path),
        });
        problems.NoText(element, path);
        problems.Leftovers(element, "failoverdomain", path);
    }

    private ImmutableSortedDictionary<string, int> Members(ConfElement domain, string path)
    {
        var members = ClusterConfiguration.Sorted<int>().ToBuilder();
        foreach (var child in domain.Children)
        {
            if (child.Name != "failoverdomainnode")
            {
                problems.UnknownElement(child, path, ["failoverdomainnode"]);
                continue;
            }
            if (read.Name(child, "name", path) is not { } given)
            {
                continue;
            }
            var memberPath = $"{path}/members/{given}";
            var priority = Priority(child, memberPath);
            problems.Leftovers(child, "failoverdomainnode", memberPath);
            problems.NoChildren(child, memberPath);
            if (Member(given, path, child.Line) is not { } node)
            {
                continue;
            }
            if (members.ContainsKey(node))
            {
                problems.Twice($"{path}/members/{node}", "member", node, child);
                continue;
            }
            problems.Place(child.Line, memberPath, $"{path}/members/{node}");
            members.Add(node, priority);
        }
        return members.ToImmutable();
    }

    /// <summary>The node that is meant; null: there is none, and as in the classic cluster the domain does without.</summary>
    private string? Member(string name, string path, int line)
    {
        if (configuration.Nodes.ContainsKey(name))
        {
            return name;
        }
        // Host names are the same in capitals.
        if (configuration.Nodes.Keys.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } same)
        {
            problems.Warning($"{path}/members/{same}",
                $"The member '{name.Shown()}' is taken for the node '{same}': host names are the same in capitals.", $"Write {same}.",
                line);
            return same;
        }
        if (configuration.Nodes.IsEmpty || problems.HasErrorAt("nodes"))
        {
            return null;
        }
        var near = configuration.Nodes.Keys.FirstOrDefault(n => Host(n).Equals(Host(name), StringComparison.OrdinalIgnoreCase));
        problems.Warning(path, $"The member '{name.Shown()}' is not a node of this cluster; it is left out, as the classic manager did.",
            near is not null ? $"Write '{near}' if that is meant, or remove the member." : "Remove the member.", line);
        return null;
    }

    private static string Host(string name) => name.Split('.')[0];

    /// <summary>What is above the range has no priority, as in the classic manager.</summary>
    private int Priority(ConfElement member, string path)
    {
        var priority = (int)read.Number(member, "priority", path, 0, 0, int.MaxValue);
        if (priority <= 100)
        {
            return priority;
        }
        problems.Warning(path, $"priority=\"{priority}\" is out of range (1 to 100); the member has none, as in the classic manager.",
            "Write 1 (best) to 100.", member.Line);
        return 0;
    }
}
