namespace ClusterTools.Contract;

/// <summary>
/// How a time stands on the wire where that is not the usual: durations are whole milliseconds, points in time are texts (RFC 3339).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OnWireAttribute(WireForm form) : Attribute
{
    /// <summary>The form.</summary>
    public WireForm Form => form;
}

/// <summary>A number that stands for a time.</summary>
public enum WireForm
{
    /// <summary>A duration in whole seconds.</summary>
    Seconds,

    /// <summary>A point in time as milliseconds since 1970-01-01 UTC.</summary>
    UnixMilliseconds,
}
