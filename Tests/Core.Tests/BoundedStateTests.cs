using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>
/// Whatever is said to the cluster, and however often: the state that every node keeps stays small, and what it says is plain.
/// </summary>
public sealed class BoundedStateTests
{
    private const int Length = 60_000;

    private static readonly string Flood = new string('A', Length - 4) + "\u001b[2J";

    private static readonly string[] Lines = ["nodes n1 n2", "group web", "script watch events=*"];

    private ClusterState state = ClusterState.Empty;
    private long index;

    public BoundedStateTests()
    {
        state =
            Cluster.Apply(
                state, ++index,
                new ViewEvent(
                    1, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("n1", 1L), KeyValuePair.Create("n2", 1L)]),
                    Quorum.Quorate, false));
        Commit(
            new ConfigurationRequest(
                "first", "init",
                ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, Lines) with { Version = 1 }));
        foreach (string node in (string[])["n1", "n2"])
        {
            Commit(new Probed(state.Nodes[node].Probe!.Id, Cluster.FunctionalLevel, []));
        }
    }

    /// <summary>Every kind of event, found by reflection: one that is added is tried without being listed here.</summary>
    public static TheoryData<string> Kinds =>
        [.. typeof(ClusterEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_event_with_endless_words_in_all_its_places_leaves_a_small_state(string kind)
    {
        Type type = typeof(ClusterEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.DerivedType)
            .Single(t => t.Name == kind);
        for (int i = 0; i < 1_200; i++)
        {
            Commit((ClusterEvent)Make(type, i)!);
            Assert.All(state.Journal, IsBounded);
        }

        IsSmall();
    }

    [Fact]
    public void Five_hundred_refused_names_of_sixty_thousand_characters_are_not_kept()
    {
        for (int i = 0; i < 500; i++)
        {
            Commit(new UserEvent($"r{i}", "mallory", Flood));
        }

        Assert.Equal(500, state.Operations.Values.Count(o => o.Kind == OperationKind.EventUser));
        Assert.All(state.Operations.Values.Where(o => o.Kind == OperationKind.EventUser), o =>
        {
            Assert.Equal(OperationPhase.Failed, o.Phase);
            Assert.True(o.Target.Length <= TextLimits.Name + 1 && o.Message.Length < 500);
        });
        IsSmall();
    }

    [Fact]
    public void What_is_answered_to_an_action_under_way_is_bounded_where_it_is_kept()
    {
        Commit(new ActionCompleted(state.Groups["web"].Pending!.Id, false, Flood));
        Assert.Contains(state.Journal, j => j.Kind == "resource.start.failure");
        Assert.All(state.Journal, IsBounded);
        IsSmall();
    }

    [Fact]
    public void What_a_probe_could_not_tell_is_bounded_where_it_is_kept()
    {
        state =
            Cluster.Apply(
                state, ++index,
                new ViewEvent(
                    2, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("n1", 1L), KeyValuePair.Create("n2", 2L)]),
                    Quorum.Quorate, true));
        Commit(
            new Probed(
                state.Nodes["n2"].Probe!.Id, Cluster.FunctionalLevel, [new FoundResource("web", "app:web", FoundAnswer.Unknown, Flood)]));
        Assert.All(state.Journal, IsBounded);
        IsSmall();
    }

    [Fact]
    public void A_name_that_was_cut_is_nobodys()
    {
        string longest = new('g', TextLimits.Name);
        Commit(new ConfigurationRequest(
            "more", "admin", ScenarioConfiguration.Change(state.Configuration, ["group " + longest, "  app:b"]) with { Version = 2 }));
        Assert.Contains(longest, state.Groups.Keys);
        Commit(new GroupRequest("r1", "admin", longest + "ggg", GroupOperation.Disable));
        Assert.Equal(OperationPhase.Failed, state.Operations["r1"].Phase);
        Assert.Equal(GroupGoal.Run, state.Groups[longest].Goal);
    }

    [Fact]
    public void A_script_that_is_behind_keeps_as_much_text_as_there_is_room_for()
    {
        for (int i = 0; i < 200; i++)
        {
            Commit(new UserEvent($"r{i}", "admin", "long", new string('x', Cluster.MaxUserEventData)));
        }

        EventScriptState script = state.EventScripts["watch"];
        Assert.InRange(script.Events.Sum(e => e.Message.Length), 1, Cluster.MaxScriptEventText);
        Assert.True(script.Missed > 100);
    }

    private static object? Make(Type type, int number)
    {
        ConstructorInfo made = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return made.Invoke([.. made.GetParameters().Select(p => p.Name == "RequestId" ? $"r{number}" : Value(p.ParameterType))]);
    }

    private static object? Value(Type type) =>
        type == typeof(string) ? Flood
        : type == typeof(GuestFacts) ? new GuestFacts(Flood, 1, 1, 1)
        : type == typeof(MigrationFigures) ? new MigrationFigures(1, 1, 1, 1, 1, 1, 1)
        : type == typeof(ActionId) ? new ActionId(1, 1, 1, Flood, Flood, ActionOperation.Stop, 0)
        : type == typeof(ImmutableArray<FoundResource>) ? ImmutableArray.Create(new FoundResource(Flood, Flood, FoundAnswer.Unknown, Flood))
        : type == typeof(ImmutableArray<EventScriptDecision>) ? ImmutableArray.Create(new EventScriptDecision(Flood, Flood))
        : type == typeof(ClusterConfiguration) ? new ClusterConfiguration { Name = Flood, Version = 2 }
        : type.IsValueType ? Activator.CreateInstance(type)
        : throw new NotSupportedException($"Say here what a {type.Name} with endless words is.");

    private static void IsBounded(JournalEntry entry)
    {
        Assert.InRange(entry.Message.Length, 1, TextLimits.JournalMessage);
        Assert.True(PlainText.IsPlain(entry.Message), entry.Message);
        Assert.All(new[] { entry.Node, entry.Group, entry.Resource, entry.Who }, t => Assert.True(t is null || t.Length <= TextLimits.Who));
    }

    [Fact]
    public void Of_fencings_that_have_ended_the_last_ones_are_kept_with_the_time_of_day()
    {
        for (int i = 0; i < Cluster.MaxFenceHistory + 3; i++)
        {
            Commit(new NodeRequest($"r{i}", "admin", "n2", NodeOperation.FenceOff));
            Commit(new FenceCompleted(state.Fences["n2"].Pending!.Id, false, $"failure {i}"), 5000 + i);
            Assert.Equal(Math.Min(i + 1, Cluster.MaxFenceHistory), state.FenceHistory.Count);
        }

        Assert.Equal("failure 3", state.FenceHistory[0].Message);
        Assert.Equal("failure 4", state.FenceHistory[1].Message);
        Assert.Equal(5000 + Cluster.MaxFenceHistory + 2, state.FenceHistory[^1].WallTime);
        state = Cluster.Apply(state, ++index, new ViewEvent(2, state.Members.Remove("n2"), Quorum.Quorate, true));
        Commit(new NodeRequest("dead", "admin", "n2", NodeOperation.ConfirmDown));
        Assert.True(state.FenceHistory[^1] is { Success: true, Confirmed: true });
    }

    private void IsSmall()
    {
        byte[] snapshot = JsonSerializer.SerializeToUtf8Bytes(state, CoreJson.Options);
        Assert.InRange(snapshot.Length, 1, 8 * 1024 * 1024);
        using JsonDocument document = JsonDocument.Parse(snapshot);
        Walk(document.RootElement);
    }

    private static void Walk(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    Assert.InRange(member.Name.Length, 0, TextLimits.Id);
                    Walk(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Walk(item);
                }

                break;
            case JsonValueKind.String:
                Assert.InRange(element.GetString()!.Length, 0, TextLimits.JournalMessage);
                break;
            default:
                break;
        }
    }

    private void Commit(ClusterEvent e, long wall = 0) => state = Cluster.Apply(
        state, 1, ++index, new EventEnvelope { Origin = "n1", Incarnation = 1, Event = e, Time = state.Time, WallTime = wall });
}
