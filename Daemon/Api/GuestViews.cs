using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Guests and their migrations as clients see them.</summary>
internal static class GuestViews
{
    public static Contract.GuestStatus Guest(GroupState group)
    {
        ResourceConfiguration resource = group.Definition.Resources[0];
        GuestSettings? settings = group.Definition.Guest;
        return new Contract.GuestStatus
        {
            Name = group.Name,
            Phase = (Contract.GroupPhase)StateViews.PhaseOf(group),
            Host = group.Owner,
            ActiveOn = [.. group.ActiveOn],
            Resource = resource.Id,
            Domain = (settings ?? new GuestSettings()).NameIn(resource),
            Id = group.Facts?.Id,
            Memory = group.Facts?.Memory,
            MaxMemory = group.Facts?.MaxMemory,
            Processors = group.Facts?.Processors,
            Migrates = (Contract.MigrationKind?)group.Definition.Migrates,
            MigrationLimit = settings is null ? null : TimeSpan.FromSeconds(settings.MigrationLimit),
            ShutdownWait = settings?.ShutdownWait is { } wait ? TimeSpan.FromSeconds(wait) : null,
            StopTimeout = TimeSpan.FromMilliseconds(resource.StopTimeout),
            Agent = resource.Agent,
            Definition = settings?.Definition,
            FailoverDomain = group.Definition.Domain,
            Autostart = group.Definition.Autostart,
            Frozen = group.Frozen,
            Operation = group.Operation,
            Why = $"{group.Why}",
            Since = StateViews.Wall(group.SinceWall),
        };
    }

    /// <summary>The one that is under way, else the last one.</summary>
    public static Contract.GuestMigration Migration(ClusterState state, GroupState group)
    {
        if (group.Migration is { } now)
        {
            Contract.GuestMigration under = Of(group.Name, now.From, now.To, now.Kind, now.Figures);
            under.Phase = group.Pending is null ? Contract.MigrationPhase.Unknown
                : now.Ends ? Contract.MigrationPhase.Ending
                : Contract.MigrationPhase.Running;
            under.Percent = now.Figures is { Total: > 0 } figures
                ? (int)Math.Clamp(100 - (figures.Remaining * 100 / figures.Total), 0, 99)
                : null;
            under.Elapsed ??= TimeSpan.FromMilliseconds(Math.Max(0, state.Time - now.Since));
            under.Began = StateViews.Wall(now.SinceWall);
            under.Who = now.Who;
            under.Message = $"{now.Why}";
            return under;
        }

        MigrationOutcome last = group.LastMigration!;
        Contract.GuestMigration over = Of(group.Name, last.From, last.To, last.Kind, last.Figures);
        over.Phase = last.Success ? Contract.MigrationPhase.Succeeded : Contract.MigrationPhase.Failed;
        over.Began = StateViews.Wall(last.BeganWall);
        over.Ended = StateViews.Wall(last.EndedWall);
        over.Who = last.Who;
        over.Message = last.Message;
        return over;
    }

    private static Contract.GuestMigration Of(string guest, string from, string to, MigrationKind kind, MigrationFigures? figures) => new()
    {
        Guest = guest,
        From = from,
        To = to,
        Kind = (Contract.MigrationKind)kind,
        Elapsed = figures is null ? null : TimeSpan.FromMilliseconds(figures.Elapsed),
        Downtime = figures?.Downtime is { } downtime ? TimeSpan.FromMilliseconds(downtime) : null,
        Sent = figures?.Sent ?? 0,
        Left = figures?.Remaining ?? 0,
        Total = figures?.Total ?? 0,
        Speed = figures?.Speed ?? 0,
        Rounds = figures?.Rounds ?? 0,
    };
}
