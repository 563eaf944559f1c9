using System.Runtime.Loader;

namespace ClusterTools.Mutation.Tests;

/// <summary>A few lines of rules with all their mutants, compiled and loaded.</summary>
internal sealed class TinyRules : IDisposable
{
    private const string Path = "Tiny.cs";

    private readonly AssemblyLoadContext context = new("tiny", isCollectible: true);
    private readonly Type type;
    private readonly Type chosen;

    /// <param name="members">Static members of a class; <c>Of</c> is what is tried, with two numbers.</param>
    public TinyRules(string members)
    {
        string source = $$"""
            using System;
            using System.Collections.Generic;
            using System.Linq;
            namespace ClusterTools.Tiny;
            public enum Colour { Red, Green, Blue }
            public sealed record Point(int X) { public int Y { get; init; } public Colour Colour { get; init; } public Point? Next { get; init; } }
            public static class Log { public static void Journal(string words) { } }
            public static class Rules
            {
            {{members}}
            }
            """;
        Rules = MutatedRules.Of([Room.Of("Tiny", new Dictionary<string, string> { [Path] = source })], [Path]);
        using var image = new MemoryStream(Rules.Images["Tiny"]);
        System.Reflection.Assembly assembly = context.LoadFromStream(image);
        type = assembly.GetType("ClusterTools.Tiny.Rules")!;
        chosen = assembly.GetType(Switch.TypeName)!;
    }

    public MutatedRules Rules { get; }

    /// <summary>What each stands for, in the order of the source.</summary>
    public string[] Words => [.. Rules.Mutants.Select(m => m.What)];

    /// <summary>Those that answer otherwise for one of the questions.</summary>
    public string[] Noticed(params (int A, int B)[] questions)
    {
        string[] expected = Answers(-1, questions);
        return [.. Rules.Mutants.Where(m => !Answers(m.Id, questions).SequenceEqual(expected)).Select(m => m.What)];
    }

    public void Dispose() => context.Unload();

    private string[] Answers(int mutant, (int A, int B)[] questions)
    {
        chosen.GetField("Mutant")!.SetValue(null, mutant);
        return [.. questions.Select(q => Answer(q.A, q.B))];
    }

    private string Answer(int a, int b)
    {
        try
        {
            return $"{type.GetMethod("Of")!.Invoke(null, [a, b])}";
        }
        catch (System.Reflection.TargetInvocationException error)
        {
            return error.InnerException!.GetType().Name;
        }
    }
}
