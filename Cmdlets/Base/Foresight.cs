namespace ClusterTools.Cmdlets;

/// <summary>
/// What a change would do, by the cluster's own prediction: in words for -WhatIf and -Confirm, and what of it asks for a second thought.
/// </summary>
internal sealed class Foresight
{
    private const int Most = 10;

    private readonly Plan plan;
    private readonly string? about;

    /// <param name="plan">The prediction.</param>
    /// <param name="about">The group that the change is about, of which all else is said already; null: none.</param>
    public Foresight(Plan plan, string? about = null)
    {
        this.plan = plan;
        this.about = about;
    }

    /// <summary>Why the change would be refused, or come to nothing; null: it would not.</summary>
    public string? Refused => plan.Refused;

    /// <summary>What becomes of groups, such as <c>webshop moves to node1; reports stops: …</c>; empty: nothing.</summary>
    public string Groups
    {
        get
        {
            string[] told = [.. plan.Groups.Where(g => g.Group != about).Select(WhatBecomesOf).OfType<string>()];
            return string.Join("; ", told.Length <= Most ? told : [.. told.Take(Most), $"and {told.Length - Most} more groups"]);
        }
    }

    /// <summary>What the change costs: the quorum, or groups that run nowhere then; null: nothing.</summary>
    public string? Cost
    {
        get
        {
            if (plan.Quorum != Quorum.Quorate)
            {
                return "That costs the quorum: the cluster stops everything, until enough nodes take part again.";
            }

            string[] down = [.. plan.Groups.Where(g => g.Group != about && Stops(g)).Select(g => g.Group)];
            return down.Length switch
            {
                0 => null,
                1 => $"Group '{down[0]}' runs nowhere then.",
                _ =>
                    $"Groups {string.Join(", ", down.Take(Most))}{(down.Length > Most ? $" and {down.Length - Most} more" : "")} run "
                        + "nowhere then.",
            };
        }
    }

    private static bool Stops(PlannedGroup group) =>
        group is { OwnerNow: not null, PhaseNow: not GroupPhase.Failed }
            && (group.OwnerThen is null || group.PhaseThen != GroupPhase.Started);

    private string? WhatBecomesOf(PlannedGroup group) =>
        group.OwnerNow is null ? group.OwnerThen is null ? null : $"{group.Group} starts on {group.OwnerThen}"
        : Stops(group) ? $"{group.Group} stops: {group.Why}"
        : group.OwnerNow != group.OwnerThen ? $"{group.Group} moves to {group.OwnerThen}"
        : plan.Steps.Any(s => s.Group == group.Group) ? $"{group.Group} is restarted on {group.OwnerThen}"
        : null;
}
