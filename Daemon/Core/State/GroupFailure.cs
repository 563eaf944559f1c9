using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>
/// What has failed of a group last, kept over what follows from it until a person, a changed configuration or a quiet time makes it past.
/// </summary>
/// <param name="What">Such as <see cref="CauseKind.StartFailure"/>.</param>
/// <param name="Resource">Its id.</param>
/// <param name="Node">Where.</param>
/// <param name="Message">What the agent said.</param>
/// <param name="Time">Cluster time.</param>
/// <param name="WallTime">Milliseconds since 1970-01-01 UTC, for people; 0: not known.</param>
public sealed record GroupFailure(
    [property: JsonConverter(typeof(CauseKindConverter))] CauseKind What, string Resource, string Node, string Message, long Time,
    long WallTime)
{
    // A reason is read at a glance; all that was said is in the journal.
    private const int Words = 400;

    /// <summary>The failure that still says why a group is as it is; null: none, or it has run well for long enough since.</summary>
    public static GroupFailure? Of(GroupState group, long time)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.Failure is { } failure
            && (group.Phase != GroupPhase.Started || time - failure.Time <= group.Definition.FailureQuietTime * 1000L)
            ? failure
            : null;
    }

    /// <summary>The same without where and what was said, in words.</summary>
    [JsonIgnore]
    public string Told => What.Words([Resource]);

    /// <summary>What the agent said, as a reason has it.</summary>
    internal string Said => Description.Shortened(Message, Words);

    /// <summary>In words.</summary>
    public override string ToString() => $"{Told} on {Node}: {Said}";
}
