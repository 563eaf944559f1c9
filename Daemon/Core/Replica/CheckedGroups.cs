using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Which groups' status is checked on this node, and what is proposed of the answers.</summary>
internal sealed class CheckedGroups(Life self, List<Effect> effects)
{
    private readonly Dictionary<string, Watch> watched = new(StringComparer.Ordinal);
    private bool all = true;

    /// <summary>What was touched from now on is not told: everything is looked at next time.</summary>
    public void LookAtAll() => all = true;

    /// <summary>Begins and ends checks as the state that this node acts by asks.</summary>
    public void Follow(ClusterState state, bool isPrivate)
    {
        if (!all && !isPrivate && !state.Touched.Configuration)
        {
            foreach (string name in state.Touched.Groups)
            {
                Look(state, name);
            }

            return;
        }

        // What was touched while this node acted by another state, or by none, was not looked at.
        all = isPrivate;
        IEnumerable<string> here = state.Nodes.TryGetValue(self.Node, out NodeState? node) ? node.Groups : Names.None;
        foreach (string name in here.Concat(watched.Keys).Distinct(StringComparer.Ordinal).ToArray())
        {
            Look(state, name);
        }
    }

    /// <summary>A check failed.</summary>
    public void Failed(string group, string resource, string message)
    {
        if (watched.ContainsKey(group))
        {
            effects.Add(new Propose(new MonitorFailed(group, resource, self.Node, self.Incarnation, message)));
        }
    }

    /// <summary>A check was not answered.</summary>
    public void Unknown(ClusterState state, string group, string resource, int depth, string message)
    {
        if (watched.ContainsKey(group))
        {
            int asked = (Unanswered(state, group, resource, depth)?.Asked ?? 0) + 1;
            effects.Add(new Propose(new MonitorUnknown(group, resource, self.Node, self.Incarnation, depth, asked, message)));
        }
    }

    /// <summary>A check was answered: of use only where an earlier one was not.</summary>
    public void Answered(ClusterState state, string group, string resource, int depth)
    {
        if (watched.ContainsKey(group) && Unanswered(state, group, resource, depth) is { } check)
        {
            effects.Add(new Propose(new MonitorUnknown(group, resource, self.Node, self.Incarnation, depth, check.Asked, null)));
        }
    }

    private static UnansweredCheck? Unanswered(ClusterState state, string group, string resource, int depth) =>
        state.Groups.GetValueOrDefault(group)?.Instance.Checks.GetValueOrDefault(Description.Check(resource, depth));

    private void Look(ClusterState state, string name)
    {
        Watch? want = state.Groups.TryGetValue(name, out GroupState? group)
            && group is { Phase: GroupPhase.Started, Frozen: false, Pending: null, OldDefinition: null }
            && group.Owner == self.Node && group.OwnerIncarnation == self.Incarnation && state.Quorum != Quorum.None
            ? new Watch(group.Definition, group.Instance.Resources)
            : null;
        if (want is null)
        {
            if (watched.Remove(name))
            {
                effects.Add(new MonitorGroup(name, []));
            }
        }
        else if (!watched.TryGetValue(name, out Watch? have) || !have.IsSame(want))
        {
            watched[name] = want;
            effects.Add(new MonitorGroup(
                name,
                [
                    .. ResourceTree.Of(want.Definition).StartOrder.Where(
                        r => (r.MonitorInterval > 0 || !r.StatusChecks.IsDefaultOrEmpty) && want.Resources.ContainsKey(r.Id)),
                ]));
        }
    }

    private sealed record Watch(GroupConfiguration Definition, ImmutableSortedDictionary<string, ResourcePhase> Resources)
    {
        public bool IsSame(Watch other) => ReferenceEquals(Definition, other.Definition) && ReferenceEquals(Resources, other.Resources);
    }
}
