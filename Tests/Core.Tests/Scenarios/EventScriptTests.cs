using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>What takes more, or larger, events than a scenario file should hold.</summary>
public sealed class EventScriptTests
{
    private ClusterState state = ClusterState.Empty;
    private long index;

    [Fact]
    public void A_script_that_falls_behind_is_journalled_once_and_with_its_next_call()
    {
        EventScriptCall call = Called("user.*");
        string[] said = [.. Enumerable.Range(1, Cluster.MaxScriptEvents + 3).SelectMany(Tell)];

        Assert.Contains("more than 1000 events wait", Assert.Single(said));
        Assert.Contains("3 events were not told", Assert.Single(Behind(Answered(call))));
        Assert.Equal(Cluster.MaxScriptEvents, Watch.Call!.Events.Count);
        Assert.Equal("user.e4", Watch.Call!.Events[0].Kind);

        // That is said once: the next call leaves nothing out.
        Assert.Empty(Behind(Answered(Watch.Call!)));
        Assert.Empty(Tell(2000));
        Assert.NotNull(Watch.Call);
    }

    [Fact]
    public void What_a_script_is_told_has_room_to_the_last_character()
    {
        EventScriptCall call = Called("user.*");
        const int Share = Cluster.MaxScriptEventText / 64;
        string whole = new('x', Share - "admin".Length);
        string[] said = [.. Enumerable.Range(1, 63).SelectMany(n => Tell(n, whole)), .. Tell(64, whole)];
        Assert.Empty(said);
        Assert.Equal(64, Watch.Events.Count);

        Assert.Contains("more than 64 events wait", Assert.Single(Tell(65, whole)));
        Assert.Equal("user.e2", Watch.Events[0].Kind);
        Assert.Contains("1 events were not told", Assert.Single(Behind(Answered(call))));
    }

    [Fact]
    public void What_nobody_asked_for_takes_no_room_for_his_name()
    {
        Called("user.*,node.*");
        View(1, 2);
        Assert.Contains(Watch.Events, e => e.Who is null);
        int left = Cluster.MaxScriptEventText - Watch.Events.Sum(e => e.Message.Length + (e.Who?.Length ?? 0));
        const int Share = 4000;
        for (int n = 1; left > Share; n++, left -= Share)
        {
            Tell(n, new('x', Share - "admin".Length));
        }

        int all = Watch.Events.Count;
        Assert.Empty(Tell(100, new('x', left - "admin".Length)));
        Assert.Equal(all + 1, Watch.Events.Count);
        Assert.Single(Tell(101, "x"));
    }

    [Fact]
    public void What_the_node_that_dies_was_told_and_what_waits_are_together_no_more_than_a_script_is_told()
    {
        EventScriptCall call = Called("user.*");
        Tell([.. Enumerable.Range(1, Cluster.MaxScriptEvents)]);
        Commit(Answered(call));
        Assert.Equal(Cluster.MaxScriptEvents, Watch.Call!.Events.Count);
        Tell([.. Enumerable.Range(2001, 5)]);
        View(1, 2);

        Assert.Null(Watch.Call);
        Assert.Equal(Cluster.MaxScriptEvents, Watch.Events.Count);
        Assert.Equal("user.e2005", Watch.Events[^1].Kind);
        Assert.Equal("user.e6", Watch.Events[0].Kind);
    }

    [Fact]
    public void An_answer_decides_no_more_than_so_much_and_one_without_decisions_nothing()
    {
        Commit(Answered(Called("user.*")) with { Decisions = default });
        Assert.Null(Watch.Call);
        Tell(1);
        EventScriptDecision[] many = [.. Enumerable.Range(0, Cluster.MaxScriptDecisions + 1)
            .Select(n => new EventScriptDecision($"g{n}", null, GroupOperation.Enable))];
        Commit(Answered(Watch.Call!) with { Decisions = [.. many] });
        Assert.Equal(Cluster.MaxScriptDecisions, state.Journal.Count(j => j.Message.Contains("There is no group")));
    }

    private EventScriptState Watch => state.EventScripts["watch"];

    private static EventScriptCompleted Answered(EventScriptCall call) => new(call.Id, true, "", []);

    /// <summary>The script has been called, and has not answered.</summary>
    private EventScriptCall Called(string events)
    {
        string[] lines = ["nodes n1", $"script watch events={events}"];
        View(0, 1);
        Commit(
            new ConfigurationRequest(
                "first", "init",
                ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, lines) with { Version = 1 }));
        Commit(new Probed(state.Nodes["n1"].Probe!.Id, Cluster.FunctionalLevel, []));
        Tell(0);
        return Assert.IsType<EventScriptCall>(Watch.Call);
    }

    private void View(long epoch, long life) => state = Cluster.Apply(
        state, ++index,
        new ViewEvent(epoch + 1, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("n1", life)]), Quorum.Quorate, epoch > 0));

    private void Tell(int[] numbers)
    {
        foreach (int number in numbers)
        {
            Tell(number);
        }
    }

    private string[] Tell(int number) => Tell(number, null);

    private string[] Tell(int number, string? data) => Behind(new UserEvent($"r{number}", "admin", $"e{number}", data));

    /// <summary>What is said of scripts that are behind.</summary>
    private string[] Behind(ClusterEvent e)
    {
        Commit(e);
        return [.. state.Journal.Where(j => j.Kind == "script.behind").Select(j => j.Message)];
    }

    private void Commit(ClusterEvent e) => state =
        Cluster.Apply(state, 1, ++index, new EventEnvelope { Origin = "n1", Incarnation = 1, Event = e, Time = state.Time });
}
