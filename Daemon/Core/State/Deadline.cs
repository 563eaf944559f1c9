namespace ClusterTools.Core;

/// <summary>Something is due at a cluster time.</summary>
/// <param name="At">Milliseconds of cluster time.</param>
/// <param name="Kind">What is due.</param>
/// <param name="Key">The node or group.</param>
public readonly record struct Deadline(long At, DeadlineKind Kind, string Key) : IComparable<Deadline>
{
    public int CompareTo(Deadline other) =>
        At != other.At ? At.CompareTo(other.At)
        : Kind != other.Kind ? Kind.CompareTo(other.Kind)
        : string.CompareOrdinal(Key, other.Key);

    public static bool operator <(Deadline left, Deadline right) => left.CompareTo(right) < 0;

    public static bool operator >(Deadline left, Deadline right) => left.CompareTo(right) > 0;

    public static bool operator <=(Deadline left, Deadline right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Deadline left, Deadline right) => left.CompareTo(right) >= 0;
}
