namespace ClusterTools.Voting;

/// <summary>
/// The one arithmetic of votes (FEATURES A2), compiled into whoever counts: the engine decides by it, and the Core says and refuses by it.
/// Of numbers and names alone.
/// </summary>
internal static class VoteCount
{
    /// <summary>⌊expected/2⌋+1 votes.</summary>
    public static int Majority(int expected) => (expected / 2) + 1;

    /// <summary>The votes of these nodes.</summary>
    public static int Of(IReadOnlyDictionary<string, int> votes, IEnumerable<string> nodes)
    {
        int sum = 0;
        foreach (string node in nodes)
        {
            sum += votes.GetValueOrDefault(node);
        }

        return sum;
    }

    /// <summary>What quorum is counted from: those that an epoch was opened without count on neither side until they are admitted again.</summary>
    public static int Expected(IReadOnlyDictionary<string, int> votes, int expected, IReadOnlyCollection<string> superseded) => expected - Of(votes, superseded);

    /// <summary>Whether these nodes hold a majority.</summary>
    public static bool Keeps(IReadOnlyDictionary<string, int> votes, int expected, IReadOnlyCollection<string> superseded, IEnumerable<string> nodes) =>
        Of(votes, nodes.Where(node => !superseded.Contains(node))) >= Majority(Expected(votes, expected, superseded));
}
