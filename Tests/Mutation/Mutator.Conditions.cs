using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace ClusterTools.Mutation;

/// <summary>Conditions are forced, operands dropped, boundaries moved, patterns loosened.</summary>
internal sealed partial class Mutator
{
    // Without end it would only be stopped by the limit.
    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) =>
        node.WithCondition(Condition(node.Condition, Forced.False)).WithStatement((StatementSyntax)Visit(node.Statement)!);

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) => node
        .WithCondition(node.Condition is { } condition ? Condition(condition, Forced.False) : null)
        .WithStatement((StatementSyntax)Visit(node.Statement)!);

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node) =>
        node.Else is null && Shape.IsJournal(node.Statement) ? node : base.VisitIfStatement(node);

    /// <summary>Something that is true or false, and not a name for something else.</summary>
    private bool IsCondition(ExpressionSyntax e)
    {
        if (e is AssignmentExpressionSyntax or PredefinedTypeSyntax or NullableTypeSyntax or GenericNameSyntax
            or MemberBindingExpressionSyntax or DeclarationExpressionSyntax
            || e.IsKind(SyntaxKind.DefaultLiteralExpression)
            || TypeOf(e)?.SpecialType != SpecialType.System_Boolean)
        {
            return false;
        }

        return e.Parent switch
        {
            AssignmentExpressionSyntax a => a.Left != e && !(e is LiteralExpressionSyntax && Shape.IsWholeValue(e)),
            MemberAccessExpressionSyntax m => m.Name != e,
            ExpressionStatementSyntax or NameColonSyntax or NameEqualsSyntax or QualifiedNameSyntax or TupleElementSyntax => false,
            _ => e is not IdentifierNameSyntax
                || model.GetSymbolInfo(e).Symbol is ILocalSymbol or IParameterSymbol or IFieldSymbol or IPropertySymbol,
        };
    }

    private ExpressionSyntax Condition(ExpressionSyntax e, Forced forced) => e switch
    {
        ParenthesizedExpressionSyntax p => p.WithExpression(Condition(p.Expression, forced)),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not =>
            not.WithOperand(Condition(not.Operand, Opposite(forced))),
        // Without an operand is more than without all of them: what notices the one notices the other.
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression } and => Force(
            and, and.WithLeft(Condition(and.Left, Forced.True)).WithRight(Condition(and.Right, Forced.True)), forced & Forced.False),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalOrExpression } or => Force(
            or, or.WithLeft(Condition(or.Left, Forced.False)).WithRight(Condition(or.Right, Forced.False)), forced & Forced.True),
        ConditionalExpressionSyntax choice => choice
            .WithCondition(Condition(choice.Condition, Forced.Both))
            .WithWhenTrue(Condition(choice.WhenTrue, Forced.Both))
            .WithWhenFalse(Condition(choice.WhenFalse, Forced.Both)),
        LiteralExpressionSyntax literal =>
            Force(literal, literal, forced & (literal.IsKind(SyntaxKind.TrueLiteralExpression) ? Forced.False : Forced.True)),
        IsPatternExpressionSyntax match => Force(match, Pattern(match), forced),
        BinaryExpressionSyntax order when Boundary(order.Kind()) is { } moved => Force(order, Moved(order, moved), forced),
        _ => Force(e, (ExpressionSyntax)base.Visit(e)!, forced),
    };

    private static Forced Opposite(Forced forced) =>
        (forced.HasFlag(Forced.True) ? Forced.False : Forced.None) | (forced.HasFlag(Forced.False) ? Forced.True : Forced.None);

    private ExpressionSyntax Force(ExpressionSyntax was, ExpressionSyntax now, Forced forced)
    {
        bool alone = was.Kind() is not (SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression);
        bool assigns = alone && Shape.AssignsOut(was);
        // What a pattern finds is there only when it matches.
        bool finds = was is IsPatternExpressionSyntax match && Shape.Declares(match.Pattern);
        bool negated = was is IsPatternExpressionSyntax { Pattern: var pattern } && Shape.Bare(pattern).Negated;
        if (forced.HasFlag(Forced.True) && !(finds && !negated) && Take(was, "true", out int id))
        {
            now = Switch.True(id, now, assigns);
        }

        if (forced.HasFlag(Forced.False) && !(finds && negated) && Take(was, "false", out id))
        {
            now = Switch.False(id, now, assigns);
        }

        return now;
    }

    private static (SyntaxKind Kind, SyntaxKind Token)? Boundary(SyntaxKind kind) => kind switch
    {
        SyntaxKind.LessThanExpression => (SyntaxKind.LessThanOrEqualExpression, SyntaxKind.LessThanEqualsToken),
        SyntaxKind.LessThanOrEqualExpression => (SyntaxKind.LessThanExpression, SyntaxKind.LessThanToken),
        SyntaxKind.GreaterThanExpression => (SyntaxKind.GreaterThanOrEqualExpression, SyntaxKind.GreaterThanEqualsToken),
        SyntaxKind.GreaterThanOrEqualExpression => (SyntaxKind.GreaterThanExpression, SyntaxKind.GreaterThanToken),
        _ => null,
    };

    private ExpressionSyntax Moved(BinaryExpressionSyntax order, (SyntaxKind Kind, SyntaxKind Token) moved)
    {
        var now = (ExpressionSyntax)base.VisitBinaryExpression(order)!;
        return !Shape.Declares(order) && Take(order, Token(moved.Token).ToString(), out int id)
            ? Switch.Other(id, BinaryExpression(moved.Kind, order.Left, order.Right), now)
            : now;
    }

    /// <summary>A pattern with each of its parts left out.</summary>
    private ExpressionSyntax Pattern(IsPatternExpressionSyntax match)
    {
        var now = match.WithExpression((ExpressionSyntax)Visit(match.Expression)!);
        if (Shape.Declares(match.Pattern))
        {
            return Shape.Bare(match.Pattern) is { Pattern: RecursivePatternSyntax { PropertyPatternClause: { } } parts } bare
                ? InParts(now, parts, bare.Negated)
                : now;
        }

        ExpressionSyntax whole = now;
        if (!Shape.Declares(match.Expression))
        {
            foreach (PatternSyntax loose in Patterns.Loosened(match.Pattern))
            {
                if (Take(match.Pattern, Patterns.InWords(loose), out int id))
                {
                    whole = Switch.Other(id, IsPatternExpression(match.Expression, loose), whole);
                }
            }
        }

        return whole;
    }

    /// <summary>
    /// A pattern can't be chosen within what it finds; so what it finds comes first, and each part is a condition of its own.
    /// </summary>
    private ExpressionSyntax InParts(IsPatternExpressionSyntax now, RecursivePatternSyntax pattern, bool negated)
    {
        var kept = new List<SubpatternSyntax>();
        var parts = new List<ExpressionSyntax>();
        string found = pattern.Designation is SingleVariableDesignationSyntax { Identifier.ValueText: var name } ? name
            : $"found{mutants.All.Count}";
        foreach (SubpatternSyntax part in pattern.PropertyPatternClause!.Subpatterns)
        {
            if (Shape.Declares(part))
            {
                kept.Add(part);
                continue;
            }

            ExpressionSyntax holds = Found(found, part);
            foreach (PatternSyntax loose in Patterns.Loosened(part.Pattern))
            {
                if (Take(part, Patterns.InWords(part.WithPattern(loose)), out int looser))
                {
                    holds = Switch.Other(looser, Found(found, part.WithPattern(loose)), holds);
                }
            }

            parts.Add(Take(part, "true", out int id) ? Switch.True(id, holds, assigns: false) : holds);
        }

        if (parts.Count == 0)
        {
            return now;
        }

        ExpressionSyntax whole = now.WithPattern(pattern
            .WithPropertyPatternClause(PropertyPatternClause(SeparatedList(kept)))
            .WithDesignation(SingleVariableDesignation(Identifier(found))));
        foreach (ExpressionSyntax part in parts)
        {
            whole = BinaryExpression(SyntaxKind.LogicalAndExpression, whole, part);
        }

        whole = ParenthesizedExpression(whole);
        return negated ? PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, whole) : whole;
    }

    private static ExpressionSyntax Found(string name, SubpatternSyntax part) => ParenthesizedExpression(IsPatternExpression(
        IdentifierName(name), RecursivePattern().WithPropertyPatternClause(PropertyPatternClause(SingletonSeparatedList(part)))));
}
