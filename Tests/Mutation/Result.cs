namespace ClusterTools.Mutation;

/// <summary>What became of a mutant, and by whom.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Fate">What became of it.</param>
/// <param name="By">The check that noticed; null: none.</param>
/// <param name="Reached">How many checks do what it changes.</param>
internal sealed record Result(string Key, Fate Fate, string? By, int Reached)
{
    /// <summary>Of one that survives: scenarios in which the state is another one, and whose records are.</summary>
    public IReadOnlyList<string>? Differs { get; init; }

    public bool Noticed => Fate is not (Fate.Survived or Fate.Unreached);
}
