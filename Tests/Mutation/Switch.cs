using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace ClusterTools.Mutation;

/// <summary>How a mutant stands beside what it changes, so that one compilation holds them all and one number chooses.</summary>
internal static class Switch
{
    /// <summary>Marks nodes that belong to a mutant, by its id.</summary>
    public const string Annotation = "mutant";

    /// <summary>Full name of the type that is compiled into the lowest of the changed assemblies.</summary>
    public const string TypeName = "ClusterTools.Mutation.Chosen";

    /// <summary>What that type is.</summary>
    public const string Source = """
        namespace ClusterTools.Mutation;

        public static class Chosen
        {
            public static int Mutant = -1;

            public static bool[]? Reached;

            public static bool Is(int mutant)
            {
                if (Reached is { } reached)
                {
                    reached[mutant] = true;
                }

                return Mutant == mutant;
            }
        }
        """;

    /// <summary>True for the mutant, and what it was for everything else.</summary>
    /// <param name="id">The mutant.</param>
    /// <param name="was">What stands there.</param>
    /// <param name="assigns">It assigns a variable, so it is done in either case.</param>
    public static ExpressionSyntax True(int id, ExpressionSyntax was, bool assigns) => Marked(id, assigns
        ? BinaryExpression(SyntaxKind.BitwiseOrExpression, Enclosed(was), Is(id))
        : BinaryExpression(SyntaxKind.LogicalOrExpression, Is(id), Enclosed(was)));

    /// <summary>False for the mutant.</summary>
    /// <inheritdoc cref="True"/>
    public static ExpressionSyntax False(int id, ExpressionSyntax was, bool assigns) => Marked(id, assigns
        ? BinaryExpression(SyntaxKind.BitwiseAndExpression, Enclosed(was), IsNot(id))
        : BinaryExpression(SyntaxKind.LogicalAndExpression, IsNot(id), Enclosed(was)));

    /// <summary>Something else for the mutant.</summary>
    public static ExpressionSyntax Other(int id, ExpressionSyntax other, ExpressionSyntax was) =>
        Marked(id, ConditionalExpression(Is(id), Enclosed(other), Enclosed(was)));

    /// <summary>Not done for the mutant.</summary>
    public static StatementSyntax Skipped(int id, StatementSyntax was) =>
        IfStatement(IsNot(id), Block(was.WithoutTrivia())).WithAdditionalAnnotations(new SyntaxAnnotation(Annotation, $"{id}"));

    /// <summary>Whether the mutant is chosen.</summary>
    public static ExpressionSyntax Is(int id) => ParseExpression($"global::{TypeName}.Is({id})");

    /// <summary>Whether the mutant is not chosen.</summary>
    public static ExpressionSyntax IsNot(int id) => PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, Is(id));

    /// <summary>In parentheses, without what stands around it.</summary>
    public static ParenthesizedExpressionSyntax Enclosed(ExpressionSyntax e) => ParenthesizedExpression(e.WithoutTrivia());

    /// <summary>In parentheses, as the mutant's.</summary>
    public static ExpressionSyntax Marked(int id, ExpressionSyntax e) =>
        ParenthesizedExpression(e).WithAdditionalAnnotations(new SyntaxAnnotation(Annotation, $"{id}"));
}
