using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ClusterTools.Mutation;

/// <summary>
/// Puts every mutant of a file beside what it changes. Words are left alone: what is journalled, said and explained, and what only decides
/// between words.
/// </summary>
/// <param name="model">Of the file as it is.</param>
/// <param name="file">Path from the top of the repository.</param>
/// <param name="mutants">Where they are counted.</param>
internal sealed partial class Mutator(SemanticModel model, string file, MutantList mutants) : CSharpSyntaxRewriter
{
    public override SyntaxNode? Visit(SyntaxNode? node) => node switch
    {
        null or PatternSyntax or AttributeListSyntax or ParameterSyntax or ThrowStatementSyntax or ThrowExpressionSyntax => node,
        // Set once, before anybody chooses; or a constant.
        FieldDeclarationSyntax or EnumMemberDeclarationSyntax or EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax } => node,
        LocalDeclarationStatementSyntax { IsConst: true } => node,
        ExpressionSyntax e when Shape.IsText(e) => node,
        ExpressionSyntax e when IsCondition(e) => Condition(e, Forced.Both),
        _ => base.Visit(node),
    };

    // Only what comes before the question mark: the rest has no value of its own.
    public override SyntaxNode? VisitConditionalAccessExpression(ConditionalAccessExpressionSyntax node) =>
        node.WithExpression((ExpressionSyntax)Visit(node.Expression)!);

    public override SyntaxNode? VisitArgument(ArgumentSyntax node) =>
        node.RefKindKeyword.IsKind(SyntaxKind.None) ? node.WithExpression((ExpressionSyntax)Visit(node.Expression)!) : node;

    private bool Take(SyntaxNode at, string instead, out int id) => mutants.Take(file, at, instead, out id);

    private ITypeSymbol? TypeOf(ExpressionSyntax e) => model.GetTypeInfo(e).Type;
}
