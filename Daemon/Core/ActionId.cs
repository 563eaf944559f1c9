namespace ClusterTools.Core;

/// <summary>Identity of an action; never used twice.</summary>
/// <param name="Epoch">Epoch of the event that recorded it.</param>
/// <param name="Index">Index of that event.</param>
/// <param name="Incarnation">Life of the node that carries it out.</param>
/// <param name="Target">The group for resource actions, the node for probes and fences.</param>
/// <param name="Resource">The resource, or the fence device.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Attempt">Counts repetitions.</param>
public sealed record ActionId(
    long Epoch, long Index, long Incarnation, string Target, string Resource, ActionOperation Operation, int Attempt)
{
    /// <summary>Of what tells actions apart at once: many are recorded by one event, few for one target.</summary>
    public override int GetHashCode() => HashCode.Combine(Index, Target);

    public override string ToString() => $"{Epoch}.{Index}.{Incarnation}/{Target}/{Resource}/{Operation}/{Attempt}";
}
