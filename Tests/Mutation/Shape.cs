using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ClusterTools.Mutation;

/// <summary>What syntax alone tells of a piece of source.</summary>
internal static class Shape
{
    /// <summary>Calls that only make words.</summary>
    private static readonly HashSet<string> Wording = ["Join", "Shorten", "Shortened", "With", "Then"];

    /// <summary>What people read: words are held by scenario files anyway, and no decision.</summary>
    private static readonly HashSet<string> WordMembers = ["Why", "Reason", "Waits", "LastError", "Message"];

    /// <summary>It is nothing but words, whichever way it comes out.</summary>
    public static bool IsText(ExpressionSyntax e) => e switch
    {
        InterpolatedStringExpressionSyntax => true,
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.StringLiteralExpression),
        ParenthesizedExpressionSyntax p => IsText(p.Expression),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } b => IsText(b.Left) || IsText(b.Right),
        ConditionalExpressionSyntax c => IsText(c.WhenTrue) && IsText(c.WhenFalse),
        SwitchExpressionSyntax s => s.Arms.All(a => a.Expression is ThrowExpressionSyntax || IsText(a.Expression)),
        InvocationExpressionSyntax i => Wording.Contains(NameOf(i)),
        _ => false,
    };

    /// <summary>The value of a member that only people read.</summary>
    public static bool IsWords(AssignmentExpressionSyntax member) =>
        IsText(member.Right) || WordMembers.Contains(member.Left.ToString());

    /// <summary>It only writes to the journal.</summary>
    public static bool IsJournal(StatementSyntax statement) => statement switch
    {
        BlockSyntax block => block.Statements.Count > 0 && block.Statements.All(IsJournal),
        ExpressionStatementSyntax { Expression: InvocationExpressionSyntax call } => NameOf(call) == "Journal",
        _ => false,
    };

    /// <summary>The name of the function that is called.</summary>
    public static string NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax m => m.Name.Identifier.ValueText,
        SimpleNameSyntax n => n.Identifier.ValueText,
        _ => "",
    };

    /// <summary>Variables that come to be in it, not those of functions within it.</summary>
    public static IEnumerable<SingleVariableDesignationSyntax> Designations(SyntaxNode node) =>
        node.DescendantNodesAndSelf(n => n is not AnonymousFunctionExpressionSyntax).OfType<SingleVariableDesignationSyntax>();

    public static bool Declares(SyntaxNode node) => Designations(node).Any();

    /// <summary>It assigns a variable whatever it says, as TryGetValue does.</summary>
    public static bool AssignsOut(SyntaxNode node) => Designations(node).Any(d => d.Parent is DeclarationExpressionSyntax);

    /// <summary>The pattern without parentheses and <c>not</c>, and whether there was one.</summary>
    public static (PatternSyntax Pattern, bool Negated) Bare(PatternSyntax pattern) => pattern switch
    {
        ParenthesizedPatternSyntax p => Bare(p.Pattern),
        UnaryPatternSyntax not when Bare(not.Pattern) is var inner => (inner.Pattern, !inner.Negated),
        _ => (pattern, false),
    };

    /// <summary>A member of <c>with { }</c> or <c>new { }</c>, which is dropped as a whole; or all that a statement assigns.</summary>
    public static bool IsWholeValue(ExpressionSyntax e) =>
        e.Parent is AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax or ExpressionStatementSyntax } a && a.Right == e;

    /// <summary>An operand of a comparison, which is forced as a whole.</summary>
    public static bool IsCompared(ExpressionSyntax e) => e.Parent is BinaryExpressionSyntax b && IsComparison(b);

    public static bool IsComparison(BinaryExpressionSyntax b) => b.Kind() is SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression
        or SyntaxKind.LessThanExpression or SyntaxKind.LessThanOrEqualExpression
        or SyntaxKind.GreaterThanExpression or SyntaxKind.GreaterThanOrEqualExpression;
}
