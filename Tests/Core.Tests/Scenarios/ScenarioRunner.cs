using System.Reflection;
using ClusterTools.Core.Tests.Scenarios.Commands;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>Finds the command that each line of a scenario names, and gives what came out.</summary>
internal sealed class ScenarioRunner
{
    /// <summary>Where the rooms of commands are, in the order of README.md.</summary>
    private static readonly (string Title, Type Type)[] Rooms =
    [
        ("What the engine brings", typeof(EngineCommands)),
        ("What nodes answer", typeof(AnswerCommands)),
        ("What people ask for", typeof(RequestCommands)),
        ("Looking", typeof(LookCommands)),
    ];

    private readonly ScenarioCluster cluster;
    private readonly Dictionary<string, Action<string[], string[]>> commands = new(StringComparer.Ordinal);

    /// <param name="promises">Whether what must hold of every state is looked at after every event.</param>
    public ScenarioRunner(bool promises = true)
    {
        cluster = new ScenarioCluster(promises);
        foreach ((_, Type type) in Rooms)
        {
            object room = Activator.CreateInstance(type, cluster)!;
            foreach ((MethodInfo method, ScenarioCommandAttribute command) in CommandsOf(type))
            {
                commands.Add(command.Name, method.GetParameters().Length == 2
                    ? method.CreateDelegate<Action<string[], string[]>>(room)
                    : (words, _) => method.CreateDelegate<Action<string[]>>(room)(words));
            }
        }
    }

    /// <summary>What examples begin with.</summary>
    public static string[] ExampleCluster { get; } = ["cluster", "  nodes n1 n2 n3", "  group batch autostart=no", "  group web", "up"];

    /// <summary>Every command, by where it belongs.</summary>
    public static IEnumerable<(string Title, ScenarioCommandAttribute[] Commands)> Commands =>
        Rooms.Select(r => (r.Title, CommandsOf(r.Type).Select(c => c.Command).ToArray()));

    /// <summary>Broken promises, with the command that showed them.</summary>
    public List<string> Violations => cluster.Violations;

    /// <summary>What was agreed at the end.</summary>
    public ClusterState Agreed => cluster.Agreed;

    /// <summary>The same, or the private copy of a node without quorum.</summary>
    public ClusterState Current => cluster.Current;

    /// <summary>Told of the state after every command.</summary>
    public Action<ClusterState>? AfterCommand { get; init; }

    /// <summary>Runs commands and gives what came out.</summary>
    public string Run(ReadOnlySpan<string> lines)
    {
        cluster.Output.Clear();
        for (int i = 0; i < lines.Length; i++)
        {
            int from = i + 1;
            while (i + 1 < lines.Length && lines[i + 1].StartsWith(' '))
            {
                i++;
            }

            string line = lines[from - 1];
            cluster.Command = line;
            try
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Find(words[0])(words, [.. lines[from..(i + 1)]]);
                cluster.TellWatched();
                AfterCommand?.Invoke(cluster.Current);
            }
            catch (Exception e) when (e is FormatException or IndexOutOfRangeException or KeyNotFoundException or ArgumentException)
            {
                throw new FormatException($"'{line}' can't be run: {e.Message}", e);
            }
        }

        return cluster.Output.Count == 0 ? "(nothing)" : string.Join('\n', cluster.Output);
    }

    private Action<string[], string[]> Find(string word) => commands.GetValueOrDefault(word)
        ?? throw new FormatException("There is no such command; Tests/Core.Tests/Scenarios/README.md lists them.");

    private static IEnumerable<(MethodInfo Method, ScenarioCommandAttribute Command)> CommandsOf(Type room) =>
        room.GetMethods().SelectMany(m => m.GetCustomAttributes<ScenarioCommandAttribute>().Select(c => (m, c)));
}
