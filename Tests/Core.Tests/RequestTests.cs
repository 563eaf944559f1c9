using System.Collections.Immutable;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>What is kept of a request, and for how long.</summary>
public sealed class RequestTests
{
    private readonly CommittedEvents events = new();

    [Fact]
    public void An_operation_says_when_it_began_and_when_it_ended()
    {
        events.Commit(new GroupRequest("r1", "ada", "web", GroupOperation.Restart), wall: 1_000);
        long began = events.State.Index;
        OperationState running = events.State.Operations["r1"];
        Assert.Equal(
            (OperationPhase.Running, began, 1_000L, null, 0L),
            (running.Phase, running.Began, running.BeganAt, running.Ended, running.EndedAt));
        events.RunAll(wall: 2_000);
        OperationState ended = events.State.Operations["r1"];
        Assert.Equal(
            (OperationPhase.Succeeded, began, 1_000L, (long?)events.State.Index, 2_000L),
            (ended.Phase, ended.Began, ended.BeganAt, ended.Ended, ended.EndedAt));
    }

    [Fact]
    public void A_group_says_since_when_it_is_where_it_is()
    {
        events.Commit(new GroupRequest("r1", "ada", "web", GroupOperation.Restart), wall: 1_000);
        Assert.Equal((GroupPhase.Stopping, 1_000L), Web());
        events.RunAll(wall: 2_000);
        Assert.Equal((GroupPhase.Started, 2_000L), Web());
        events.Commit(new Tick(), wall: 3_000);
        Assert.Equal((GroupPhase.Started, 2_000L), Web());

        (GroupPhase, long) Web() => (events.State.Groups["web"].Phase, events.State.Groups["web"].SinceWall);
    }

    /// <summary>A view carries no time: what it led to is dated by the first event after it, and nothing else is.</summary>
    [Fact]
    public void What_a_view_led_to_is_dated_by_the_next_event_alone()
    {
        events.Commit(new GroupRequest("r1", "ada", "idle", GroupOperation.Enable), wall: 500);
        events.RunAll(wall: 500);
        Assert.Equal(500, events.State.Groups["idle"].SinceWall);
        events.View("n2");
        Assert.True(events.State.Undated);
        Assert.Equal(0, events.State.Groups["web"].SinceWall);
        events.Commit(new Tick(), wall: 4_000, later: 700);
        Assert.False(events.State.Undated);
        Assert.Equal((4_000L, events.State.Time), (events.State.Groups["web"].SinceWall, events.State.Groups["web"].Since));
        Assert.Equal(500, events.State.Groups["idle"].SinceWall);
        Assert.Equal(events.State.Touched.Groups.Length, events.State.Touched.Groups.Distinct().Count());
        events.Commit(new Tick(), wall: 5_000, later: 700);
        Assert.Equal(4_000, events.State.Groups["web"].SinceWall);
        Assert.Empty(events.State.Touched.Groups);
    }

    [Fact]
    public void So_many_operations_are_kept_and_the_oldest_goes_first()
    {
        int others = events.State.Operations.Count;
        for (int i = others; i < Cluster.MaxOperations; i++)
        {
            events.Commit(new UserEvent($"r{i}", "ada", "backup"));
        }

        Assert.Equal(Cluster.MaxOperations, events.State.Operations.Count);
        Assert.Contains("first", events.State.Operations.Keys);
        events.Commit(new UserEvent("one-more", "ada", "backup"));
        events.Commit(new UserEvent("and-one", "ada", "backup"));
        Assert.Equal(Cluster.MaxOperations, events.State.Operations.Count);
        Assert.DoesNotContain("first", events.State.Operations.Keys);
        Assert.DoesNotContain($"r{others}", events.State.Operations.Keys);
        Assert.Contains($"r{others + 1}", events.State.Operations.Keys);
        Assert.Contains("and-one", events.State.Operations.Keys);
    }

    /// <summary>What no longer stands among the operations ends without a word, and without harm.</summary>
    [Fact]
    public void An_operation_that_is_forgotten_meanwhile_ends_all_the_same()
    {
        events.Commit(new GroupRequest("slow", "ada", "web", GroupOperation.Restart));
        for (int i = 0; i < Cluster.MaxOperations; i++)
        {
            events.Commit(new UserEvent($"r{i}", "ada", "backup"));
        }

        Assert.DoesNotContain("slow", events.State.Operations.Keys);
        events.RunAll();
        Assert.Equal((GroupPhase.Started, null), (events.State.Groups["web"].Phase, events.State.Groups["web"].Operation));
        Assert.DoesNotContain("slow", events.State.Operations.Keys);
    }

    [Fact]
    public void Ids_have_their_length()
    {
        var fits = new string('i', TextLimits.Id);
        events.Commit(new UserEvent(fits, "ada", "backup"));
        Assert.Equal(OperationPhase.Succeeded, events.State.Operations[fits].Phase);
        long ignored = events.State.Ignored;
        int kept = events.State.Operations.Count;
        events.Commit(new UserEvent(fits + "i", "ada", "backup"));
        Assert.Equal((ignored + 1, kept), (events.State.Ignored, events.State.Operations.Count));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("patch-day", true)]
    [InlineData("patch\nday", false)]
    public void A_runbook_has_a_name_that_can_be_seen(string name, bool fits) => Assert.Equal(fits, Write(name, null).Succeeded);

    [Fact]
    public void Names_of_runbooks_have_their_length()
    {
        Assert.True(Write(new('n', Cluster.MaxRunbookName), null).Succeeded);
        Assert.False(Write(new('n', Cluster.MaxRunbookName + 1), null).Succeeded);
    }

    [Fact]
    public void A_runbook_that_is_to_be_new_is_written_once()
    {
        Assert.True(Write("patch", 0).Succeeded);
        Assert.False(Write("patch", 0).Succeeded);
        Assert.True(Write("patch", events.State.Runbooks["patch"].Version).Succeeded);
        Assert.False(Write("gone", 7).Succeeded);
    }

    [Fact]
    public void So_many_runbooks_are_kept_and_each_of_them_can_be_written_again()
    {
        for (int i = 0; i < Cluster.MaxRunbooks; i++)
        {
            Assert.True(Write($"r{i}", null).Succeeded);
        }

        (bool succeeded, string message) = Write("one-more", null);
        Assert.False(succeeded);
        Assert.Contains($"{Cluster.MaxRunbooks}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("one-more", events.State.Runbooks.Keys);
        Assert.True(Write("r3", null).Succeeded);
    }

    private (bool Succeeded, string Message) Write(string name, long? expected)
    {
        string id = $"w{events.State.Index}";
        events.Commit(new RunbookRequest(id, "ada", name, "{}", expected));
        OperationState operation = events.State.Operations[id];
        Assert.Equal(operation.Phase == OperationPhase.Failed, operation.Refused);
        Assert.NotEmpty(operation.Message);
        return (operation.Phase == OperationPhase.Succeeded, operation.Message);
    }

    /// <summary>A cluster of two nodes, and what is committed on it.</summary>
    private sealed class CommittedEvents
    {
        public CommittedEvents()
        {
            var runner = new ScenarioRunner(promises: false);
            runner.Run(["cluster", "  nodes n1 n2", "  fence n1: power(ipmi)", "  domain d ordered: n1=1 n2=2", "  group web domain=d",
                "  group idle autostart=no", "up"]);
            State = runner.Agreed;
        }

        public ClusterState State { get; private set; }

        public void Commit(ClusterEvent e, long wall = 0, long later = 0) =>
            State = Cluster.Apply(State, State.Epoch, State.Index + 1, new EventEnvelope
            {
                Origin = "n2", Incarnation = 1, Time = State.Time + later, WallTime = wall, Event = e,
            });

        public void View(params string[] members) =>
            State = Cluster.Apply(
                State, State.Index + 1, new ViewEvent(
                    State.Epoch + 1, members.ToImmutableSortedDictionary(m => m, _ => 1L), Quorum.Quorate, true));

        /// <summary>What is under way for groups goes well.</summary>
        public void RunAll(long wall = 0)
        {
            while (Cluster.Plan(State).OfType<ResourceAction>().FirstOrDefault() is { } next)
            {
                Commit(new ActionCompleted(next.Id, true, ""), wall);
            }
        }
    }
}
