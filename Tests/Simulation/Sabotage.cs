using System.Collections.Immutable;
using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// Stands between the simulation and the Core and, in one of its kinds, spoils what the Core answers in the way a mistake
/// in it would: a checker that does not notice is worth nothing.
/// </summary>
internal class Sabotage : IFolding
{
    public static Sabotage None { get; } = new();

    public virtual ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope) =>
        Cluster.Apply(state, epoch, index, envelope);

    public virtual ClusterState Apply(ClusterState state, long index, ViewEvent view) => Cluster.Apply(state, index, view);

    public virtual ImmutableArray<ClusterAction> Plan(ClusterState state) => Cluster.Plan(state);
}

/// <summary>What a lost node owned is free at once, before its fencing.</summary>
internal sealed class FencingGateSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long index, ViewEvent view)
    {
        ClusterState next = base.Apply(state, index, view);
        foreach (NodeState node in next.Nodes.Values)
        {
            if (node.Member || node.Phase == NodePhase.Down || node.Groups.IsEmpty)
            {
                continue;
            }

            foreach (string name in node.Groups)
            {
                GroupState group = next.Groups[name];
                if (group.Frozen || group.Owner != node.Name || group.ActiveOn.Count > 1 || group.Phase == GroupPhase.Failed
                    || group.Goal != GroupGoal.Run)
                {
                    continue;
                }

                NodeState at = next.Nodes[node.Name];
                next = next with
                {
                    Groups = next.Groups.SetItem(name, group with
                    {
                        Owner = null, ActiveOn = Names.None,
                            Instance = group.Instance with { Resources = group.Instance.Resources.Clear(), Abandoned = Names.None },
                            Phase = GroupPhase.Recovering,                     }),
                    Nodes = next.Nodes.SetItem(node.Name, at with
                    {
                        Groups = at.Groups.Remove(name), ExclusiveGroups = at.ExclusiveGroups - (group.Definition.Exclusive ? 1 : 0),
                    }),
                    Waiting = next.Waiting.Add(name),
                };
            }
        }

        return Cluster.SettleInFull(next);
    }
}

/// <summary>The restart window lets one restart more pass than is allowed.</summary>
internal sealed class RestartWindowSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        if (envelope.Event is MonitorFailed failed && state.Groups.TryGetValue(failed.Group, out GroupState? group)
            && group.Definition.MaxRestarts > 0 && group.Recovery.Restarts.Length == group.Definition.MaxRestarts)
        {
            state =
                state with { Groups =
                    state.Groups.SetItem(
                        group.Name, group with { Recovery = group.Recovery with { Restarts = group.Recovery.Restarts.RemoveAt(0) } }) };
        }

        return base.Apply(state, epoch, index, envelope);
    }
}

/// <summary>A child is started in its parent's place, or a parent stopped in its child's.</summary>
/// <param name="stop">The latter.</param>
internal sealed class TreeOrderSabotage(bool stop) : Sabotage
{
    public override ImmutableArray<ClusterAction> Plan(ClusterState state) =>
    [
        .. base.Plan(state).Select(action => action switch
        {
            ResourceAction { Id.Operation: ActionOperation.Start } start when !stop && !start.Resource.Children.IsEmpty =>
                start with { Resource = start.Resource.Children[0] },
            ResourceAction { Id.Operation: ActionOperation.Stop } end when stop
                && ResourceTree.Of(state.Groups[end.Group].Definition) is var tree && tree.Parent(end.Resource.Id) is { } parent
                && tree.Find(parent) is { } above =>
                end with { Resource = above },
            _ => action,
        }),
    ];
}

/// <summary>Freezing is answered with success, and forgotten.</summary>
internal sealed class FreezeSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        return envelope.Event is GroupRequest { Operation: GroupOperation.Freeze } request
            && next.Groups.TryGetValue(request.Group, out GroupState? group)
            && group is { Frozen: true, Owner: not null }
            ? next with { Groups = next.Groups.SetItem(group.Name, group with { Frozen = false }) }
            : next;
    }
}

/// <summary>What groups need of each other is accepted, and forgotten.</summary>
internal sealed class DependencySabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        return envelope.Event is not ConfigurationRequest ? next : next with
        {
            Groups = next.Groups.ToImmutableSortedDictionary(
                g => g.Key, g => g.Value with { Definition = g.Value.Definition with { Dependencies = [] } }, StringComparer.Ordinal),
        };
    }
}

/// <summary>Now and then a group is not looked at again that an event concerns, without being about it.</summary>
/// <param name="words">Only what would have been said of it is missing.</param>
internal sealed class MarkSabotage(bool words) : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        if (index % 5 != 0 || next.Touched.Groups.IsDefaultOrEmpty)
        {
            return next;
        }

        foreach (string name in next.Touched.Groups)
        {
            if (!state.Groups.TryGetValue(name, out GroupState? old) || !next.Groups.TryGetValue(name, out GroupState? now))
            {
                continue;
            }

            if (words && now != old && now with { Waits = old.Waits, Reason = old.Reason } == old && now.Waits != old.Waits)
            {
                return next with { Groups = next.Groups.SetItem(name, old) };
            }

            if (!words && old.Pending is null && now.Pending is not null)
            {
                return next with { Groups = next.Groups.SetItem(name, now with { Pending = null }), Working = next.Working.Remove(name) };
            }
        }

        return next;
    }
}

/// <summary>Who is gone is lost, whatever people have done with it.</summary>
internal sealed class HandsOffSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long index, ViewEvent view)
    {
        ClusterState next = base.Apply(state, index, view);
        return Cluster.SettleInFull(next with
        {
            Nodes = next.Nodes.SetItems(next.Nodes.Values
                .Where(n => n.TakenOut && !n.Member && state.Nodes.TryGetValue(n.Name, out NodeState? was)
                    && was is { Member: true, Phase: NodePhase.Maintenance })
                .Select(n => KeyValuePair.Create(n.Name, n with { Phase = NodePhase.Lost, TakenOut = false, LostAt = next.Time }))),
        });
    }
}

/// <summary>Disarming is answered with success, and forgotten.</summary>
internal sealed class DisarmSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        return next.Disarmed is null ? next : Cluster.SettleInFull(next with { Disarmed = null });
    }
}

/// <summary>Nobody counts how often a node was lost.</summary>
internal sealed class FlapSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long index, ViewEvent view)
    {
        ClusterState next = base.Apply(state, index, view);
        return next with
        {
            Nodes = next.Nodes.SetItems(next.Nodes.Values.Select(n => KeyValuePair.Create(n.Name, n with { Flaps = null }))),
        };
    }
}

/// <summary>Nothing waits for a node whose machine is shut down.</summary>
internal sealed class KeepSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        return next with
        {
            Groups = next.Groups.SetItems(next.Groups.Values.Where(g => g.Order.Kept is not null)
                .Select(g => KeyValuePair.Create(g.Name, g with { Order = g.Order with { Kept = null } }))),
        };
    }
}

/// <summary>What was not answered is folded into another answer.</summary>
/// <param name="question">To what: probe, check or stop.</param>
/// <param name="answer">Of a probe: what it is taken for; null: that nothing runs. Of the others: failed.</param>
internal sealed class UnknownSabotage(string question, FoundAnswer? answer) : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope) =>
        base.Apply(state, epoch, index, envelope with
    {
        Event = envelope.Event switch
        {
            Probed probed when question == "probe" => probed with
            {
                Found =
                    [
                        .. probed.Found.Where(f => f.Answer != FoundAnswer.Unknown || answer is not null)
                        .Select(f => f.Answer == FoundAnswer.Unknown ? f with { Answer = answer!.Value } : f)],
            },
            MonitorUnknown { Message: { } message } check when question == "check" =>
            new MonitorFailed(check.Group, check.Resource, check.Node, check.Incarnation, message),
            ActionCompleted { Id.Operation: ActionOperation.Stop } stop when question == "stop" =>
            stop with { Answer = ActionAnswer.Given },
            _ => envelope.Event,
        },
    });
}

/// <summary>A guest whose node is proven down is started before anybody else was asked for it.</summary>
internal sealed class GuestUnaskedSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        GroupState[] lost = envelope.Event is not FenceCompleted ? [] :
        [
            .. next.Groups.Values.Where(
                g => g is { Definition.Guest: not null, Owner: null } && state.Groups[g.Name].ActiveOn != g.ActiveOn),
        ];
        return lost.Length == 0 ? next : Cluster.SettleInFull(next with
        {
            Groups = next.Groups.SetItems(lost.Select(g => KeyValuePair.Create(
                g.Name, g with { ActiveOn = Names.None, ProbeVersion = state.Groups[g.Name].ProbeVersion, IsUnasked = false }))),
            Nodes = next.Nodes.SetItems(next.Nodes.Values.Where(n => lost.Any(g => n.Groups.Contains(g.Name)))
                .Select(n => KeyValuePair.Create(n.Name, n with { Groups = n.Groups.Except(lost.Select(g => g.Name)) }))),
        });
    }
}

/// <summary>A guest that moves counts as running on the node that it leaves alone.</summary>
internal sealed class OneEndedMigrationSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        GroupState[] begun =
        [
            .. next.Groups.Values.Where(g => g.Migration is { } migration && state.Groups.GetValueOrDefault(g.Name)?.Migration is null
                && g.ActiveOn.Contains(migration.To)),
        ];
        foreach (GroupState group in begun)
        {
            NodeState to = next.Nodes[group.Migration!.To];
            next = next with
            {
                Groups = next.Groups.SetItem(group.Name, group with { ActiveOn = group.ActiveOn.Remove(to.Name) }),
                Nodes = next.Nodes.SetItem(to.Name, to with
                {
                    Groups = to.Groups.Remove(group.Name), ExclusiveGroups = to.ExclusiveGroups - (group.Definition.Exclusive ? 1 : 0),
                }),
            };
        }

        return next;
    }
}

/// <summary>Nobody hears that a guest was moved out of the cluster: it is recovered as one that has ended.</summary>
internal sealed class MovedOutsideSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope) =>
        base.Apply(
            state, epoch, index,
            envelope.Event is GuestNoticed { MovedAway: true } moved
                ? envelope with { Event = moved with { MovedAway = false } }
                : envelope);
}

/// <summary>While a guest moves its group is started and stopped as if it did not.</summary>
internal sealed class MovingForgottenSabotage : Sabotage
{
    public override ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        ClusterState next = base.Apply(state, epoch, index, envelope);
        return envelope.Event is not MigrationTold told || !next.Groups.TryGetValue(told.Id.Target, out GroupState? group)
            || group.Pending?.Id != told.Id
            ? next
            : Cluster.SettleInFull(next with
            {
                Groups = next.Groups.SetItem(group.Name, group with
                {
                    Pending = null, Migration = null, ActiveOn = Names.None.Add(group.Owner!), Goal = GroupGoal.Stop,
                }),
                Nodes = Without(next, group, told),
                Working = next.Working.Remove(group.Name),
            });
    }

    private static ImmutableSortedDictionary<string, NodeState> Without(ClusterState next, GroupState group, MigrationTold told)
    {
        NodeState to = next.Nodes[group.Migration!.To];
        return next.Nodes.SetItem(to.Name, to with
        {
            Groups = to.Groups.Remove(told.Id.Target), ExclusiveGroups = to.ExclusiveGroups - (group.Definition.Exclusive ? 1 : 0),
        });
    }
}
