using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace ClusterTools.Mutation;

/// <summary>Patterns that say a little less.</summary>
internal static class Patterns
{
    /// <summary>The pattern with each alternative, or each of its parts, left out once. It finds no variables.</summary>
    public static IEnumerable<PatternSyntax> Loosened(PatternSyntax pattern) => pattern switch
    {
        ParenthesizedPatternSyntax p => Loosened(p.Pattern).Select(l => (PatternSyntax)p.WithPattern(l)),
        UnaryPatternSyntax not => Loosened(not.Pattern).Select(l => (PatternSyntax)not.WithPattern(Enclosed(l))),
        BinaryPatternSyntax either =>
        [
            either.Left,
            .. either.Left is BinaryPatternSyntax rest
                ? Loosened(rest).Select(l => (PatternSyntax)either.WithLeft(l))
                : [either.Right],
        ],
        RecursivePatternSyntax { PropertyPatternClause: { } clause } parts => Parts(parts, clause),
        _ => [],
    };

    /// <summary>A pattern that was put together, as people write it.</summary>
    public static string InWords(SyntaxNode pattern) => MutantList.InOneLine(pattern.NormalizeWhitespace());

    private static IEnumerable<PatternSyntax> Parts(RecursivePatternSyntax pattern, PropertyPatternClauseSyntax clause)
    {
        for (int i = 0; i < clause.Subpatterns.Count; i++)
        {
            SubpatternSyntax part = clause.Subpatterns[i];
            yield return pattern.WithPropertyPatternClause(
                PropertyPatternClause(SeparatedList(clause.Subpatterns.Where((_, at) => at != i))));
            foreach (PatternSyntax loose in Loosened(part.Pattern))
            {
                yield return pattern.WithPropertyPatternClause(
                    PropertyPatternClause(SeparatedList(clause.Subpatterns.Select((p, at) => at == i ? p.WithPattern(loose) : p))));
            }
        }
    }

    private static PatternSyntax Enclosed(PatternSyntax pattern) =>
        pattern is BinaryPatternSyntax ? ParenthesizedPattern(pattern) : pattern;
}
