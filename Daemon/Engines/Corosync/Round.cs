namespace ClusterTools.Engines.Corosync;

/// <summary>
/// One decision about who is in the view: the ring that it is made in, and the how-manieth it is there. What was said in another round
/// counts for nothing.
/// </summary>
internal readonly record struct Round(RingId Ring, int Number)
{
    public Round Next() => this with { Number = Number + 1 };
}
