namespace ClusterTools.Contract;

/// <summary>What would happen now, if: <c>GET /v1/plan</c>. Nothing of it is done.</summary>
public sealed class Plan
{
    /// <summary>What was asked, in words.</summary>
    public string Question { get; set; } = "";

    /// <summary>Index of the state that it is told from.</summary>
    public long Index { get; set; }

    /// <summary>Whether there would be quorum afterwards.</summary>
    public Quorum Quorum { get; set; }

    /// <summary>In order; empty: nothing would be done.</summary>
    public IReadOnlyList<PlanStep> Steps { get; set; } = [];

    /// <summary>Every group, where it is and where it would be afterwards.</summary>
    public IReadOnlyList<PlannedGroup> Groups { get; set; } = [];

    /// <summary>Why it would be refused or fail; null: it would not.</summary>
    public string? Refused { get; set; }
}

/// <summary>A step of a <see cref="Plan"/>.</summary>
public sealed class PlanStep
{
    /// <summary>From 1.</summary>
    public int Order { get; set; }

    public PlanAction Action { get; set; }

    /// <summary>The group; null for a fence.</summary>
    public string? Group { get; set; }

    /// <summary>Id of the resource that is started or stopped; null: it is about the whole group, or a fence.</summary>
    public string? Resource { get; set; }

    /// <summary>Where it is done; of a move where it goes to; of a fence who is fenced. Null: wherever the group runs.</summary>
    public string? Node { get; set; }

    public string Why { get; set; } = "";
}

/// <summary>Where a group is, and where it would be.</summary>
public sealed class PlannedGroup
{
    public string Group { get; set; } = "";

    public string? OwnerNow { get; set; }

    public GroupPhase PhaseNow { get; set; }

    /// <summary>Null: it would run nowhere.</summary>
    public string? OwnerThen { get; set; }

    public GroupPhase PhaseThen { get; set; }

    /// <summary>Why it would be so.</summary>
    public string Why { get; set; } = "";

    /// <summary>What to think of before it comes to that, such as that no other node could take it then; null: nothing.</summary>
    public string? Risk { get; set; }
}

public enum PlanAction
{
    Start,
    Stop,
    Fence,

    /// <summary>A guest moves while it runs, to the node that is named.</summary>
    Migrate,

    /// <summary>A group goes from one node to another; its stops and starts follow.</summary>
    Move,
}
