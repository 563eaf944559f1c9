using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>
/// Whatever a log brings is taken: events about what is not there, of lives that are over, in combinations that nobody sends. None of them
/// is a failure of the daemon, and what comes of them is in order.
/// </summary>
public sealed class StrangeEventTests
{
    private const string Nobody = "nobody";

    /// <summary>What there is room for of one kind in one situation.</summary>
    private const int Most = 400;

    private static readonly string[] Names = [Nobody, "n1", "n3", "web", "app:web"];

    private static readonly string[] Cluster =
    [
        "cluster", "  nodes n1 n2 n3", "  fence n3: first(ipmi)", "  domain d ordered: n1=1 n2=2 n3=3", "  script watch events=*",
        "  group web domain=d", "    fs:data", "      app:web", "  group batch autostart=no", "  group after needs=web",
    ];

    private static readonly string[] Guests = ["cluster", "  nodes n1 n2 n3", "  group web", "    vm:web migrate=live"];

    private static readonly Dictionary<string, string[]> Situations = new()
    {
        ["nothing is configured"] = [],
        ["at rest"] = [.. Cluster, "up"],
        ["forming"] = [.. Cluster, "view n1 n2 n3"],
        ["a node is being fenced"] = [.. Cluster, "up", "view n1 n2"],
        ["a node is off"] = [.. Cluster, "up", "view n1 n2", "run"],
        ["a node is emptied"] = [.. Cluster, "up", "drain n1", "ok after"],
        ["a node is away"] = [.. Cluster, "up", "maintenance n1", "view n2 n3"],
        ["a stop has failed"] = [.. Cluster, "up", "stop web", "run after", "fail web"],
        ["a guest moves"] = [.. Guests, "up", "migrate web to n2"],
        ["a guest was moving"] = [.. Guests, "up", "migrate web to n2", "view n2 n3"],
        ["a guest runs twice"] =
            [.. Guests, "up", "world n2 web/vm:web", "noticed web n2 runs", "run"],
        ["frozen"] = [.. Cluster, "up", "freeze web", "view n2 n3"],
        ["without quorum"] = [.. Cluster, "up", "view n1 none"],
    };

    public static MatrixTheoryData<string, string> Rows => new(
        Situations.Keys, typeof(ClusterEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType.Name));

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_is_said_of_what_is_not_there_changes_nothing(string situation, string kind)
    {
        ClusterState before = Reached(situation);
        foreach (ClusterEvent e in Combinations(kind, [Nobody]))
        {
            ClusterState after = Applied(before, e);
            if (e is not (Tick or ClusterStopRequest or ConfigurationRequest or ArmingRequest))
            {
                Assert.Same(before.Groups, after.Groups);
                Assert.Same(before.Nodes, after.Nodes);
                Assert.Same(before.Fences, after.Fences);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Whatever_is_said_leaves_a_state_in_order(string situation, string kind)
    {
        ClusterState before = Reached(situation);
        ClusterEvent[] all = [.. Combinations(kind, Names)];
        int step = Math.Max(1, all.Length / Most);
        for (int i = 0; i < all.Length; i += step)
        {
            ClusterState after = Applied(before, all[i]);
            string[] wrong = [.. StateInvariants.Broken(after), .. Core.Cluster.Unsettled(after) is { } more ? [more] : Names[..0]];
            Assert.True(wrong.Length == 0, $"{all[i]}: {string.Join("; ", wrong)}");
        }
    }

    private static ClusterState Reached(string situation)
    {
        string[] lines = Situations[situation];
        if (lines.Length == 0)
        {
            return ClusterState.Empty;
        }

        var runner = new ScenarioRunner(promises: false);
        runner.Run(lines);
        // What a view leaves undated any event dates.
        return Applied(runner.Current, new Tick());
    }

    private static ClusterState Applied(ClusterState state, ClusterEvent e) => Core.Cluster.Apply(
        state, state.Epoch, state.Index + 1,
        new EventEnvelope { Origin = "n1", Incarnation = 1, Time = state.Time, Event = e });

    private static IEnumerable<ClusterEvent> Combinations(string kind, string[] names)
    {
        Type type = typeof(ClusterEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType)
            .Single(t => t.Name == kind);
        ConstructorInfo made = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        IEnumerable<object?[]> all = [[]];
        foreach (ParameterInfo parameter in made.GetParameters())
        {
            object?[] values = [.. Values(parameter, names)];
            all = all.SelectMany(_ => values, (before, value) => (object?[])[.. before, value]);
        }

        return all.Select(values => (ClusterEvent)made.Invoke(values));
    }

    private static IEnumerable<object?> Values(ParameterInfo parameter, string[] names)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.Name is "RequestId" or "Who" or "Message" or "Reason" or "Hash" or "Content" or "Data" ? ["said"]
            : type == typeof(string) ? names
            : type == typeof(bool) ? [false, true]
            : type.IsEnum ? Enum.GetValues(type).Cast<object>()
            : type == typeof(long) && parameter.Name == "Incarnation" ? [0L, 1L, 99L]
            : type == typeof(long) && parameter.Name == "Asked" ? [0L, 1L]
            : type == typeof(long) ? [0L]
            : type == typeof(int) ? [1]
            : type == typeof(GuestFacts) ? [new GuestFacts("said", 1, 1, 1)]
            : type == typeof(MigrationFigures) ? [new MigrationFigures(1000)]
            : type == typeof(ActionId) ? Ids(names)
            : type == typeof(ImmutableArray<FoundResource>) ?
                names.Select(n => (object)ImmutableArray.Create(new FoundResource(n, "app:web", FoundAnswer.Unknown, "said")))
            : type == typeof(ImmutableArray<EventScriptDecision>) ?
                names.Select(n => (object)ImmutableArray.Create(new EventScriptDecision(n, n)))
            : type == typeof(ClusterConfiguration) ? [new ClusterConfiguration { Name = "other", Version = 2 }]
            : throw new NotSupportedException($"Say here what a {type.Name} may be.");
    }

    private static IEnumerable<object> Ids(string[] names) =>
        from name in names
        from operation in Enum.GetValues<ActionOperation>()
        from incarnation in (long[])[1, 99]
        select (object)new ActionId(1, 1, incarnation, name, "app:web", operation, 0);
}
