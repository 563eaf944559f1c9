namespace ClusterTools.Simulation;

/// <summary>A checker has found what must never be.</summary>
internal sealed class InvariantBrokenException : Exception
{
    public InvariantBrokenException()
    {
    }

    public InvariantBrokenException(string message)
        : base(message)
    {
    }

    public InvariantBrokenException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public InvariantBrokenException(string invariant, string message)
        : base($"{invariant}: {message}") => Invariant = invariant;

    public string Invariant { get; } = "";
}
