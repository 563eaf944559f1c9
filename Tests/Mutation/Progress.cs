using System.Diagnostics;

namespace ClusterTools.Mutation;

/// <summary>Tells how far it is: in place on a terminal, else a line now and then.</summary>
internal sealed class Progress
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(30);

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private TimeSpan next;

    public void Say(string words)
    {
        if (watch.Elapsed < next)
        {
            return;
        }

        next = watch.Elapsed + (Console.IsErrorRedirected ? Seldom : Often);
        Console.Error.Write(Console.IsErrorRedirected ? $"{words}\n" : $"\r{words.PadRight(100)}");
    }

    /// <summary>Something that stays.</summary>
    public void Note(string words)
    {
        Console.Error.Write(Console.IsErrorRedirected ? $"{words}\n" : $"\r{words.PadRight(100)}\n");
        next = TimeSpan.Zero;
    }
}
