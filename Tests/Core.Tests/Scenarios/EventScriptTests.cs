using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>What takes more events than a scenario file should hold.</summary>
public sealed class EventScriptTests
{
    private static readonly string[] Lines = ["nodes n1", "script watch events=user.*"];

    private ClusterState state = ClusterState.Empty;
    private long index;

    [Fact]
    public void A_script_that_falls_behind_is_journalled_once_and_with_its_next_call()
    {
        state =
            Cluster.Apply(
                state, ++index,
                new ViewEvent(1, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("n1", 1L)]), Quorum.Quorate, false));
        Commit(
            new ConfigurationRequest(
                "first", "init",
                ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, Lines) with { Version = 1 }));
        Commit(new Probed(state.Nodes["n1"].Probe!.Id, Cluster.FunctionalLevel, []));
        Tell(0);
        EventScriptCall call = Assert.IsType<EventScriptCall>(state.EventScripts["watch"].Call);
        string[] said = [.. Enumerable.Range(1, Cluster.MaxScriptEvents + 3).SelectMany(Tell)];

        Assert.Contains("more than 1000 events wait", Assert.Single(said));
        Assert.Contains("3 events were not told", Assert.Single(Behind(new EventScriptCompleted(call.Id, true, "", []))));
        Assert.Equal(Cluster.MaxScriptEvents, state.EventScripts["watch"].Call!.Events.Count);
        Assert.Equal("user.e4", state.EventScripts["watch"].Call!.Events[0].Kind);
    }

    private IEnumerable<string> Tell(int number) => Behind(new UserEvent($"r{number}", "admin", $"e{number}", null));

    private IEnumerable<string> Behind(ClusterEvent e)
    {
        Commit(e);
        return state.Journal.Where(j => j.Kind == "script.behind").Select(j => j.Message);
    }

    private void Commit(ClusterEvent e) => state = 
        Cluster.Apply(state, 1, ++index, new EventEnvelope { Origin = "n1", Incarnation = 1, Event = e, Time = state.Time });
}
