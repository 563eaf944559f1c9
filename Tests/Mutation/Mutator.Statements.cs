using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace ClusterTools.Mutation;

/// <summary>Statements are left out, cases passed over, answers not given.</summary>
internal sealed partial class Mutator
{
    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        if (Shape.IsJournal(node) || (node.Expression is InvocationExpressionSyntax call && Shape.NameOf(call) == "ThrowIfNull"))
        {
            return node;
        }

        var now = (StatementSyntax)base.VisitExpressionStatement(node)!;
        bool words = node.Expression is AssignmentExpressionSyntax set && Shape.IsText(set.Right);
        return !words && !Shape.Declares(node) && Take(node, "left out", out int id) ? Switch.Skipped(id, now) : now;
    }

    public override SyntaxNode? VisitYieldStatement(YieldStatementSyntax node)
    {
        var now = (StatementSyntax)base.VisitYieldStatement(node)!;
        return node.Expression is not null && !Shape.Declares(node) && Take(node, "left out", out int id) ? Switch.Skipped(id, now) : now;
    }

    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node)
    {
        var now = (ReturnStatementSyntax)base.VisitReturnStatement(node)!;
        return node.Expression is { } answer && now.Expression is { } said ? now.WithExpression(OrNothing(answer, said)) : now;
    }

    public override SyntaxNode? VisitArrowExpressionClause(ArrowExpressionClauseSyntax node)
    {
        var now = (ArrowExpressionClauseSyntax)base.VisitArrowExpressionClause(node)!;
        return now.WithExpression(OrNothing(node.Expression, now.Expression));
    }

    public override SyntaxNode? VisitSwitchExpression(SwitchExpressionSyntax node) =>
        node.WithGoverningExpression((ExpressionSyntax)Visit(node.GoverningExpression)!).WithArms(SeparatedList(node.Arms.Select(Arm)));

    public override SyntaxNode? VisitSwitchSection(SwitchSectionSyntax node)
    {
        bool onlyThrows = node.Statements is [ThrowStatementSyntax];
        return node
            .WithLabels(List(node.Labels.Select(l => onlyThrows ? l : Label(l))))
            .WithStatements(List(node.Statements.Select(s => (StatementSyntax)Visit(s)!)));
    }

    private SwitchExpressionArmSyntax Arm(SwitchExpressionArmSyntax arm)
    {
        var now = arm.WithExpression((ExpressionSyntax)Visit(arm.Expression)!);
        if (arm.WhenClause is { } when)
        {
            return now.WithWhenClause(when.WithCondition(Condition(when.Condition, Forced.Both)));
        }

        return arm.Pattern is not DiscardPatternSyntax && arm.Expression is not ThrowExpressionSyntax && !Shape.IsText(arm.Expression)
            && Take(arm.Pattern, "passed over", out int id)
            ? now.WithWhenClause(Unless(id))
            : now;
    }

    private SwitchLabelSyntax Label(SwitchLabelSyntax label) => label switch
    {
        CaseSwitchLabelSyntax value when Take(value, "passed over", out int id) =>
            CasePatternSwitchLabel(ConstantPattern(value.Value), Unless(id), value.ColonToken),
        CasePatternSwitchLabelSyntax { WhenClause: { } when } pattern =>
            pattern.WithWhenClause(when.WithCondition(Condition(when.Condition, Forced.Both))),
        CasePatternSwitchLabelSyntax pattern when Take(pattern, "passed over", out int id) => pattern.WithWhenClause(Unless(id)),
        _ => label,
    };

    private static WhenClauseSyntax Unless(int id) => WhenClause(Switch.Marked(id, Switch.IsNot(id)));

    /// <summary>The answer of a function that may have none.</summary>
    private ExpressionSyntax OrNothing(ExpressionSyntax was, ExpressionSyntax now)
    {
        bool already = was.IsKind(SyntaxKind.NullLiteralExpression)
            || (was is ConditionalExpressionSyntax c
                && (c.WhenTrue.IsKind(SyntaxKind.NullLiteralExpression) || c.WhenFalse.IsKind(SyntaxKind.NullLiteralExpression)));
        return !already && MayBeNothing(was) && Take(was, "null", out int id)
            ? Switch.Other(id, LiteralExpression(SyntaxKind.NullLiteralExpression), now)
            : now;
    }

    private bool MayBeNothing(ExpressionSyntax answer)
    {
        SyntaxNode? function = answer.Ancestors().FirstOrDefault(n =>
            n is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or BaseMethodDeclarationSyntax
                or BasePropertyDeclarationSyntax);
        ITypeSymbol? type = function is null or AnonymousFunctionExpressionSyntax ? null : model.GetDeclaredSymbol(function) switch
        {
            IMethodSymbol method => method.ReturnType,
            IPropertySymbol property => property.Type,
            _ => null,
        };
        return type is not null && (type.NullableAnnotation == NullableAnnotation.Annotated
            || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T);
    }
}
