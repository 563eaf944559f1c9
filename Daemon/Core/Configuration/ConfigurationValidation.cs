using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClusterTools.Voting;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Checks a configuration before it is accepted (FEATURES G2): well-formed, sane values, references that exist.
/// Every problem names the place and the remedy. Pure, and total: no configuration makes it throw.
/// </summary>
public static partial class ConfigurationValidation
{
    // What reads a configuration validates it, and what brings it into force does so again.
    private static readonly ConditionalWeakTable<ClusterConfiguration, ProblemList> Validated = [];

    /// <summary>
    /// Everything wrong with the configuration by itself; empty when there is nothing. It is refused if any problem is an error.
    /// </summary>
    public static ImmutableArray<ConfigurationProblem> Validate(ClusterConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Validated.GetValue(configuration, Problems).ToImmutable();
    }

    private static ProblemList Problems(ClusterConfiguration configuration)
    {
        var problems = new ProblemList();
        if (!IsPlainName(configuration.Name, 64))
        {
            problems.Error("name", $"The cluster's name '{configuration.Name}' is not well-formed.",
                "Use 1 to 64 letters, digits, '-', '_' and '.', such as \"webshop\".");
        }
        if (configuration.Version < 1)
        {
            problems.Error("version", $"The version is {configuration.Version}; versions begin at 1.",
                "Set version (config_version in a cluster.conf) to 1 or greater.");
        }
        Timing(configuration.Timing, problems);
        TwoNodeFencing(configuration, problems);
        Nodes(configuration, problems);
        Addresses(configuration, problems);
        Votes(configuration, problems);
        QuorumDisk(configuration, problems);
        QuorumArbiter(configuration, problems);
        LastManStanding(configuration, problems);
        FenceDevices(configuration, problems);
        Domains(configuration, problems);
        Groups(configuration, problems);
        EventScripts(configuration, problems);
        Access(configuration, problems);
        Size(configuration, problems);
        if (!problems.HasErrors)
        {
            WildcardNames(configuration, problems);
            SharedThings(configuration, problems);
        }

        return problems;
    }

    private static void Size(ClusterConfiguration configuration, ProblemList problems)
    {
        // What is wrong in itself may not be writable at all.
        if (!problems.HasErrors && ConfigurationSize.Of(configuration) is var size && size > ConfigurationLimits.EncodedBytes)
        {
            problems.Error(
                "", $"Written out, the configuration has {size:N0} bytes; the limit is {ConfigurationLimits.EncodedBytes:N0}. "
                    + "Other than plain letters take up to six bytes each.",
                "Shorten long values, or put them into files on the nodes; if that is not enough, split the cluster.");
        }
    }

    private const int ShortTwoNodeDelay = 5000;

    private static void Timing(ClusterTiming timing, ProblemList problems)
    {
        Range("timing/token", timing.Token, 200, 60_000, "milliseconds", problems);
        Range("timing/postFailDelay", timing.PostFailDelay, 0, 600_000, "milliseconds", problems);
        Range("timing/postJoinDelay", timing.PostJoinDelay, 0, 600_000, "milliseconds", problems);
        Range("timing/quorumLossDeadline", timing.QuorumLossDeadline, 1000, 3_600_000, "milliseconds", problems);
        Range("timing/retryDelay", timing.RetryDelay, 1000, 86_400_000, "milliseconds", problems);
        Range("timing/fenceTimeout", timing.FenceTimeout, 1000, 3_600_000, "milliseconds", problems);
        Range("timing/twoNodeDelay", timing.TwoNodeDelay, 0, 600_000, "milliseconds", problems);
        Range("timing/maintenanceLimit", timing.MaintenanceLimit, 1000, 86_400_000, "milliseconds", problems);
        Range("timing/flapLimit", timing.FlapLimitOrDefault, 0, 100, "losses", problems);
        Range("timing/flapWindow", timing.FlapWindowOrDefault, 1000, 86_400_000, "milliseconds", problems);
        Range("timing/flapRelease", timing.FlapReleaseOrDefault, 1000, 86_400_000, "milliseconds", problems);
        Range("timing/keepLimit", timing.KeepLimitOrDefault, 1000, 86_400_000, "milliseconds", problems);
        Range("timing/shutdownWait", timing.ShutdownWaitOrDefault, 0, 3_600_000, "milliseconds", problems);
    }

    private static void Nodes(ClusterConfiguration configuration, ProblemList problems)
    {
        if (configuration.Nodes.IsEmpty)
        {
            problems.Error(
                "nodes", "The cluster has no nodes.", "Add at least one node (a <clusternode> within <clusternodes> in a cluster.conf).");
        }
        TooMany("nodes", configuration.Nodes.Count, ConfigurationLimits.Nodes, "nodes", problems);
        var ids = new Dictionary<int, string>();
        foreach (var (key, node) in configuration.Nodes)
        {
            var path = $"nodes/{key}";
            if (!KeyFits(path, key, node?.Name, problems))
            {
                continue;
            }
            if (!IsPlainName(key, ConfigurationLimits.NameLength))
            {
                problems.Error(path, $"The node name '{key}' is not well-formed.", "Use a host name: letters, digits, '-', '_' and '.'.");
            }
            if (node!.Id < 1)
            {
                problems.Error(
                    $"{path}/id", $"Node '{key}' has the id {node.Id}.",
                    "Give every node its own id, 1 or greater (nodeid in a cluster.conf).");
            }
            else if (!ids.TryAdd(node.Id, key))
            {
                problems.Error($"{path}/id", $"Nodes '{ids[node.Id]}' and '{key}' have the same id {node.Id}.",
                    $"Give '{key}' an id that no other node has (nodeid in a cluster.conf).");
            }
            Range($"{path}/votes", node.Votes, 0, 255, "votes", problems);
            Race(path, node, configuration, problems);
            FenceMethods(path, node, configuration, problems);
        }
    }

    /// <summary>One of two nodes goes on only after it has fenced the other, whatever that one ran.</summary>
    private static void TwoNodeFencing(ClusterConfiguration configuration, ProblemList problems)
    {
        if (!configuration.TwoNode || configuration.Nodes.Count != 2)
        {
            return;
        }
        string[] unfenced =
        [
            .. configuration.Nodes.Values.Where(n => n is not null && FenceProof.WhyNone(configuration, n.Name) is not null)
                .Select(n => n.Name),
        ];
        if (unfenced.Length > 0)
        {
            problems.Warning("twoNode",
                unfenced.Length == 2
                    ? "Two nodes without fencing: the loss of either, even of one that runs nothing, stops everything. "
                        + "The other can't prove it off and has no quorum until somebody confirms it down."
                    : $"The loss of '{unfenced[0]}', even while it runs nothing, stops everything: "
                        + "it can't be fenced, so that the other node can't prove it off and has no quorum until somebody "
                            + "confirms it down.",
                "Give both nodes a fence method, or be ready to run Confirm-ClusterNodeDown.");
        }
    }

    private static void FenceMethods(string nodePath, NodeConfiguration node, ClusterConfiguration configuration, ProblemList problems)
    {
        if (node.FenceMethods.IsDefaultOrEmpty)
        {
            // Of two nodes it was said what that means.
            if (configuration.TwoNode && configuration.Nodes.Count == 2)
            {
                return;
            }
            problems.Warning($"{nodePath}/fenceMethods",
                $"Node '{node.Name}' has no fence method: when it is lost, nobody can prove that it is off, and its groups are not "
                    + "recovered until an operator confirms that it is down.",
                $"Give '{node.Name}' a fence method, or be ready to run Confirm-ClusterNodeDown {node.Name}.");
            return;
        }
        TooMany($"{nodePath}/fenceMethods", node.FenceMethods.Length, ConfigurationLimits.FenceMethodsPerNode, "fence methods", problems);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in node.FenceMethods)
        {
            var path = $"{nodePath}/fenceMethods/{method.Name}";
            if (!IsName(method.Name))
            {
                problems.Error(
                    path, $"A fence method of node '{node.Name}' has the name '{method.Name}', which is not well-formed.", NameRemedy);
            }
            if (!names.Add(method.Name))
            {
                problems.Error(
                    path, $"Node '{node.Name}' has two fence methods '{method.Name}'.", "Give each method of a node its own name.");
            }
            if (method.Steps.IsDefaultOrEmpty)
            {
                problems.Error(path, $"Fence method '{method.Name}' of node '{node.Name}' has no device, so it would prove nothing.",
                    "Put at least one device into it, or remove the method.");
                continue;
            }
            TooMany(path, method.Steps.Length, ConfigurationLimits.StepsPerFenceMethod, "steps", problems);
            FenceSteps(path, method, node, configuration, problems);
        }
        if (ProvingAgents(node, configuration).ToArray() is { Length: > 0 } agents && agents.All(FenceProof.OnlySeesCrashes))
        {
            problems.Warning($"{nodePath}/fenceMethods",
                $"Node '{node.Name}' is fenced by {agents[0]} alone, which tells that a node has crashed, and nothing of one that hangs "
                    + "or is cut off.",
                "Add a method with a power switch, a BMC or the like after it.");
        }
    }

    private static IEnumerable<string> ProvingAgents(NodeConfiguration node, ClusterConfiguration configuration) =>
        from method in node.FenceMethods
        where !method.Steps.IsDefaultOrEmpty
        from step in method.Steps
        where step.Action != FenceAction.On && configuration.FenceDevices.ContainsKey(step.Device)
        let agent = configuration.FenceDevices[step.Device].Agent
        where FenceProof.WhyNone(agent) is null
        select agent;

    private static void FenceSteps(
        string path, FenceMethod method, NodeConfiguration node, ClusterConfiguration configuration, ProblemList problems)
    {
        var onSeen = false;
        for (var i = 0; i < method.Steps.Length; i++)
        {
            var step = method.Steps[i];
            var stepPath = $"{path}/steps/{i + 1}";
            if (!configuration.FenceDevices.ContainsKey(step.Device))
            {
                problems.Error($"{stepPath}/device",
                    $"Fence method '{method.Name}' of node '{node.Name}' uses the device '{step.Device}', which is not defined.",
                    Known("Define the device, or use one of", configuration.FenceDevices.Keys));
            }
            if (!Enum.IsDefined(step.Action))
            {
                problems.Error($"{stepPath}/action", $"The fence action {(int)step.Action} is not known.", "Use reboot, off or on.");
            }
            if (configuration.FenceDevices.TryGetValue(step.Device, out var device) && WatchdogDevice.Is(device)
                && WatchdogDevice.WhyWrong(configuration, device, step) is { } wrong)
            {
                problems.Error(
                    stepPath, $"The watchdog '{step.Device}' in fence method '{method.Name}' of node '{node.Name}' {wrong.Message}.",
                    wrong.Remedy);
            }
            Parameters(stepPath, step.Parameters, problems);
            // Off, on, off, on of two supplies leaves the node powered all the time: "fenced", and still running.
            if (onSeen && step.Action != FenceAction.On)
            {
                problems.Error(stepPath,
                    $"Fence method '{method.Name}' of node '{node.Name}' switches a device on before the last one is off, so the node "
                        + "might never be without power.",
                    "Put every 'off' of the method before its first 'on'.");
                onSeen = false;
            }
            onSeen |= step.Action == FenceAction.On;
        }
        if (method.Steps.All(s => s.Action == FenceAction.On))
        {
            problems.Error(path, $"Fence method '{method.Name}' of node '{node.Name}' only switches on, so it never cuts the node off.",
                "Add an 'off' for each device before the 'on', or leave the action out (reboot).");
        }
        else if (FenceProof.WhyNone(configuration, method) is { } why)
        {
            problems.Error(
                path, $"Fence method '{method.Name}' of node '{node.Name}' proves nothing: {why}. "
                    + "Groups would be started elsewhere while the node runs on.",
                "Put a device into it that cuts the node off, or remove the method; "
                    + $"without one the node waits for Confirm-ClusterNodeDown {node.Name}.");
        }
    }

    private static void Votes(ClusterConfiguration configuration, ProblemList problems)
    {
        if (configuration.Nodes.IsEmpty)
        {
            return;
        }
        var sum = configuration.Nodes.Values.Sum(n => (long)n.Votes);
        if (configuration.TwoNode)
        {
            if (configuration.Timing.TwoNodeDelay < ShortTwoNodeDelay)
            {
                problems.Warning("timing/twoNodeDelay",
                    $"Two nodes that lose sight of each other fence within {SpanText.Of(configuration.Timing.TwoNodeDelay)} of each "
                        + "other; where a fence device takes longer, both are switched off.",
                    $"Set twoNodeDelay to longer than the fence devices take, {SpanText.Of(new ClusterTiming().TwoNodeDelay)} by default.");
            }
            if (configuration.Nodes.Count != 2 || configuration.Nodes.Values.Any(n => n.Votes != 1))
            {
                problems.Error("twoNode",
                    $"two_node is set, but the cluster has {configuration.Nodes.Count} nodes with {sum} votes: "
                        + "one vote would be quorum for several sides at once (split brain).",
                    "Use two_node only with exactly two nodes of one vote each; otherwise remove it.");
            }
            if (configuration.ExpectedVotes is not (null or 2))
            {
                problems.Error("expectedVotes", $"two_node is set together with {configuration.ExpectedVotes} expected votes.",
                    "Leave expected votes out; with two_node one vote is quorum anyway.");
            }
            return;
        }
        if (sum <= 0)
        {
            problems.Error("nodes", "No node has a vote, so the cluster can never be quorate.", "Give at least one node a vote.");
            return;
        }
        if (configuration.ExpectedVotes is not { } expected)
        {
            return;
        }
        if (expected < 1)
        {
            problems.Error(
                "expectedVotes", $"{expected} votes are expected.",
                $"Leave expected votes out (the sum of the nodes' votes, {sum}, is taken), or give 1 or more.");
            return;
        }
        var quorum = Majority.Of(expected);
        if (quorum > sum)
        {
            problems.Error("expectedVotes",
                $"With {expected} expected votes quorum is {quorum}, but the nodes have {sum} votes together: "
                    + "the cluster could never be quorate.",
                $"Set expected votes to {sum}, or leave them out.");
        }
        else if (2 * quorum <= sum)
        {
            problems.Error("expectedVotes",
                $"With {expected} expected votes quorum is {quorum} of {sum}: after a split both halves could reach it and both run the "
                    + "same groups (split brain, damaged data).",
                $"Set expected votes to {sum}, or leave them out.");
        }
        else if (expected != sum)
        {
            problems.Warning("expectedVotes", $"{expected} votes are expected, but the nodes have {sum}: quorum is {quorum} votes.",
                $"Leave expected votes out unless this is meant; quorum is then {Majority.Of(sum)}.");
        }
    }

    private static void FenceDevices(ClusterConfiguration configuration, ProblemList problems)
    {
        TooMany("fenceDevices", configuration.FenceDevices.Count, ConfigurationLimits.FenceDevices, "fence devices", problems);
        foreach (var (key, device) in configuration.FenceDevices)
        {
            var path = $"fenceDevices/{key}";
            if (!KeyFits(path, key, device?.Name, problems))
            {
                continue;
            }
            if (!IsName(key))
            {
                problems.Error(path, $"The fence device name '{key}' is not well-formed.", NameRemedy);
            }
            if (!IsAgentProgram(device!.Agent))
            {
                problems.Error($"{path}/agent", $"Fence device '{key}' has the agent '{device.Agent}', which is not the name of a program.",
                    "Give a fence agent's name, such as fence_ipmilan, or an absolute path.");
            }
            Parameters(path, device.Parameters, problems);
        }
    }

    private static void Domains(ClusterConfiguration configuration, ProblemList problems)
    {
        TooMany("failoverDomains", configuration.FailoverDomains.Count, ConfigurationLimits.FailoverDomains, "failover domains", problems);
        foreach (var (key, domain) in configuration.FailoverDomains)
        {
            var path = $"failoverDomains/{key}";
            if (!KeyFits(path, key, domain?.Name, problems))
            {
                continue;
            }
            if (!IsName(key))
            {
                problems.Error(path, $"The failover domain name '{key}' is not well-formed.", NameRemedy);
            }
            if (domain!.Members.IsEmpty)
            {
                if (domain.Restricted)
                {
                    problems.Error(path, $"Failover domain '{key}' is restricted and has no members, so its groups could run nowhere.",
                        "Add members, or make it unrestricted.");
                }
                else
                {
                    problems.Warning(
                        path, $"Failover domain '{key}' has no members, so it says nothing.", "Add members, or remove the domain.");
                }
            }
            foreach (var (node, priority) in domain.Members)
            {
                var memberPath = $"{path}/members/{node}";
                if (!configuration.Nodes.ContainsKey(node))
                {
                    problems.Error(memberPath, $"Failover domain '{key}' has the member '{node}', which is not a node of this cluster.",
                        Known("Correct the name or remove the member; the nodes are", configuration.Nodes.Keys));
                }
                if (priority is < 0 or > 100)
                {
                    problems.Error(memberPath, $"Member '{node}' of failover domain '{key}' has the priority {priority}.",
                        "Use 1 (best) to 100, or 0 for a member without a priority.");
                }
                else if (priority == 0 && domain.Ordered)
                {
                    problems.Warning(
                        memberPath,
                        $"Member '{node}' of the ordered failover domain '{key}' has no priority, so it comes after those that have one.",
                        "Give it a priority from 1 (best) to 100.");
                }
            }
        }
    }

    private static void Access(ClusterConfiguration configuration, ProblemList problems)
    {
        TooMany("access", configuration.Access.Count, ConfigurationLimits.AccessGrants, "access grants", problems);
        foreach (var (fingerprint, grant) in configuration.Access)
        {
            var path = $"access/{fingerprint}";
            if (fingerprint.Length != 64 || !fingerprint.All(c => c is (>= '0' and <= '9') or (>= 'A' and <= 'F')))
            {
                problems.Error(path, $"'{fingerprint}' is not a SHA-256 certificate fingerprint.",
                    "Give 64 hexadecimal digits in upper case, without separators.");
            }
            if (string.IsNullOrWhiteSpace(grant?.Name) || !IsName(grant.Name))
            {
                problems.Error(path, "The grant has no well-formed name to stand in the journal as who asked.", NameRemedy);
            }
            if (grant is not null && !Enum.IsDefined(grant.Role))
            {
                problems.Error(path, $"The role {(int)grant.Role} is not known.", "Use viewer, operator or administrator.");
            }
        }
    }

    private static void Parameters(string path, ImmutableSortedDictionary<string, string> parameters, ProblemList problems)
    {
        TooMany(path, parameters.Count, ConfigurationLimits.Parameters, "parameters", problems);
        foreach (var (name, value) in parameters)
        {
            if (!IsParameterName(name))
            {
                problems.Error($"{path}/parameters/{name}", $"The parameter name '{name}' is not well-formed.",
                    "Use letters, digits, '-', '_' and '.', not beginning with a digit.");
            }
            if (value is null || value.Length > ConfigurationLimits.ParameterValueLength)
            {
                problems.Error($"{path}/parameters/{name}",
                    $"The value of '{name}' is longer than {ConfigurationLimits.ParameterValueLength:N0} characters.",
                    "Shorten it, or put it into a file.");
            }
            // Agents read their parameters line by line or as environment variables: a line end would smuggle in another one.
            else if (value.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
            {
                problems.Error($"{path}/parameters/{name}", $"The value of '{name}' has a line end in it.", "Give it in one line.");
            }
            else if (value == SecretParameters.Replacement)
            {
                problems.Error($"{path}/parameters/{name}",
                    $"The value of '{name}' is the placeholder {SecretParameters.Replacement} of a configuration that was shown without "
                        + "its secrets.",
                    "Put the secret itself here.");
            }
        }
    }

    private static void Placeholder(string path, string? command, ProblemList problems)
    {
        if (command?.Contains(SecretParameters.Replacement, StringComparison.Ordinal) == true)
        {
            problems.Error(
                path, $"There is the placeholder {SecretParameters.Replacement} of a configuration that was shown without its secrets.",
                "Put the secret itself there.");
        }
    }

    private static bool KeyFits(string path, string key, string? name, ProblemList problems)
    {
        if (name == key)
        {
            return true;
        }
        problems.Error(path, $"The entry '{key}' has the name '{name}'.", "Make the name and the key it stands under the same.");
        return false;
    }

    private static void Range(string path, int value, int least, int most, string unit, ProblemList problems)
    {
        if (value < least || value > most)
        {
            problems.Error(path, $"The value {value} is out of range.", $"Use {least:N0} to {most:N0} {unit}.");
        }
    }

    private static void TooMany(string path, int count, int limit, string what, ProblemList problems)
    {
        if (count > limit)
        {
            problems.Error(path, $"There are {count:N0} {what}; the limit is {limit:N0}.", $"Use at most {limit:N0} {what}.");
        }
    }

    /// <summary>A remedy that ends with the names there are, the first ten of them.</summary>
    /// <param name="lead">What can be done; the names follow it.</param>
    /// <param name="names">The names there are.</param>
    public static string Known(string lead, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var first = names.Take(11).ToArray();
        return first.Length == 0
            ? $"{lead}: none is defined."
            : $"{lead}: {string.Join(", ", first.Take(10))}{(first.Length > 10 ? " …" : "")}.";
    }

    private const string NameRemedy =
        "Use 1 to 255 characters that can be seen (no control characters, no marks of direction or format), without spaces at the ends.";

    /// <summary>Cluster and node names: they become host names, folder names and parts of URLs.</summary>
    private static bool IsPlainName(string? name, int longest) =>
        name is { Length: > 0 } && name.Length <= longest && name is not ("." or "..")
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Names of groups, resources, domains, devices: the field has spaces and more in them.</summary>
    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= ConfigurationLimits.NameLength } && name is not ("." or "..")
        && !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]) && PlainText.IsPlain(name);

    private static bool IsParameterName(string name) =>
        name.Length is > 0 and <= ConfigurationLimits.NameLength && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>A bare program name or an absolute path; nothing that climbs out of a folder.</summary>
    private static bool IsAgentProgram(string? agent) =>
        agent is { Length: > 0 and <= 4096 } && PlainText.IsPlain(agent)
        && (agent[0] == '/'
            ? !agent.Split('/').Contains("..")
            : !agent.Contains('/', StringComparison.Ordinal) && agent is not ("." or ".."))
        && !string.IsNullOrWhiteSpace(agent) && !agent.Contains(' ', StringComparison.Ordinal);
}
