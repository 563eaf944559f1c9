namespace ClusterTools.Mutation;

/// <summary>One small change of a rule, which some test should notice.</summary>
/// <param name="Id">What the compiled rules know it by.</param>
/// <param name="File">Path from the top of the repository.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Member">The function that it changes.</param>
/// <param name="What">What stands there, and what stands there instead.</param>
internal sealed record Mutant(int Id, string File, int Line, string Member, string What)
{
    /// <summary>Which of those that say the same in the same function it is, from 1.</summary>
    public int Number { get; init; } = 1;

    /// <summary>Variables that come to be where it stands: whoever uses them may not compile with it.</summary>
    public IReadOnlyList<string> Declares { get; init; } = [];

    /// <summary>How reasons.txt and results name it: lines of code move, what they say does not.</summary>
    public string Key => $"{Path.GetFileNameWithoutExtension(File)}.{Member}: {What}{(Number > 1 ? $" ({Number})" : "")}";
}
