using System.Diagnostics;
using System.Globalization;
using ClusterTools.Core.Tests.Scenarios;

namespace ClusterTools.Mutation;

/// <summary>
/// The process that holds the mutated rules. It is told on standard input which mutant to be and which checks to run, and says on
/// standard output what came of it, in lines; who reads them ends it when a line is too long in coming.
/// </summary>
internal sealed class Worker
{
    public const string Verb = "worker";
    private const int StackSize = 16 * 1024 * 1024;
    private const int LongestReason = 200;

    private readonly Check[] checks;
    private readonly Dictionary<int, IReadOnlyList<IReadOnlyDictionary<string, int>>> traces = [];
    private readonly System.Reflection.FieldInfo chosen;
    private readonly System.Reflection.FieldInfo reached;

    private Worker(int seeds, IReadOnlyCollection<string> parts)
    {
        Type type = typeof(Voting.Majority).Assembly.GetType(Switch.TypeName)
            ?? throw new InvalidOperationException("These are not the mutated rules.");
        chosen = type.GetField("Mutant")!;
        reached = type.GetField("Reached")!;
        string[] files = [.. ScenarioTests.Files().Select(f => f.Data)];
        IEnumerable<Check> all =
        [
            .. files.Select(f => new ScenarioCheck(f, promises: false)),
            .. files.Select(f => new ScenarioCheck(f, promises: true)),
            .. TestCheck.All(),
            .. SeedCheck.All(seeds),
        ];
        checks = [.. all.Where(c => parts.Count == 0 || parts.Any(c.Name.Contains))];
    }

    /// <param name="seeds">How many seeds of the simulation there are.</param>
    /// <param name="parts">Only checks with one of these in their name; none: all.</param>
    public static int Run(int seeds, IReadOnlyCollection<string> parts)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        Console.SetOut(TextWriter.Null);
        // Of its own: what recurs deeply is not what is meant to be noticed.
        var thread = new Thread(() => new Worker(seeds, parts).Serve(Console.In, output), StackSize);
        thread.Start();
        thread.Join();
        return 0;
    }

    private void Serve(TextReader input, TextWriter output)
    {
        foreach (Check check in checks)
        {
            output.WriteLine($"check {(int)check.Stage} {check.Name}");
        }

        output.WriteLine("ready");
        while (input.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            int[] numbers = [.. words[1..].Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
            output.WriteLine(words[0] switch
            {
                "cover" => Cover(checks[numbers[0]], numbers[1]),
                "try" => Try(numbers[0], numbers[1..], output),
                _ => Differ(numbers[0], numbers[1..], output),
            });
        }
    }

    /// <summary>Which mutants a check reaches, and how long it takes; twice, for the first time is no measure.</summary>
    private string Cover(Check check, int mutants)
    {
        var all = new bool[mutants];
        chosen.SetValue(null, -1);
        reached.SetValue(null, all);
        string? wrong = Notices(check);
        reached.SetValue(null, null);
        if (wrong is not null)
        {
            return $"broken {wrong}";
        }

        var watch = Stopwatch.StartNew();
        wrong = Notices(check);
        return wrong is not null ? $"broken {wrong}"
            : $"covers {watch.ElapsedMilliseconds} {string.Join(' ', Enumerable.Range(0, mutants).Where(i => all[i]))}".TrimEnd();
    }

    private string Try(int mutant, int[] which, TextWriter output)
    {
        foreach (int i in which)
        {
            output.WriteLine($"at {i}");
            chosen.SetValue(null, mutant);
            string? why = Notices(checks[i]);
            chosen.SetValue(null, -1);
            if (why is not null)
            {
                // What a mutant left behind in a cache may not be held against the next one.
                return Notices(checks[i]) is null ? $"noticed {i} {why}" : $"spoiled {i} {why}";
            }
        }

        return "survived";
    }

    /// <summary>Where the state comes out otherwise though nobody notices: scenarios, and whose records differ there.</summary>
    private string Differ(int mutant, int[] which, TextWriter output)
    {
        List<string> differ = [];
        foreach (int i in which)
        {
            output.WriteLine($"at {i}");
            var check = (ScenarioCheck)checks[i];
            if (!traces.TryGetValue(i, out var expected))
            {
                traces[i] = expected = check.Trace();
            }

            chosen.SetValue(null, mutant);
            var actual = check.Trace();
            chosen.SetValue(null, -1);
            HashSet<string> whose = [.. expected.Zip(actual).SelectMany(p => p.First.Keys.Union(p.Second.Keys)
                .Where(k => p.First.GetValueOrDefault(k) != p.Second.GetValueOrDefault(k)))];
            if (whose.Count > 0)
            {
                differ.Add($"{check.Name}={string.Join(',', whose.Order(StringComparer.Ordinal))}");
            }
        }

        return $"differs {string.Join(' ', differ)}";
    }

    private static string? Notices(Check check)
    {
        try
        {
            check.Run();
            return null;
        }
        catch (Exception error)
        {
            string why = $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}";
            return why[..Math.Min(why.Length, LongestReason)];
        }
    }
}
