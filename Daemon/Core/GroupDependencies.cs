using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What groups need of each other (FEATURES B9).</summary>
internal sealed class GroupDependencies
{
    // Keyed by reference: a configuration is immutable, so what its groups need of each other never changes.
    private static readonly ConditionalWeakTable<ImmutableSortedDictionary<string, GroupConfiguration>, GroupDependencies> Cache = [];

    private readonly Dictionary<string, SortedSet<string>> related = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> apart = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> needing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> together = new(StringComparer.Ordinal);

    private GroupDependencies(ImmutableSortedDictionary<string, GroupConfiguration> groups)
    {
        foreach ((string name, GroupConfiguration group) in groups)
        {
            foreach (GroupDependency dependency in Of(group))
            {
                Add(related, name, dependency.Group);
                Add(related, dependency.Group, name);
                Add(dependents, dependency.Group, name);
                if (dependency.Colocation == Colocation.Never)
                {
                    Add(apart, name, dependency.Group);
                    Add(apart, dependency.Group, name);
                }

                if (dependency.Require == DependencyMode.Hard)
                {
                    Add(needing, dependency.Group, name);
                }

                if (dependency.Colocation == Colocation.Same)
                {
                    Join(name, dependency.Group);
                }
            }
        }

        foreach (SortedSet<string> set in Sets())
        {
            foreach (string leader in set.Where(name => Leads(groups, name)))
            {
                foreach (string other in set)
                {
                    Add(related, other, leader);
                    Add(related, leader, other);
                }
            }
        }
    }

    /// <summary>
    /// The groups that share a node with this one, itself among them: who shares a node with one of them shares it with all. Empty: it goes
    /// alone.
    /// </summary>
    public static IReadOnlyCollection<string> Together(ClusterConfiguration configuration, string group) =>
        Of(configuration).together.GetValueOrDefault(group) ?? [];

    /// <summary>All that share a node, set by set.</summary>
    public static IEnumerable<IReadOnlyCollection<string>> Sets(ClusterConfiguration configuration) => Of(configuration).Sets();

    /// <summary>Others follow it and it follows nobody: where it goes the set goes.</summary>
    public static bool Leads(ClusterConfiguration configuration, string group) =>
        Of(configuration).together.ContainsKey(group) && Leads(configuration.Groups, group);

    /// <summary>Whom the group follows in the end; null: nobody.</summary>
    public static string? Leader(ClusterConfiguration configuration, string group) =>
        Leads(configuration.Groups, group)
            ? null
            : Together(configuration, group).FirstOrDefault(other => Leads(configuration.Groups, other));

    /// <summary>
    /// Why the node does not suit what goes with the group and is to run; null: it suits them, as far as their domains go.
    /// </summary>
    public static string? Misfit(ClusterState state, GroupState group, string node)
    {
        IReadOnlyCollection<string> together = Together(state.Configuration, group.Name);
        foreach (string name in together)
        {
            GroupState other = state.Groups[name];
            if (name != group.Name && other is { Goal: GroupGoal.Run, Frozen: false } && other.Phase != GroupPhase.Failed
                && Placement.Rank(state.Configuration, other.Definition, node) is null)
            {
                return $"is not in the restricted domain '{other.Definition.Domain}' of group '{name}', which shares its node";
            }
        }

        // Two that follow nobody are brought together by what follows both: the later in order goes to the earlier.
        return together.FirstOrDefault(
            name => string.CompareOrdinal(name, group.Name) < 0 && Leads(state.Configuration.Groups, name)
                && state.Groups[name].ActiveOn is { IsEmpty: false } places && !places.Contains(node)) is { } apart
            && together.Any(name => !Leads(state.Configuration.Groups, name) && state.Groups[name].Goal == GroupGoal.Run)
            ? $"does not run group '{apart}', which shares its node"
            : null;
    }

    /// <summary>Groups that a change of this one can concern, either way.</summary>
    public static IReadOnlyCollection<string> Related(ClusterConfiguration configuration, string group) =>
        Of(configuration).related.GetValueOrDefault(group) ?? [];

    /// <summary>Groups that need something of this one.</summary>
    public static IReadOnlyCollection<string> Dependents(ClusterConfiguration configuration, string group) =>
        Of(configuration).dependents.GetValueOrDefault(group) ?? [];

    /// <summary>
    /// All of it runs, its node has said so, and nothing of it is about to stop. A frozen group keeps its phase, whatever becomes of it.
    /// </summary>
    public static bool IsThere(ClusterState state, GroupState group) =>
        group.Phase == GroupPhase.Started && GoesOn(state, group)
        && state.Nodes[group.Owner!] is { } node && node.Incarnation == group.OwnerIncarnation && node.ProbedVersion >= group.ProbeVersion
        && node.Answers.GetValueOrDefault(group.Name)?.Answer != FoundAnswer.Unknown
        && (!group.Instance.Abandoned.IsEmpty || group.Instance.Resources.Count >= ResourceTree.Of(group.Definition).StartOrder.Length)
        && !IsHeld(group);

    /// <summary>
    /// Its start was held at a failed resource (FEATURES B12): it runs in part, and nobody has said that the rest does not matter.
    /// </summary>
    private static bool IsHeld(GroupState group)
    {
        ResourceTree tree = ResourceTree.Of(group.Definition);
        return group.Instance.Abandoned.Any(
            id => !tree.WithAncestors(id).Any(r => r.NonCritical || r.Limits?.StartFinal == FinalAction.Continue));
    }

    /// <summary>Why the group can't start at all now; null: as far as others go, it can.</summary>
    public static Cause? Unmet(ClusterState state, GroupState group)
    {
        foreach (GroupDependency dependency in Of(group.Definition))
        {
            GroupState other = state.Groups[dependency.Group];
            if (dependency.Require != DependencyMode.None && !IsThere(state, other))
            {
                return CauseKind.RequiredIs.With(other.Name, Word(state, other));
            }

            if (dependency.Colocation == Colocation.Same && other.ActiveOn.IsEmpty && IsComing(state, other, []))
            {
                return CauseKind.CompanionIsPlaced.With(other.Name);
            }

            if (dependency.Colocation == Colocation.Same && IsMoving(state, other))
            {
                return CauseKind.CompanionMoves.With(other.Name);
            }
        }

        return null;
    }

    /// <summary>What the group requires will not come by itself: nobody needs to wait for it.</summary>
    public static bool IsHopeless(ClusterState state, GroupState group) => !AllCome(state, group, []);

    /// <summary>
    /// Something of the group is to be stopped that the group needs: what is given up without harm to the rest harms no other group either.
    /// </summary>
    public static bool IsStopping(GroupState group) => group.Instance.Resources.Any(
        r => r.Value == ResourcePhase.Doomed && !ResourceTree.Of(group.OldDefinition ?? group.Definition).WithAncestors(r.Key)
            .Any(above => group.Instance.Abandoned.Contains(above.Id)));

    /// <summary>Why a group that runs can't go on where it is; null: it can.</summary>
    public static Cause? Broken(ClusterState state, GroupState group)
    {
        foreach (GroupDependency dependency in Of(group.Definition))
        {
            if (!state.Groups.TryGetValue(dependency.Group, out GroupState? other))
            {
                continue;
            }

            if (dependency.Require == DependencyMode.Hard && !GoesOn(state, other))
            {
                return CauseKind.RequiredIs.With(other.Name, Word(state, other));
            }

            if (dependency.Colocation == Colocation.Same && other.Owner is { } node && node != group.Owner && OnMember(state, other))
            {
                return CauseKind.CompanionElsewhere.With(other.Name, node);
            }

            if (dependency.Colocation == Colocation.Never && other.ActiveOn.Contains(group.Owner!) && Yields(group, other))
            {
                return CauseKind.ApartIsHere.With(other.Name, group.Owner!);
            }
        }

        return null;
    }

    /// <summary>What the group can't do without is being stopped to stay off, so that it stops now, whatever else it waits for.</summary>
    public static bool LosesRequired(ClusterState state, GroupState group) => Of(group.Definition).Any(d =>
        d.Require == DependencyMode.Hard && state.Groups[d.Group] is var other && !GoesOn(state, other)
        && (other.Goal != GroupGoal.Run || LosesRequired(state, other)));

    /// <summary>Active groups that require this one and stop before it. One that can't be stopped now is not waited for.</summary>
    public static IEnumerable<GroupState> StopBefore(ClusterState state, GroupState group) =>
        (Of(state.Configuration).needing.GetValueOrDefault(group.Name) ?? [])
            .Select(name => state.Groups[name])
            .Concat(TakenOut(state).Where(
                g => Of(g.Definition).Any(d => d.Group == group.Name && d.Require == DependencyMode.Hard)))
            .Where(other => !other.ActiveOn.IsEmpty && !other.Frozen && other.Phase != GroupPhase.Failed);

    /// <summary>What a group that is taken out of the configuration, and stops for that, still demands something of.</summary>
    public static IEnumerable<string> NeedsStill(ClusterState state, string group) =>
        !state.Configuration.Groups.ContainsKey(group) && state.Groups.TryGetValue(group, out GroupState? leaving)
            ? Of(leaving.Definition).Select(d => d.Group)
            : [];

    /// <summary>Whether other groups may have a say in where this one is. Asked once, before many nodes are looked at.</summary>
    public static bool IsBound(ClusterState state, GroupState group) =>
        !group.Definition.Dependencies.IsDefaultOrEmpty || Of(state.Configuration).apart.ContainsKey(group.Name);

    /// <summary>Why other groups keep this one from the node; null: they do not.</summary>
    public static string? Obstacle(ClusterState state, GroupState group, NodeState node)
    {
        foreach (GroupDependency dependency in Of(group.Definition))
        {
            if (dependency.Colocation == Colocation.Same
                && state.Groups.TryGetValue(dependency.Group, out GroupState? other)
                && !other.ActiveOn.IsEmpty && (other.Owner != node.Name || other.ActiveOn.Count > 1))
            {
                return $"does not run group '{other.Name}', which is on {string.Join(", ", other.ActiveOn)}";
            }
        }

        return Of(state.Configuration).apart.GetValueOrDefault(group.Name) is { } never
            && never.FirstOrDefault(node.Groups.Contains) is { } there
            ? $"runs group '{there}', and the two never share a node"
            : null;
    }

    /// <summary>What it needs of others and others of it, a sentence each, and whether that is so now.</summary>
    public static IEnumerable<string> Describe(ClusterState state, GroupState group)
    {
        foreach (GroupDependency dependency in Of(group.Definition))
        {
            string[] demands =
            [
                .. dependency.Require switch
                {
                    DependencyMode.Soft => ["to start, it must be started"],
                    DependencyMode.Hard => ["it must be started"],
                    DependencyMode.None => Array.Empty<string>(),
                    _ => throw new InvalidOperationException($"Unknown mode {dependency.Require}."),
                },
                .. dependency.Colocation switch
                {
                    Colocation.Same => ["on the same node"],
                    Colocation.Never => ["never on the same node"],
                    Colocation.Any => Array.Empty<string>(),
                    _ => throw new InvalidOperationException($"Unknown colocation {dependency.Colocation}."),
                },
            ];
            string now = state.Groups.TryGetValue(dependency.Group, out GroupState? other)
                ? $"{other.Phase}{(other.Owner is { } owner ? $" on {owner}" : "")}"
                : "not there";
            yield return $"Needs of '{dependency.Group}': {string.Join(", ", demands)}. It is {now}.";
        }

        var others = Related(state.Configuration, group.Name)
            .Select(name => (Name: name, Demand: Of(state.Configuration.Groups[name]).FirstOrDefault(d => d.Group == group.Name)))
            .Where(o => o.Demand is not null)
            .ToLookup(o => o.Demand is { Require: DependencyMode.None, Colocation: Colocation.Never }, o => o.Name);
        if (others[false].Any())
        {
            yield return $"Others depend on it: {string.Join(", ", others[false])}.";
        }

        if (others[true].Any())
        {
            yield return $"Others keep away from it: {string.Join(", ", others[true])}.";
        }
    }

    /// <summary>It goes where another one goes, which depends on all that is placed.</summary>
    public static bool Shares(GroupState group) => Of(group.Definition).Any(static d => d.Colocation == Colocation.Same);

    private static ImmutableArray<GroupDependency> Of(GroupConfiguration group) => group.Dependencies.IsDefault ? [] : group.Dependencies;

    private static GroupDependencies Of(ClusterConfiguration configuration) =>
        Cache.GetValue(configuration.Groups, static g => new GroupDependencies(g));

    private static bool Leads(ImmutableSortedDictionary<string, GroupConfiguration> groups, string name) =>
        Of(groups[name]).All(d => d.Colocation != Colocation.Same);

    private IEnumerable<SortedSet<string>> Sets() => together.Values.Distinct(ReferenceEqualityComparer.Instance).Cast<SortedSet<string>>();

    /// <summary>One set of the two that the groups are in.</summary>
    private void Join(string group, string other)
    {
        SortedSet<string> joined = together.GetValueOrDefault(group) ?? new SortedSet<string>(StringComparer.Ordinal) { group };
        joined.UnionWith(together.GetValueOrDefault(other) ?? [other]);
        foreach (string member in joined)
        {
            together[member] = joined;
        }
    }

    private static void Add(Dictionary<string, SortedSet<string>> map, string key, string value)
    {
        if (!map.TryGetValue(key, out SortedSet<string>? set))
        {
            map.Add(key, set = new SortedSet<string>(StringComparer.Ordinal));
        }

        set.Add(value);
    }

    private static IEnumerable<GroupState> TakenOut(ClusterState state) =>
        state.Groups.Count == state.Configuration.Groups.Count ? [] : state.Groups.Values.Where(g => g.Goal == GroupGoal.Remove);

    private static bool OnMember(ClusterState state, GroupState group) =>
        group.Owner is { } owner && state.Nodes[owner] is { Member: true, Phase: not NodePhase.Fencing };

    /// <summary>Its node is there to run it, or is away by plan and has left it running.</summary>
    private static bool RunsOn(ClusterState state, GroupState group) =>
        OnMember(state, group) || (group.Owner is { } owner && state.Nodes[owner].MaintenanceUntil is not null);

    private static string Word(ClusterState state, GroupState group) =>
        group.Phase != GroupPhase.Started ? group.Phase.ToString()
        : group.Owner is { } owner
            && !RunsOn(state, group) ? $"{(group.Frozen ? "frozen " : "")}on node {owner}, which is {state.Nodes[owner].Phase}"
        : IsHeld(group) ? "started only in part"
        : "changing";

    /// <summary>It runs at least in part, and nothing of it is about to stop.</summary>
    private static bool GoesOn(ClusterState state, GroupState group) =>
        group.Phase is GroupPhase.Started or GroupPhase.Starting or GroupPhase.Recovering
        && RunsOn(state, group) && !IsStopping(group);

    /// <summary>It is about to leave its node for another one.</summary>
    private static bool IsMoving(ClusterState state, GroupState group) =>
        group is { Goal: GroupGoal.Run, Frozen: false } && OnMember(state, group)
        && (group.Phase == GroupPhase.Stopping || (group.Order.Gathers && Placement.ForAll(state, group) is not null));

    /// <summary>It is placed by and by. Groups seen already need no second look: one that is not coming ends the search.</summary>
    private static bool IsComing(ClusterState state, GroupState group, HashSet<string> seen) =>
        !seen.Add(group.Name)
        || (group is { Goal: GroupGoal.Run, Frozen: false, Order.RetryAt: null, Phase: not GroupPhase.Failed }
            && Placement.Choose(state, group) is not null && AllCome(state, group, seen));

    /// <summary>What the group requires is there, or will be by itself.</summary>
    private static bool AllCome(ClusterState state, GroupState group, HashSet<string> seen) => Of(group.Definition).All(d =>
        d.Require == DependencyMode.None || (state.Groups[d.Group] is var other && IsThere(state, other))
        || (!other.Frozen && (other.Owner is { } owner
            ? other is { Goal: GroupGoal.Run, Phase: not GroupPhase.Failed } && state.Nodes[owner].Phase != NodePhase.LeftCluster
                && !(other.Phase == GroupPhase.Started && IsHeld(other))
            : IsComing(state, other, seen))));

    /// <summary>Of two that both keep away from each other the later in order gives way, else the one that keeps away.</summary>
    private static bool Yields(GroupState group, GroupState other) =>
        string.CompareOrdinal(group.Name, other.Name) > 0
            || Of(other.Definition).All(d => d.Group != group.Name || d.Colocation != Colocation.Never);
}
