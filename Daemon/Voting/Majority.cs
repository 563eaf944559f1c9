using System.Text;

namespace ClusterTools.Voting;

/// <summary>
/// Who has how many votes, and what makes a majority of them (FEATURES A2; votequorum(5)): the engine decides by it, and the Core says
/// and refuses by it.
/// </summary>
/// <param name="Votes">Votes by node; who is not in it has none.</param>
/// <param name="Expected">Votes that quorum is counted from, those superseded among them.</param>
public sealed record Majority(IReadOnlyDictionary<string, int> Votes, int Expected)
{
    private static readonly HashSet<string> None = [];

    /// <summary>Nodes that an epoch was opened without: they count on neither side until they are admitted again.</summary>
    public IReadOnlySet<string> Superseded { get; init; } = None;

    /// <summary>One vote is enough (votequorum's two_node): fencing decides which of two nodes goes on.</summary>
    public bool IsOneEnough { get; init; }

    /// <summary>⌊expected/2⌋+1 votes.</summary>
    /// <param name="expected">Votes that it is counted from.</param>
    public static long Of(long expected) => (expected / 2) + 1;

    /// <summary>Votes that count: the expected ones without those superseded.</summary>
    public int Counted => Expected - Sum(Superseded);

    /// <summary>Votes that are needed.</summary>
    public int Needed => IsOneEnough ? 1 : (int)Of(Counted);

    /// <summary>The votes of these nodes, whether they count or not.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public int Sum(IEnumerable<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        return nodes.Sum(node => Votes.GetValueOrDefault(node));
    }

    /// <summary>The votes of these nodes that count.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public int Present(IEnumerable<string> nodes) => Sum(nodes.Where(node => !Superseded.Contains(node)));

    /// <summary>Whether these nodes hold it.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public bool IsHeldBy(IEnumerable<string> nodes) => Present(nodes) >= Needed;

    /// <summary>How many of these nodes may be lost, the heaviest first, before it is lost; one node always stays.</summary>
    /// <param name="nodes">Names of nodes.</param>
    /// <param name="device">Votes of a device, which stays.</param>
    public int LossesSurvived(IEnumerable<string> nodes, int device = 0)
    {
        int[] votes = [.. nodes.Select(node => Votes.GetValueOrDefault(node)).OrderDescending()];
        int left = votes.Sum() + device;
        int losses = 0;
        while (losses < votes.Length - 1 && left - votes[losses] >= Needed)
        {
            left -= votes[losses++];
        }

        return losses;
    }

    /// <summary>A picture of the count: a line a node, with its votes and whether they are there, and the sum below.</summary>
    /// <param name="nodes">The nodes that are there.</param>
    public string Describe(IEnumerable<string> nodes)
    {
        HashSet<string> there = [.. nodes];
        string[] all = [.. Votes.Keys.Union(there, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        int width = all.Select(node => node.Length).DefaultIfEmpty(0).Max();
        var text = new StringBuilder();
        foreach (string node in all)
        {
            int votes = Votes.GetValueOrDefault(node);
            string mark = Superseded.Contains(node) ? "does not count" : there.Contains(node) ? new string('*', votes)
                : new string('.', votes);
            text.Append($"{node.PadRight(width)} {votes,3}  {mark}".TrimEnd()).Append('\n');
        }

        return text.Append($"{Present(there)} of {Counted}, {Needed} needed: {(IsHeldBy(there) ? "held" : "not held")}\n").ToString();
    }
}
