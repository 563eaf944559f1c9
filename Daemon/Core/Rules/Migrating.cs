using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// Guests that move while they run (FEATURES D3, D4). While one does, both nodes count as having it: the loss of either is proven before
/// anything else happens. Whatever came of it, every node is asked where the guest is.
/// </summary>
internal static class Migrating
{
    /// <summary>Why a guest can't be migrated now, as somebody asks; null: it can, as far as that goes.</summary>
    public static string? Refusal(Draft draft, GroupRequest e, GroupState group)
    {
        if (group.Definition.Guest is not { } guest || !group.Definition.Resources[0].Children.IsDefaultOrEmpty)
        {
            return $"Group '{e.Group}' is no guest that the cluster runs by itself (agent {GuestSettings.Agent}), and can't be migrated.";
        }

        if (guest.Migrate is null && e.Kind is null)
        {
            return $"Guest '{e.Group}' is not to be migrated by its definition ('migrate' is 'no'). Ask for a live one, or for one "
                + "during which it stands still.";
        }

        NodeState[] open = [.. draft.State.Nodes.Values.Where(n => n.Phase is NodePhase.Lost or NodePhase.Fencing)];
        return open.Length == 0
            ? null
            : $"The cluster is switching: {string.Join(", ", open.Select(n => $"{n.Name} is {n.Phase}"))}. Ask again when that is over.";
    }

    /// <summary>How a guest moves that somebody wants elsewhere; null: it is stopped here and started there.</summary>
    public static MigrationKind? KindOf(GroupRequest e, GroupState group) => e.Operation == GroupOperation.Migrate
        ? e.Kind ?? group.Definition.Migrates ?? MigrationKind.Live
        : group.Definition.Migrates;

    /// <summary>The best other node for a guest; null: there is none now.</summary>
    public static string? Place(Draft draft, GroupState group, string? asked)
    {
        GroupState seeks = group with
        {
            Order = group.Order with
            {
                Preferred = asked, Avoided = null, Tried = group.Order.Tried.Union(group.Unmoved).Add(group.Owner!),
            },
        };
        return Placement.Choose(draft.State, seeks) is { } to && GroupDependencies.Misfit(draft.State, group, to) is null ? to : null;
    }

    /// <summary>
    /// A guest that is to leave its node moves while it runs, if it can and there is a place for it where that has not failed. Null: it is
    /// stopped here and started there.
    /// </summary>
    public static Step? Elsewhere(Draft draft, GroupState group, string? asked, Cause why, string? who) =>
        group.Definition.Migrates is { } kind && Groups.IsWhole(group)
            // What it requires runs nowhere: no other node would do.
            && !GroupDependencies.LosesRequired(draft.State, group)
            && Place(draft, group, asked) is { } to
            ? Begin(draft, group, to, kind, why, who)
            : null;

    public static Step Begin(Draft draft, GroupState group, string to, MigrationKind kind, Cause why, string? who)
    {
        NodeState at = draft.State.Nodes[group.Owner!];
        NodeState there = draft.State.Nodes[to];
        string resource = group.Definition.Resources[0].Id;
        var id = new ActionId(draft.IdEpoch, draft.Index, at.Incarnation, group.Name, resource, ActionOperation.Migrate, 0);
        UnknownAnswers.Overtake(draft, group.Name, at);
        UnknownAnswers.Overtake(draft, group.Name, there);
        draft.SetGroup(group with
        {
            OwnerIncarnation = at.Incarnation,
            ActiveOn = group.ActiveOn.Add(to),
            Pending = new PendingAction(id, at.Name, resource),
            Order = group.Order.To(null),
            Migration = new MigrationState
            {
                From = at.Name,
                To = to,
                ToIncarnation = there.Incarnation,
                Kind = kind,
                Why = why,
                Who = who,
                Since = draft.State.Time,
                SinceWall = draft.WallTime,
            },
        });
        draft.Journal(
            JournalSeverity.Information, JournalKind.GroupMigrating,
            $"Guest '{group.Name}' migrates from {at.Name} to {to}{(kind == MigrationKind.Live ? "" : ", standing still meanwhile")}: "
                + $"{why}.",
            at.Name, group.Name, who: who);
        return Step.Done;
    }

    /// <summary>Somebody wants the guest to stay where it is.</summary>
    public static void End(Draft draft, Request e, GroupState group)
    {
        if (group is not { Migration: { } migration, Pending: not null })
        {
            Operations.Refuse(
                draft, e, group.Migration is null
                    ? $"Guest '{group.Name}' is not migrating."
                    : $"What became of the migration of guest '{group.Name}' is being found out.");
            return;
        }

        draft.SetGroup(group with { Migration = migration with { Ends = true } });
        Operations.Succeed(
            draft, e, $"The migration of guest '{group.Name}' to {migration.To} is to end; it stays on {migration.From}, unless the last "
                + "step was taken already.");
    }

    /// <summary>A migration that nobody wants any more is to end.</summary>
    public static void MayEnd(Draft draft, GroupState group)
    {
        if (group is { Migration: { Ends: false } migration, Pending: { Id.Operation: ActionOperation.Migrate } pending }
            && (draft.State is { StopOnly: { } self } state ? self == pending.Node && state.Disarmed is null : group.Goal != GroupGoal.Run))
        {
            draft.SetGroup(group with { Migration = migration with { Ends = true } });
        }
    }

    public static void Apply(Draft draft, MigrationTold e)
    {
        if (!draft.State.Groups.TryGetValue(e.Id.Target, out GroupState? group) || group.Pending?.Id != e.Id
            || group.Migration is not { } migration)
        {
            draft.Ignore();
            return;
        }

        draft.SetGroup(group with { Migration = migration with { Figures = e.Figures } });
    }

    public static void Completed(Draft draft, GroupState group, ActionCompleted e)
    {
        if (group.Migration is not { } migration)
        {
            draft.Ignore();
            return;
        }

        if (draft.State.StopOnly is not null)
        {
            // Wherever it is now: nothing of it stays here, unless all is left as it is.
            draft.SetGroup(draft.State.Disarmed is null ? Stopping.DoomAll(group with { Migration = null }) : group);
            return;
        }

        // Proven down meanwhile, it may be no node of the cluster any more.
        bool moved = draft.State.Nodes.TryGetValue(migration.To, out NodeState? there) && e.Success && there.Member
            && group.ActiveOn.Contains(migration.To);
        draft.SetGroup(group with
        {
            Migration = null,
            LastMigration = new MigrationOutcome(
                migration.From, migration.To, migration.Kind, moved, e.Message, migration.Who, migration.Figures, migration.SinceWall,
                draft.WallTime),
            Owner = moved ? migration.To : group.Owner,
            OwnerIncarnation = moved ? there!.Incarnation : group.OwnerIncarnation,
            Unmoved = moved ? Names.None : group.Unmoved.Add(migration.To),
            LastMove = moved
                ? new GroupMove(migration.From, migration.To, migration.Why, migration.Who, draft.WallTime)
                : group.LastMove,
            Reason = moved ? migration.Why : group.Reason,
            By = null,
        });
        if (moved && draft.State.Nodes[migration.From] is { Drain.Goal: DrainGoal.Standby } drained)
        {
            draft.SetNode(drained with { Drain = drained.Drain with { Moved = drained.Drain.Moved.Add(group.Name) } }, settle: false);
        }

        string outcome = moved ? Outcome(draft.State.Groups[group.Name])!
            : e.Success ? $"Guest '{group.Name}' has left {migration.From} for {migration.To}, which was lost meanwhile."
            : $"Guest '{group.Name}' could not be moved from {migration.From} to {migration.To}: {e.Message}";
        draft.Journal(
            moved ? JournalSeverity.Information : JournalSeverity.Warning,
            moved ? JournalKind.GroupMigrated : JournalKind.GroupMigrationFailed, outcome, moved ? migration.To : migration.From,
            group.Name, who: migration.Who);
        if (!moved)
        {
            Operations.EndOf(draft, draft.State.Groups[group.Name], false, outcome);
        }

        // What was asked for has ended when the node that it came to says so.
        Guests.AskAll(draft, group.Name);
    }

    /// <summary>That a guest has come where it is by a migration; null: it has not.</summary>
    public static string? Outcome(GroupState group) =>
        group is { LastMigration: { Success: true } last, LastMove: { } move } && last.To == group.Owner && last.From == move.From
            && last.EndedWall == move.WallTime
            ? $"Guest '{group.Name}' has moved from {last.From} to {last.To}: {last.Message}"
            : null;

    /// <summary>
    /// The node that it left is proven down, or has said what it has: what became of the migration is known once every node has been asked
    /// anew.
    /// </summary>
    public static void IsOver(Draft draft, string name, string node)
    {
        GroupState group = draft.State.Groups[name];
        if (group is not { Migration: { } migration, Pending: null } || migration.From != node)
        {
            return;
        }

        draft.SetGroup(group with
        {
            Migration = null,
            LastMigration = new MigrationOutcome(
                migration.From, migration.To, migration.Kind, false, $"{node} was lost, or began anew.", migration.Who, migration.Figures,
                migration.SinceWall, draft.WallTime),
        });
        Operations.EndOf(
            draft, draft.State.Groups[name], false, $"Node {node}, from which guest '{name}' was moving, was lost, or began anew.");
        Guests.AskAll(draft, name);
    }
}
