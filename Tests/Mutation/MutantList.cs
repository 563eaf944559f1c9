using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ClusterTools.Mutation;

/// <summary>Numbers mutants in the order in which they are found, which is the same however often the sources are read.</summary>
/// <param name="dropped">Those that are left out, because they don't compile; they keep their numbers.</param>
internal sealed class MutantList(IReadOnlySet<int> dropped)
{
    private const int LongestText = 110;

    private readonly List<Mutant> all = [];
    private readonly Dictionary<string, int> keys = new(StringComparer.Ordinal);

    /// <summary>All of them, those that are left out, too.</summary>
    public IReadOnlyList<Mutant> All => all;

    /// <summary>One more; whether it is to stand in the sources.</summary>
    /// <param name="file">Where it stands.</param>
    /// <param name="at">What it changes.</param>
    /// <param name="instead">What stands there then.</param>
    /// <param name="id">Its number.</param>
    public bool Take(string file, SyntaxNode at, string instead, out int id)
    {
        id = all.Count;
        var mutant = new Mutant(
            id, file, at.GetLocation().GetLineSpan().StartLinePosition.Line + 1, MemberOf(at), $"{InOneLine(at)} → {instead}")
        {
            Declares = [.. Shape.Designations(at).Select(d => d.Identifier.ValueText)],
        };
        int number = keys[mutant.Key] = keys.GetValueOrDefault(mutant.Key) + 1;
        all.Add(mutant with { Number = number });
        return !dropped.Contains(id);
    }

    /// <summary>Source text in one line, shortened.</summary>
    public static string InOneLine(SyntaxNode node)
    {
        string text = string.Join(
            ' ', node.ToString().Split('\n').Select(l => l.Trim()).Where(l => !l.StartsWith("//", StringComparison.Ordinal)));
        return text.Length <= LongestText ? text : $"{text[..(LongestText / 2)]} … {text[^(LongestText / 2)..]}";
    }

    private static string MemberOf(SyntaxNode node) => node.AncestorsAndSelf().Select(n => n switch
    {
        MethodDeclarationSyntax m => m.Identifier.ValueText,
        PropertyDeclarationSyntax p => p.Identifier.ValueText,
        ConstructorDeclarationSyntax c => c.Identifier.ValueText,
        BaseTypeDeclarationSyntax t => t.Identifier.ValueText,
        _ => null,
    }).FirstOrDefault(n => n is not null) ?? "";
}
