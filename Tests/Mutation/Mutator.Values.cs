using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace ClusterTools.Mutation;

/// <summary>
/// Values become others: defaults are taken or not, calls left out or exchanged, members kept, numbers and names moved by one.
/// </summary>
internal sealed partial class Mutator
{
    private static readonly ExpressionSyntax Nothing = ParseExpression("default!");

    /// <summary>Functions that answer the opposite question.</summary>
    private static readonly Dictionary<string, string> Exchanged = new(StringComparer.Ordinal)
    {
        ["Any"] = "All", ["All"] = "Any", ["Min"] = "Max", ["Max"] = "Min", ["MinBy"] = "MaxBy", ["MaxBy"] = "MinBy",
        ["First"] = "Last", ["Last"] = "First", ["FirstOrDefault"] = "LastOrDefault", ["LastOrDefault"] = "FirstOrDefault",
        ["OrderBy"] = "OrderByDescending", ["OrderByDescending"] = "OrderBy", ["Order"] = "OrderDescending", ["OrderDescending"] = "Order",
    };

    /// <summary>Functions whose answer is of the kind of what they are asked of, whatever its type.</summary>
    private static readonly HashSet<string> Sequences =
        ["Where", "Concat", "Append", "Prepend", "Union", "Except", "Intersect", "Distinct", "Skip", "Take", "Reverse", "ThenBy"];

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var now = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        return node.Kind() switch
        {
            SyntaxKind.CoalesceExpression when node.Right is not ThrowExpressionSyntax && !Shape.IsText(node.Right) => Either(node, now),
            SyntaxKind.AddExpression when IsNumber(node) =>
                Exchange(node, now, SyntaxKind.SubtractExpression, SyntaxKind.MinusToken),
            SyntaxKind.SubtractExpression when IsNumber(node) => Exchange(node, now, SyntaxKind.AddExpression, SyntaxKind.PlusToken),
            _ => now,
        };
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        string name = Shape.NameOf(node);
        if (name is "Journal" or "nameof" || model.GetSymbolInfo(node).Symbol is not IMethodSymbol method)
        {
            return node;
        }

        var now = (ExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (Shape.Declares(node))
        {
            return now;
        }

        if (Exchanged.TryGetValue(name, out string? other) && IsExchangeable(method, node)
            && node.Expression is MemberAccessExpressionSyntax call && Take(node, other, out int id))
        {
            now = Switch.Other(id, node.WithExpression(call.WithName(IdentifierName(other))), now);
        }

        return LeftOut(node, method) is { } without && Take(node, MutantList.InOneLine(without), out id)
            ? Switch.Other(id, without, now)
            : now;
    }

    public override SyntaxNode? VisitWithExpression(WithExpressionSyntax node)
    {
        var now = (WithExpressionSyntax)base.VisitWithExpression(node)!;
        if (Shape.Declares(node.Expression))
        {
            return now;
        }

        // A statement that sets one member of what it assigns is left out as a whole.
        bool whole = node.Parent is AssignmentExpressionSyntax { Parent: ExpressionStatementSyntax } set && set.Right == node
            && SyntaxFactory.AreEquivalent(set.Left, node.Expression);
        SeparatedSyntaxList<ExpressionSyntax> members = now.Initializer.Expressions;
        for (int i = 0; i < node.Initializer.Expressions.Count; i++)
        {
            if (node.Initializer.Expressions[i] is AssignmentExpressionSyntax { Left: IdentifierNameSyntax name } member
                && !Shape.IsWords(member) && !(whole && node.Initializer.Expressions.Count == 1))
            {
                ExpressionSyntax kept = MemberAccessExpression(
                    SyntaxKind.SimpleMemberAccessExpression, Switch.Enclosed(node.Expression), name.WithoutTrivia());
                if (!(member.Right is WithExpressionSyntax { Initializer.Expressions.Count: 1 } inner
                        && inner.Expression.ToString() == $"{node.Expression}.{name}")
                    && Take(member, "kept", out int id))
                {
                    var at = (AssignmentExpressionSyntax)members[i];
                    members = members.Replace(at, at.WithRight(Switch.Other(id, kept, at.Right)));
                }
            }
        }

        return now.WithInitializer(now.Initializer.WithExpressions(members));
    }

    public override SyntaxNode? VisitInitializerExpression(InitializerExpressionSyntax node)
    {
        var now = (InitializerExpressionSyntax)base.VisitInitializerExpression(node)!;
        if (!node.IsKind(SyntaxKind.ObjectInitializerExpression))
        {
            return now;
        }

        SeparatedSyntaxList<ExpressionSyntax> members = now.Expressions;
        for (int i = 0; i < node.Expressions.Count; i++)
        {
            if (node.Expressions[i] is AssignmentExpressionSyntax { Left: IdentifierNameSyntax } member && !Shape.IsWords(member)
                && member.Right is not InitializerExpressionSyntax && !Shape.Declares(member)
                && !(member.Right is LiteralExpressionSyntax literal && literal.Token.Text is "null" or "false" or "0")
                && Take(member, "default", out int id))
            {
                var at = (AssignmentExpressionSyntax)members[i];
                members = members.Replace(at, at.WithRight(Switch.Other(id, Nothing, at.Right)));
            }
        }

        return now.WithExpressions(members);
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node) =>
        node.Token.Value is int or long && !Shape.IsWholeValue(node) && !Shape.IsCompared(node) && Take(node, "one more", out int id)
            ? Switch.Other(id, BinaryExpression(SyntaxKind.AddExpression, node, ParseExpression("1")), node)
            : node;

    public override SyntaxNode? VisitMemberAccessExpression(MemberAccessExpressionSyntax node)
    {
        if (model.GetSymbolInfo(node).Symbol is IFieldSymbol { IsConst: true, ContainingType: { TypeKind: TypeKind.Enum } type } value)
        {
            bool ours = type.ContainingNamespace.ToString()!.StartsWith("ClusterTools", StringComparison.Ordinal);
            return ours && type.Name != "JournalSeverity"
                && !Shape.IsWholeValue(node) && !Shape.IsCompared(node)
                && Following(type, value) is { } next && Take(node, next, out int id)
                ? Switch.Other(id, node.WithName(IdentifierName(next)), node)
                : node;
        }

        return base.VisitMemberAccessExpression(node);
    }

    private static string? Following(INamedTypeSymbol type, IFieldSymbol value)
    {
        IFieldSymbol[] values = [.. type.GetMembers().OfType<IFieldSymbol>().Where(f => f.IsConst)];
        return values.Length < 2 ? null : values[(Array.FindIndex(values, v => v.Name == value.Name) + 1) % values.Length].Name;
    }

    private ExpressionSyntax Either(BinaryExpressionSyntax node, BinaryExpressionSyntax now)
    {
        if (Take(node, MutantList.InOneLine(node.Right), out int id))
        {
            now = now.WithLeft(Switch.Other(id, LiteralExpression(SyntaxKind.NullLiteralExpression), now.Left));
        }

        return !node.Right.IsKind(SyntaxKind.NullLiteralExpression) && Take(node, MutantList.InOneLine(node.Left), out id)
            ? now.WithRight(Switch.Other(id, Nothing, now.Right))
            : now;
    }

    private ExpressionSyntax Exchange(BinaryExpressionSyntax node, ExpressionSyntax now, SyntaxKind kind, SyntaxKind token) =>
        !Shape.Declares(node) && Take(node, Token(token).ToString(), out int id)
            ? Switch.Other(id, BinaryExpression(kind, node.Left, node.Right), now)
            : now;

    private bool IsNumber(ExpressionSyntax e) => TypeOf(e)?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64;

    // Without a question, whether there is any is a condition like others.
    private static bool IsExchangeable(IMethodSymbol method, InvocationExpressionSyntax node) =>
        (method.ContainingNamespace.ToString() == "System.Linq" && (method.Name is not "Any" || node.ArgumentList.Arguments.Count > 0))
        || method.ContainingType.ToString() == "System.Math";

    /// <summary>What is there without the call; null: nothing of its kind.</summary>
    private ExpressionSyntax? LeftOut(InvocationExpressionSyntax node, IMethodSymbol method)
    {
        if (method.ReturnsVoid || method.ReturnType.SpecialType != SpecialType.None)
        {
            return null;
        }

        if (node.Expression is MemberAccessExpressionSyntax call && (!method.IsStatic || method.ReducedFrom is not null))
        {
            bool sequence = method.ContainingNamespace.ToString() == "System.Linq" && Sequences.Contains(method.Name)
                && !(method.Name == "Where" && node.ArgumentList.Arguments[0].Expression is AnonymousFunctionExpressionSyntax);
            return sequence || IsOfType(call.Expression, method.ReturnType) ? call.Expression : null;
        }

        return node.ArgumentList.Arguments.Select(a => a.Expression).FirstOrDefault(e => IsOfType(e, method.ReturnType));
    }

    private bool IsOfType(ExpressionSyntax e, ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(TypeOf(e), type);
}
