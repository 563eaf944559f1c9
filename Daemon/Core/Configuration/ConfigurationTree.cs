using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A configuration as a tree that a person can read, without its secrets.</summary>
public static class ConfigurationTree
{
    /// <summary>The whole of it.</summary>
    public static ImmutableArray<ConfigurationTreeLine> Of(ClusterConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var shown = SecretParameters.Redact(configuration);
        var lines = ImmutableArray.CreateBuilder<ConfigurationTreeLine>();
        lines.Add(new ConfigurationTreeLine(0, "", $"cluster '{shown.Name}', version {shown.Version}"));
        lines.Add(new ConfigurationTreeLine(1, "expectedVotes",
            $"{shown.TotalVotes} {(shown.TotalVotes == 1 ? "vote" : "votes")}{OfTheDisk(shown)}, quorum at "
                + $"{QuorumArithmetic.Needed(shown)}{(shown.TwoNode ? " (two_node: fencing decides)" : "")}"));
        if (shown.QuorumDisk is { } disk)
        {
            lines.Add(new ConfigurationTreeLine(1, "quorumDisk",
                $"quorum disk {disk.Device}: a node is dead on it after {Time(disk.Silence())} of silence"));
            lines.AddRange(disk.Heuristics.Select((h, i) => new ConfigurationTreeLine(2, $"quorumDisk/heuristics/{i}",
                $"heuristic '{h.Program}' gives {h.Score} of {disk.ScoreNeeded()} needed, every {Time(h.Interval)}")));
        }
        if (shown.QuorumArbiter is { } arbiter)
        {
            lines.Add(new ConfigurationTreeLine(
                1, "quorumArbiter", $"arbiter {arbiter.Host}{(arbiter.Tls ? "" : ", without TLS")}"));
        }
        lines.Add(new ConfigurationTreeLine(1, "timing",
            $"a node is lost after {Time(shown.Timing.Token)} of silence and fenced {Time(shown.Timing.PostFailDelay)} later; "
                + $"absent nodes are waited for {Time(shown.Timing.PostJoinDelay)} at the start"));
        foreach (var node in shown.Nodes.Values)
        {
            Node(node, lines);
        }
        foreach (var device in shown.FenceDevices.Values)
        {
            lines.Add(new ConfigurationTreeLine(
                1, $"fenceDevices/{device.Name}", $"fence device {device.Name}: {device.Agent}{Parameters(device.Parameters)}"));
        }
        foreach (var domain in shown.FailoverDomains.Values)
        {
            lines.Add(new ConfigurationTreeLine(1, $"failoverDomains/{domain.Name}", Domain(domain)));
        }
        lines.AddRange(Of(shown.Groups.Values));
        return lines.ToImmutable();
    }

    /// <summary>Groups alone, as far as they could be read.</summary>
    public static ImmutableArray<ConfigurationTreeLine> Of(IEnumerable<GroupConfiguration> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var lines = ImmutableArray.CreateBuilder<ConfigurationTreeLine>();
        foreach (var group in groups)
        {
            var path = $"groups/{group.Name}";
            lines.Add(new ConfigurationTreeLine(1, path, Group(group)));
            lines.AddRange(group.Dependencies.Select(d => new ConfigurationTreeLine(2, $"{path}/dependencies/{d.Group}", Dependency(d))));
            Resources(group, path, lines);
        }
        return lines.ToImmutable();
    }

    private static string OfTheDisk(ClusterConfiguration shown) => shown.QuorumDisk is not { } disk ? ""
        : $" and {disk.VotesAmong(shown)} of the quorum disk";

    private static void Node(NodeConfiguration node, ImmutableArray<ConfigurationTreeLine>.Builder lines)
    {
        var path = $"nodes/{node.Name}";
        lines.Add(new ConfigurationTreeLine(
            1, path,
            $"node {node.Name} (id {node.Id}, {node.Votes} "
                + $"{(node.Votes == 1 ? "vote" : "votes")}{Addresses(node)}{Races(node)}{Shutdown(node)})"
                + (node.FenceMethods.IsEmpty ? ": nobody can fence it" : "")));
        foreach (var method in node.FenceMethods)
        {
            lines.Add(new ConfigurationTreeLine(2, $"{path}/fenceMethods/{method.Name}",
                $"fenced by '{method.Name}': "
                    + $"{string.Join(", ", method.Steps.Select(
                        s => $"{s.Device} {s.Action.ToString().ToLowerInvariant()}{Parameters(s.Parameters)}"))}"));
        }
    }

    private static string Addresses(NodeConfiguration node) =>
        node.Addresses.IsDefaultOrEmpty ? "" : $", {string.Join(", ", node.Addresses)}";

    private static string Races(NodeConfiguration node)
    {
        string most = node.FenceDelayMax > node.FenceDelay ? $" to {SpanText.Of(node.FenceDelayMax)}" : "";
        return (node.Weight > 0 ? $", weighs {node.Weight}" : "")
            + (node.FenceDelay > 0 || most != "" ? $", fenced {SpanText.Of(node.FenceDelay)}{most} later" : "");
    }

    private static string Shutdown(NodeConfiguration node) => node.ShutdownPolicy switch
    {
        null => "",
        ShutdownPolicy.Move => ", shut down: groups move",
        ShutdownPolicy.Stop => ", shut down: groups stop",
        ShutdownPolicy.Keep => ", shut down: groups are kept for it",
        _ => $", shut down: {node.ShutdownPolicy}",
    };

    private static string Domain(FailoverDomain domain)
    {
        (bool Is, string Word)[] rules =
        [
            (domain.Ordered, "ordered"),
            (domain.Restricted, "restricted"),
            (domain.NoFailback, "no failback"),
        ];
        string[] words = [.. rules.Where(r => r.Is).Select(r => r.Word)];
        return $"failover domain {domain.Name}{(words.Length > 0 ? $" ({string.Join(", ", words)})" : "")}: "
            + string.Join(
                ", ", domain.Members.OrderBy(m => m.Value == 0 ? int.MaxValue : m.Value)
                    .Select(m => m.Value == 0 ? m.Key : $"{m.Key} {m.Value}"));
    }

    private static string Group(GroupConfiguration group) =>
        $"{(group.IsGuest ? "guest" : "group")} {group.Name}: {(group.Domain is { } domain ? $"domain {domain}" : "any node")}, "
            + $"{(group.Autostart ? "starts by itself" : "is started by hand")}, when it fails {Recovery(group)}"
            + (group.MaxRestarts > 0 ? $", {group.MaxRestarts} restarts in {group.RestartExpireTime} s" : "")
            + (group.Weight > 0 ? $", weighs {group.Weight}" : "")
            + (group.Exclusive ? ", alone on its node" : "");

    private static string Recovery(GroupConfiguration group) => group.Recovery switch
    {
        RecoveryPolicy.Restart => "restarted, else moved",
        RecoveryPolicy.Relocate => "moved",
        RecoveryPolicy.Disable => "disabled",
        RecoveryPolicy.RestartDisable => "restarted, else disabled",
        _ => $"{group.Recovery}",
    };

    private static string Dependency(GroupDependency dependency)
    {
        var place = dependency.Colocation switch { Colocation.Same => ", on its node", Colocation.Never => ", never on its node", _ => "" };
        return dependency.Require == DependencyMode.None
            ? $"beside {dependency.Group}{place}"
            : $"needs {dependency.Group} ({dependency.Require.ToString().ToLowerInvariant()}{place})";
    }

    /// <summary>In the order in which they start, with a stack of its own: a refused tree may be deep.</summary>
    private static void Resources(GroupConfiguration group, string path, ImmutableArray<ConfigurationTreeLine>.Builder lines)
    {
        var waiting = new Stack<(ResourceConfiguration Resource, int Depth)>(
            ResourceOrder.Start(group.Resources).Reverse().Select(r => (r, 2)));
        while (waiting.TryPop(out var next))
        {
            var (resource, depth) = next;
            lines.Add(new ConfigurationTreeLine(depth, $"{path}/resources/{resource.Id}",
                $"{resource.Id}: {resource.Agent}{Parameters(SecretParameters.Redact(resource.Agent, resource.Parameters))} "
                    + $"[{Watch(resource)}]"));
            foreach (var child in ResourceOrder.Start(resource.Children).Reverse())
            {
                waiting.Push((child, depth + 1));
            }
        }
    }

    private static string Watch(ResourceConfiguration resource) =>
        $"start {Time(resource.StartTimeout)}, stop {Time(resource.StopTimeout)}, "
            + (resource.MonitorInterval == 0 ? "not looked at" : $"looked at every {Time(resource.MonitorInterval)}")
            + string.Concat(resource.StatusChecks.Select(c => $", at depth {c.Depth} every {Time(c.Interval)}"))
            + (resource.IndependentSubtree ? ", restarted by itself" : "")
            + (resource.NonCritical ? ", given up when it fails" : "")
            + (resource.Limits is { StopFinal: FinalAction.Reboot } ? ", the node is reset when it does not stop" : "");

    private static string Parameters(ImmutableSortedDictionary<string, string> parameters) =>
        string.Concat(parameters.Select(p => $" {p.Key}={p.Value}"));

    private static string Time(int milliseconds) => milliseconds switch
    {
        >= 3_600_000 when milliseconds % 3_600_000 == 0 => $"{milliseconds / 3_600_000} h",
        >= 60_000 when milliseconds % 60_000 == 0 => $"{milliseconds / 60_000} min",
        _ => $"{milliseconds / 1000.0:0.###} s",
    };
}
