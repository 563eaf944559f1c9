namespace ClusterTools.Core;

/// <summary>One line of a plan.</summary>
/// <param name="Action">Start or stop.</param>
/// <param name="Resource">What, as <c>type:name</c>.</param>
public readonly record struct ResourceStep(PredictedAction Action, string Resource)
{
    /// <summary>Name of the group.</summary>
    public string Group { get; init; } = "";

    /// <summary>Id of the resource; null: it is the group's own line.</summary>
    public string? Id { get; init; }

    /// <summary>As <c>start fs:mount1</c>.</summary>
    public override string ToString() => $"{(Action == PredictedAction.Start ? "start" : "stop")} {Resource}";
}
