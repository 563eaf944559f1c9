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
    private const string DeviceName = "(device)";
    private static readonly HashSet<string> None = [];

    /// <summary>Nodes that an epoch was opened without: they count on neither side until they are admitted again.</summary>
    public IReadOnlySet<string> Superseded { get; init; } = None;

    /// <summary>What counts beside the nodes.</summary>
    public QuorumDevice Device { get; init; }

    /// <summary>One vote is enough (votequorum's two_node): fencing decides which of two nodes goes on.</summary>
    public bool IsOneEnough { get; init; }

    /// <summary>⌊expected/2⌋+1 votes.</summary>
    /// <param name="expected">Votes that it is counted from.</param>
    public static long Of(long expected) => (expected / 2) + 1;

    /// <summary>Votes that count: the expected ones without those superseded, and a device's.</summary>
    public int Counted => Expected - Sum(Superseded) + Device.Votes;

    /// <summary>
    /// Nobody's votes count: an epoch was opened against the arithmetic by nodes that have none. Nobody holds it, and giving votes to who
    /// is there takes nothing from anybody.
    /// </summary>
    public bool IsVoid => Counted == 0 && Superseded.Count > 0;

    /// <summary>Votes that are needed.</summary>
    public int Needed => IsOneEnough ? 1 : (int)Of(Counted);

    /// <summary>The votes of these nodes, whether they count or not.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public int Sum(IEnumerable<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        return nodes.Sum(node => Votes.GetValueOrDefault(node));
    }

    /// <summary>The votes of these nodes that count, and of the device if it is with them.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public int Present(IEnumerable<string> nodes) => Sum(nodes.Where(node => !Superseded.Contains(node))) + Device.Given;

    /// <summary>The count, for who is to know it without counting anew.</summary>
    /// <param name="nodes">The nodes that are there.</param>
    public VoteCount Count(IEnumerable<string> nodes) => new(Present(nodes) - Device.Given, Counted - Device.Votes, Device);

    /// <summary>Whether these nodes hold it.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public bool IsHeldBy(IEnumerable<string> nodes) => Present(nodes) >= Needed;

    /// <summary>How many of these nodes may be lost, the heaviest first, before it is lost; one node always stays.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public int LossesSurvived(IEnumerable<string> nodes)
    {
        int[] votes = [.. nodes.Select(node => Votes.GetValueOrDefault(node)).OrderDescending()];
        int left = votes.Sum() + Device.Given;
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
        int width = all.Select(node => node.Length).Append(Device.Votes > 0 ? DeviceName.Length : 0).Max();
        var text = new StringBuilder();
        foreach (string node in all)
        {
            int votes = Votes.GetValueOrDefault(node);
            string mark = Superseded.Contains(node) ? "does not count" : there.Contains(node) ? new string('*', votes)
                : new string('.', votes);
            text.Append($"{node.PadRight(width)} {votes,3}  {mark}".TrimEnd()).Append('\n');
        }

        if (Device.Votes > 0)
        {
            text.Append($"{DeviceName.PadRight(width)} {Device.Votes,3}  {new string(Device.IsHere ? '*' : '.', Device.Votes)}\n");
        }

        return text.Append($"{Present(there)} of {Counted}, {Needed} needed: {(IsHeldBy(there) ? "held" : "not held")}\n").ToString();
    }
}
