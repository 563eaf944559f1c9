using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>What one node does with what the engine delivers and executors answer.</summary>
public sealed class ReplicaTests
{
    private const string Web = """
        nodes n1 n2 n3
        timing quorum_loss_deadline=30000
        domain one ordered: n1=1
        group web domain=one
          fs:data
            script:web
        """;

    private static readonly ImmutableSortedDictionary<string, long> Three = Members("n1", "n2", "n3");

    private readonly Replica replica = new("n1", 1);
    private readonly HashSet<ActionId> issued = [];
    private long index;
    private long now = 1_000_000;

    [Fact]
    public void A_node_without_a_configuration_is_asked_for_one_and_told_of_the_one_in_force()
    {
        replica.OnSnapshot(ClusterState.Empty, now);
        replica.OnView(++index, new ViewEvent(1, Three, Quorum.Quorate, false), now);
        Assert.Contains(Effects(), e => e is NeedConfiguration);

        Commit(new ConfigurationRequest("first", "init", Configuration(Web)));
        Assert.Single(Effects().OfType<ConfigurationInForce>());

        Commit(new Tick());
        Assert.DoesNotContain(Effects(), e => e is ConfigurationInForce);
    }

    [Fact]
    public void A_snapshot_brings_the_configuration_in_force()
    {
        ClusterState state = Running();

        var late = new Replica("n1", 2);
        late.OnSnapshot(state, 0);

        Assert.Equal(1, Assert.Single(late.TakeEffects().OfType<ConfigurationInForce>()).Configuration.Version);
    }

    [Fact]
    public void Each_action_is_issued_once_and_its_answer_proposed_once()
    {
        ResourceAction stop = Restarting();
        Commit(new Tick());
        Assert.Empty(Effects().OfType<RunResource>());

        var answer = new ActionCompleted(stop.Id, true, "");
        replica.OnResult(answer, now);
        Assert.Equal(answer, Assert.Single(Effects().OfType<Propose>()).Event);

        replica.OnResult(answer, now);
        Assert.Empty(Effects());
    }

    [Fact]
    public void An_answer_that_could_not_be_committed_is_given_again_as_long_as_it_is_asked_for()
    {
        ResourceAction stop = Restarting();
        var answer = new ActionCompleted(stop.Id, true, "");
        replica.OnResult(answer, now);
        Effects();

        replica.OnProposalFailed(answer);
        Assert.Equal(answer, Assert.Single(Effects().OfType<Propose>()).Event);

        Commit(answer);
        Effects();
        replica.OnProposalFailed(answer);
        Assert.Empty(Effects());
    }

    [Fact]
    public void Answers_that_may_have_been_lost_are_given_again_in_a_new_epoch()
    {
        ResourceAction stop = Restarting();
        var answer = new ActionCompleted(stop.Id, true, "");
        replica.OnResult(answer, now);
        Effects();

        View(2, Quorum.Quorate, true, "n1", "n2");
        ImmutableArray<Effect> effects = Effects();
        Assert.Equal(answer, Assert.Single(effects.OfType<Propose>()).Event);
        Assert.DoesNotContain(effects, e => e is RunResource);
    }

    [Fact]
    public void In_an_epoch_that_begins_anew_only_probes_are_answered()
    {
        ResourceAction stop = Restarting();
        replica.OnResult(new ActionCompleted(stop.Id, true, ""), now);
        Effects();

        View(2, Quorum.Quorate, false, "n1", "n2", "n3");
        ImmutableArray<Effect> effects = Effects();
        Assert.Empty(effects.OfType<Propose>());
        Assert.Single(effects.OfType<RunProbe>());
    }

    [Fact]
    public void Without_quorum_a_node_stops_what_it_runs_proposes_nothing_and_is_done()
    {
        Running();
        View(1, Quorum.None, false, "n1");
        Assert.Equal(now + 30_000, replica.StopBy);

        foreach (string expected in new[] { "script:web", "fs:data" })
        {
            ImmutableArray<Effect> effects = Effects();
            Assert.DoesNotContain(effects, e => e is Propose);
            ResourceAction stop = Assert.Single(effects.OfType<RunResource>()).Action;
            Assert.Equal((ActionOperation.Stop, expected), (stop.Id.Operation, stop.Resource.Id));
            Assert.True(stop.Id.Epoch < 0, "An action that nobody has committed must not look like one that was.");
            replica.OnResult(new ActionCompleted(stop.Id, true, ""), now += 100);
        }

        Assert.Null(replica.StopBy);
        Assert.Empty(replica.Acting.Groups["web"].ActiveOn);
        Assert.Equal("n1", replica.State.Groups["web"].Owner);
        replica.OnTime(now + 60_000);
        Assert.DoesNotContain(Effects(), e => e is ResetSelf or Propose or RunResource);
    }

    [Fact]
    public void Without_quorum_what_is_under_way_ends_before_anything_is_stopped()
    {
        ResourceAction stop = Restarting();
        View(1, Quorum.None, false, "n1");
        Assert.Empty(Effects().OfType<RunResource>());

        replica.OnResult(new ActionCompleted(stop.Id, true, ""), now);
        Assert.Equal("fs:data", Assert.Single(Effects().OfType<RunResource>()).Action.Resource.Id);
    }

    [Fact]
    public void An_answer_whose_proposal_was_lost_with_the_quorum_counts_in_the_private_copy()
    {
        ResourceAction stop = Restarting();
        replica.OnResult(new ActionCompleted(stop.Id, true, ""), now);
        Effects();

        View(1, Quorum.None, false, "n1");
        Assert.Equal("fs:data", Assert.Single(Effects().OfType<RunResource>()).Action.Resource.Id);
    }

    [Fact]
    public void A_node_that_cannot_stop_in_time_resets_itself_and_another_view_without_quorum_gives_it_no_more_time()
    {
        Running();
        View(1, Quorum.None, false, "n1");
        Effects();
        replica.OnTime(now + 29_999);
        Assert.DoesNotContain(Effects(), e => e is ResetSelf);

        now += 29_999;
        View(1, Quorum.None, false, "n1", "n2");
        Assert.Empty(Effects().OfType<RunResource>());
        replica.OnTime(++now);
        Assert.Single(Effects().OfType<ResetSelf>());

        replica.OnTime(now + 30_000);
        Assert.Empty(Effects());
    }

    [Fact]
    public void A_node_without_quorum_on_which_a_stop_fails_resets_itself_at_once()
    {
        Running();
        View(1, Quorum.None, false, "n1");
        ResourceAction stop = Assert.Single(Effects().OfType<RunResource>()).Action;
        replica.OnResult(new ActionCompleted(stop.Id, false, "it hangs."), now);

        ResetSelf reset = Assert.Single(Effects().OfType<ResetSelf>());
        Assert.Contains("script:web", reset.Reason);
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData("a stop failed", false, false)]
    // It has been with the cluster since: what runs was started by this life.
    [InlineData("a stop failed", true, true)]
    public void A_node_is_not_reset_twice_for_one_cause(string? before, bool withCluster, bool resets)
    {
        ClusterState state = Running();
        var life = new Replica("n1", 2) { ResetBefore = before };
        life.OnSnapshot(state, now);
        if (withCluster)
        {
            var members = Three.SetItem("n1", 2);
            life.OnView(++index, new ViewEvent(2, members, Quorum.Quorate, true), now);
        }

        life.OnView(++index, new ViewEvent(3, Three.Clear().Add("n1", 2), Quorum.None, false), now);
        ResourceAction stop = Assert.Single(life.TakeEffects().OfType<RunResource>()).Action;
        life.OnResult(new ActionCompleted(stop.Id, false, "it always fails."), now);
        ImmutableArray<Effect> effects = life.TakeEffects();
        Assert.Equal(resets, effects.OfType<ResetSelf>().Any());
        Assert.Equal(!resets, effects.OfType<Journalled>().SelectMany(t => t.Entries).Any(e => e.Kind == "node.stuck"));
    }

    [Fact]
    public void A_node_says_that_its_watchdog_is_armed_and_anew_when_a_configuration_makes_another_time_of_it()
    {
        ClusterState state = Running();
        var life = new Replica("n1", 1) { Watchdog = (10_000, 1000) };
        life.OnSnapshot(state, now);
        life.OnView(++index, new ViewEvent(2, Three, Quorum.Quorate, true), now);
        WatchdogArmed first = Said(life);
        Assert.Equal(new WatchdogArmed("n1", 1, 10_000, WatchdogTimes.Within(1000, 30_000, 10_000)), first);

        // Once is enough, until it was lost.
        CommitTo(life, new Tick());
        Assert.Empty(life.TakeEffects().OfType<Propose>());
        life.OnProposalFailed(first);
        Assert.Equal(first, Said(life));
        CommitTo(life, first);
        Assert.Equal(new WatchdogReport(first.Timeout, first.Within), life.State.Nodes["n1"].Watchdog);
        Assert.Empty(life.TakeEffects().OfType<Propose>());

        ClusterConfiguration next = life.State.Configuration;
        CommitTo(life, new ConfigurationRequest(
            "second", "admin", next with { Version = 2, Timing = next.Timing with { QuorumLossDeadline = 20_000 } }));
        Assert.Equal(first.Within - 10_000, Said(life).Within);

        // Who may go lets go of it.
        CommitTo(life, new NodeRequest("away", "admin", "n1", NodeOperation.Maintenance));
        Assert.Null(life.State.Nodes["n1"].Watchdog);
        CommitTo(life, new NodeRequest("stays", "admin", "n1", NodeOperation.Resume));
        Assert.DoesNotContain(life.TakeEffects().OfType<Propose>(), p => p.Event is WatchdogArmed);

        static WatchdogArmed Said(Replica life) =>
            Assert.Single(life.TakeEffects().OfType<Propose>().Select(p => p.Event).OfType<WatchdogArmed>());

        void CommitTo(Replica life, ClusterEvent e) => life.OnCommitted(life.State.Epoch, ++index, Envelope(e), now);
    }

    [Fact]
    public void A_machine_may_be_kept_from_its_reset_as_long_as_its_node_is_with_the_cluster_or_can_stop_in_time()
    {
        const int Token = 1000;
        Assert.Null(replica.SoundUntil(null, Token));
        Running();
        long latest = now + WatchdogTimes.Notice(Token) + 30_000;
        // Nobody has confirmed it for long: without knowing it, it has no quorum.
        Assert.Equal(latest, replica.SoundUntil(now, Token));

        long confirmed = now;
        now += 5_000;
        View(1, Quorum.None, false, "n1");
        Assert.Equal(now + 30_000, replica.SoundUntil(confirmed, Token));
        now += 20_000;
        Assert.Equal(latest - 8_000, replica.SoundUntil(confirmed, Token));
        // It was told late, and has no more time for that.
        Assert.Equal(confirmed - 20_000 + WatchdogTimes.Notice(Token) + 30_000, replica.SoundUntil(confirmed - 20_000, Token));

        foreach (string _ in (string[])["script:web", "fs:data"])
        {
            ResourceAction stop = Assert.Single(Effects().OfType<RunResource>()).Action;
            replica.OnResult(new ActionCompleted(stop.Id, true, ""), now);
        }

        Assert.Null(replica.SoundUntil(confirmed, Token));
    }

    [Fact]
    public void A_frozen_group_is_left_alone_without_quorum()
    {
        Running();
        Commit(new GroupRequest("freeze", "admin", "web", GroupOperation.Freeze));
        Effects();

        View(1, Quorum.None, false, "n1");
        Assert.Empty(Effects().OfType<RunResource>());
        Assert.Null(replica.StopBy);
    }

    [Fact]
    public void A_node_that_knows_that_the_cluster_is_disarmed_stops_nothing_without_quorum_until_it_reads_that_it_is_armed()
    {
        Running();
        Commit(new ArmingRequest("disarm", "admin", Arms: false));
        Effects();

        View(1, Quorum.None, false, "n1");
        Assert.Null(replica.StopBy);
        Assert.Null(replica.StopUnaidedBy(now));
        replica.OnTime(now + 600_000);
        Assert.DoesNotContain(Effects(), e => e is RunResource or ResetSelf or Propose);

        // Committed before the quorum was lost, and read only now.
        Commit(new ArmingRequest("arm", "admin", Arms: true));
        Assert.Equal(now + 30_000, replica.StopBy);
        Assert.Equal(ActionOperation.Stop, Assert.Single(Effects().OfType<RunResource>()).Action.Id.Operation);

        // And the other way round: what is left to be stopped stays.
        Commit(new ArmingRequest("disarm again", "admin", Arms: false));
        Assert.Null(replica.StopBy);
    }

    [Fact]
    public void An_expelled_node_that_knows_that_the_cluster_is_disarmed_ends_at_once_and_leaves_its_groups_running()
    {
        Running();
        Commit(new ArmingRequest("disarm", "admin", Arms: false));
        Effects();

        replica.OnExpelled("silent for too long", now);
        ImmutableArray<Effect> effects = Effects();
        Assert.Single(effects.OfType<StoppedAll>());
        Assert.DoesNotContain(effects, e => e is RunResource or ResetSelf);
    }

    [Fact]
    public void A_private_stop_that_ends_after_quorum_has_come_back_is_nobodys_business()
    {
        Running();
        View(1, Quorum.None, false, "n1");
        ResourceAction stop = Assert.Single(Effects().OfType<RunResource>()).Action;

        View(2, Quorum.Quorate, false, "n1", "n2", "n3");
        Assert.Single(Effects().OfType<RunProbe>());
        replica.OnResult(new ActionCompleted(stop.Id, true, ""), now);
        Assert.Empty(Effects());
    }

    [Fact]
    public void An_expelled_node_stops_everything_and_says_when_it_is_done()
    {
        Running();
        replica.OnExpelled("silent for too long", now);
        Assert.True(replica.Expelled);
        foreach (string expected in new[] { "script:web", "fs:data" })
        {
            ImmutableArray<Effect> effects = Effects();
            Assert.DoesNotContain(effects, e => e is StoppedAll or Propose);
            ResourceAction stop = Assert.Single(effects.OfType<RunResource>()).Action;
            Assert.Equal(expected, stop.Resource.Id);
            replica.OnResult(new ActionCompleted(stop.Id, true, ""), now);
        }

        Assert.Single(Effects().OfType<StoppedAll>());

        // Nothing that the engine may say afterwards brings it back.
        replica.OnExpelled("again", now);
        View(2, Quorum.Quorate, false, "n1", "n2", "n3");
        replica.OnTime(now + 600_000);
        Assert.Empty(Effects());
    }

    [Fact]
    public void A_node_that_was_stopping_when_it_is_expelled_goes_on_with_that()
    {
        Running();
        View(1, Quorum.None, false, "n1");
        ResourceAction stop = Assert.Single(Effects().OfType<RunResource>()).Action;
        long? by = replica.StopBy;

        replica.OnExpelled("silent for too long", now + 1000);
        Assert.Empty(Effects().OfType<RunResource>());
        Assert.Equal(by, replica.StopBy);
        replica.OnResult(new ActionCompleted(stop.Id, true, ""), now + 1000);
        Assert.Equal("fs:data", Assert.Single(Effects().OfType<RunResource>()).Action.Resource.Id);
    }

    [Fact]
    public void Status_checks_run_while_a_group_is_started_and_not_frozen()
    {
        Running();
        Commit(new GroupRequest("freeze", "admin", "web", GroupOperation.Freeze));
        Assert.Empty(Assert.Single(Effects().OfType<MonitorGroup>()).Resources);
        replica.OnMonitorFailed("web", "script:web", "it does not answer.");
        Assert.Empty(Effects());

        Commit(new GroupRequest("unfreeze", "admin", "web", GroupOperation.Unfreeze));
        AnswerAll();
        Assert.Equal(["fs:data", "script:web"], replica.State.Groups["web"].Instance.Resources.Keys);
        replica.OnMonitorFailed("web", "script:web", "it does not answer.");
        Assert.IsType<MonitorFailed>(Assert.Single(Effects().OfType<Propose>()).Event);
    }

    [Fact]
    public void A_tick_is_proposed_when_something_is_due_by_the_first_node_at_once_and_by_others_later()
    {
        ClusterState state = Running();
        var second = new Replica("n2", 1);
        second.OnSnapshot(state, now);
        second.OnView(index + 1, new ViewEvent(2, Three, Quorum.Quorate, true), now);
        second.TakeEffects();
        long due = now + state.Deadlines.Min.At - state.Time;

        Assert.True(replica.OnTime(due - 1) <= due);
        Assert.Empty(Effects().OfType<Propose>());
        replica.OnTime(due);
        Assert.IsType<Tick>(Assert.Single(Effects().OfType<Propose>()).Event);
        replica.OnTime(due + 1);
        Assert.Empty(Effects());

        long later = second.OnTime(due);
        Assert.True(later > due);
        Assert.Empty(second.TakeEffects());
        second.OnTime(later);
        Assert.IsType<Tick>(Assert.Single(second.TakeEffects().OfType<Propose>()).Event);
    }

    [Fact]
    public void Time_without_quorum_goes_by_for_the_cluster_too()
    {
        Running();
        long time = replica.TimeAt(now);
        View(1, Quorum.None, false, "n1");
        now += 20_000;
        View(2, Quorum.Quorate, false, "n1", "n2", "n3");
        now += 5_000;
        Assert.Equal(time + 25_000, replica.TimeAt(now));
    }

    [Fact]
    public void A_node_that_is_to_leave_says_so_when_it_is_empty_and_again_in_a_new_epoch()
    {
        Running();
        Commit(new NodeRequest("leave", "admin", "n1", NodeOperation.Leave));
        for (int i = 0; i < 2; i++)
        {
            ResourceAction stop = Assert.Single(Effects().OfType<RunResource>()).Action;
            Commit(new ActionCompleted(stop.Id, true, ""));
        }

        Assert.IsType<NodeLeft>(Assert.Single(Effects().OfType<Propose>()).Event);
        View(2, Quorum.Quorate, true, "n1", "n2");
        Assert.IsType<NodeLeft>(Assert.Single(Effects().OfType<Propose>()).Event);
        Commit(new NodeLeft("n1", 1));
        Assert.DoesNotContain(Effects(), e => e is Propose);
    }

    [Fact]
    public void The_first_member_tells_the_engine_the_votes_when_they_come_into_force_and_in_each_view()
    {
        var second = new Replica("n2", 1);
        second.OnSnapshot(Running(), now);
        second.OnView(index + 1, new ViewEvent(2, Three, Quorum.Quorate, true), now);
        Assert.DoesNotContain(second.TakeEffects(), e => e is ChangeVotes);

        View(2, Quorum.Quorate, true, "n1", "n2");
        Assert.Equal(1, Assert.Single(Effects().OfType<ChangeVotes>()).Configuration.Version);
        ClusterConfiguration first = replica.State.Configuration;
        Commit(new ConfigurationRequest("next", "admin", first with
        {
            Version = 2, Nodes = first.Nodes.SetItem("n3", first.Nodes["n3"] with { Votes = 0 }),
        }));
        Assert.Equal(2, Assert.Single(Effects().OfType<ChangeVotes>()).Configuration.Version);
        Commit(new ConfigurationRequest("same", "admin", replica.State.Configuration with
        {
            Version = 3, Timing = new ClusterTiming { PostJoinDelay = 7000 },
        }));
        Assert.DoesNotContain(Effects(), e => e is ChangeVotes);
        replica.OnVotesUntold();
        Commit(new Tick());
        Assert.Equal(3, Assert.Single(Effects().OfType<ChangeVotes>()).Configuration.Version);
        View(2, Quorum.None, false, "n1");
        Assert.DoesNotContain(Effects(), e => e is ChangeVotes);
    }

    [Fact]
    public void The_engine_is_told_whose_vote_is_taken_away_and_when_it_is_given_back()
    {
        Running("""
            nodes n1 n2 n3
            last_man_standing 10000
            """);
        View(2, Quorum.Quorate, true, "n1", "n2");
        Commit(new NodeRequest("down", "admin", "n3", NodeOperation.ConfirmDown));
        Effects();
        TickAfter(9000);
        Assert.DoesNotContain(Effects(), e => e is ChangeVotes);
        TickAfter(1000);
        ChangeVotes taken = Assert.Single(Effects().OfType<ChangeVotes>());
        Assert.Equal(["n3"], taken.Without);
        Assert.Equal(2, QuorumArithmetic.Total(taken.Configuration, taken.Without));
        Assert.Equal([1, 1, 0], QuorumArithmetic.Votes(taken.Configuration, taken.Without).Values);

        View(3, Quorum.Quorate, true, "n1", "n2", "n3");
        Assert.Equal(["n3"], Assert.Single(Effects().OfType<ChangeVotes>()).Without);
        AnswerAll();
        View(4, Quorum.Quorate, true, "n1", "n2", "n3");
        Assert.Empty(Assert.Single(Effects().OfType<ChangeVotes>()).Without);

        void TickAfter(long time) => replica.OnCommitted(
            replica.State.Epoch, ++index, Envelope(new Tick()) with { Time = replica.State.Time + time }, now);
    }

    [Fact]
    public void A_daemon_may_go_once_it_is_committed_that_its_node_has_left_or_is_away_for_maintenance()
    {
        Running("nodes n1 n2 n3");
        Commit(new NodeRequest("away", "admin", "n1", NodeOperation.Maintenance));
        Assert.Equal(LeaveCause.Maintenance, Assert.Single(Effects().OfType<LeaveCluster>()).Cause);
        Commit(new Tick());
        Assert.Single(Effects().OfType<LeaveCluster>());
        Commit(new NodeRequest("back", "admin", "n1", NodeOperation.Resume));
        AnswerAll();
        Commit(new Tick());
        Assert.DoesNotContain(Effects(), e => e is LeaveCluster);

        Commit(new NodeRequest("leave", "admin", "n1", NodeOperation.Leave));
        Assert.DoesNotContain(Effects(), e => e is LeaveCluster);
        var later = new Replica("n1", 2);
        later.OnSnapshot(replica.State, now);
        Commit(new NodeLeft("n1", 1));
        Assert.Equal(LeaveCause.Left, Assert.Single(Effects().OfType<LeaveCluster>()).Cause);
        later.OnCommitted(1, index, Envelope(new NodeLeft("n1", 1)), now);
        Assert.DoesNotContain(later.TakeEffects(), e => e is LeaveCluster);
    }

    [Fact]
    public void How_long_a_node_has_been_silent_is_told_of_who_is_missing_and_has_not_left()
    {
        Running("nodes n1 n2 n3");
        Commit(new NodeRequest("leave", "admin", "n2", NodeOperation.Leave));
        Commit(new NodeLeft("n2", 1));
        View(2, Quorum.Quorate, true, "n1", "n3");
        Assert.Empty(Effects().OfType<TellSilence>());
        View(2, Quorum.None, false, "n1");
        Assert.Equal(new TellSilence("n3", 1), Assert.Single(Effects().OfType<TellSilence>()));
        View(2, Quorum.None, false, "n1");
        Assert.Empty(Effects().OfType<TellSilence>());
    }

    [Fact]
    public void A_contested_node_fences_bars_its_peer_and_asks_for_an_epoch_once()
    {
        Running("""
            nodes n1 n2
            two_node
            group web
            """, "n1", "n2");
        View(1, Quorum.Contested, false, "n1");
        ImmutableArray<Effect> effects = Effects();
        Assert.Equal(["n2"], Assert.Single(effects.OfType<BarNodes>()).Nodes);
        FenceDeviceAction off = Assert.Single(effects.OfType<RunFence>()).Action;
        Assert.True(off.Id.Epoch < 0);

        replica.OnResult(new FenceCompleted(off.Id, true, "done."), now);
        effects = Effects();
        Assert.DoesNotContain(effects, e => e is Propose or RunResource or RunFence);
        FenceProven proof = Assert.IsType<FenceProven>(Assert.Single(effects.OfType<OpenEpoch>()).First);
        Assert.Equal(("n2", 1, "n1", "power"), (proof.Target, proof.Incarnation, proof.Executor, proof.Method));

        replica.OnTime(now + 1);
        Assert.Empty(Effects());

        // In the new epoch nothing is done before the proof, its first entry, is there.
        View(2, Quorum.Quorate, true, "n1");
        Assert.DoesNotContain(Effects(), e => e is RunResource or RunFence or RunProbe);
        Commit(proof);
        Assert.Equal(ActionOperation.FenceOn, Assert.Single(Effects().OfType<RunFence>()).Action.Id.Operation);
    }

    [Fact]
    public void What_an_arbiter_says_later_of_a_contested_node_holds_from_then_on_and_ends_nothing()
    {
        Running("""
            nodes n1 n2
            two_node
            group web
            """, "n1", "n2");
        Contested(new QuorumDevice(1, false));
        Assert.DoesNotContain(Effects(), e => e is RunFence);
        Contested(new QuorumDevice(1, true));
        FenceDeviceAction off = Assert.Single(Effects().OfType<RunFence>()).Action;

        // What is under way is not begun anew, nor is what it proves lost.
        Contested(default);
        Assert.DoesNotContain(Effects(), e => e is RunFence);
        replica.OnResult(new FenceCompleted(off.Id, true, "done."), now);
        Assert.Single(Effects().OfType<OpenEpoch>());
        Contested(new QuorumDevice(1, true));
        Assert.DoesNotContain(Effects(), e => e is RunFence or OpenEpoch);
        View(2, Quorum.Quorate, true, "n1");
        Assert.DoesNotContain(Effects(), e => e is RunResource or RunFence or RunProbe);

        void Contested(QuorumDevice arbiter) => replica.OnView(
            ++index, new ViewEvent(1, Members("n1"), Quorum.Contested, false, new VoteCount(1, 2, arbiter)), now);
    }

    [Fact]
    public void A_contested_node_whose_peer_returns_goes_on_with_it()
    {
        Running("""
            nodes n1 n2
            two_node
            group web
            """, "n1", "n2");
        View(1, Quorum.Contested, false, "n1");
        FenceDeviceAction off = Assert.Single(Effects().OfType<RunFence>()).Action;
        replica.OnResult(new FenceCompleted(off.Id, true, "done."), now);
        Effects();

        replica.OnView(++index, new ViewEvent(2, Members("n1").Add("n2", 2), Quorum.Quorate, true), now);
        ImmutableArray<Effect> effects = Effects();
        Assert.DoesNotContain(effects, e => e is OpenEpoch or RunFence);
        Assert.Equal(["n1", "n2"], replica.Acting.Members.Keys);

        // It acts at once, without waiting for an entry that will never come.
        Commit(new GroupRequest("restart", "admin", "web", GroupOperation.Restart));
        Assert.DoesNotContain(Effects(), e => e is OpenEpoch);
    }

    private static ClusterConfiguration Configuration(string text) =>
        ScenarioConfiguration.Change(new ClusterConfiguration { Name = "replica" }, text.ReplaceLineEndings("\n").Split('\n'));

    private static ImmutableSortedDictionary<string, long> Members(params string[] names) =>
        names.ToImmutableSortedDictionary(n => n, _ => 1L, StringComparer.Ordinal);

    /// <summary>A cluster in which everything runs, and all effects of getting there taken.</summary>
    private ClusterState Running(string configuration = Web, params string[] members)
    {
        replica.OnSnapshot(ClusterState.Empty, now);
        replica.OnView(++index, new ViewEvent(1, members.Length > 0 ? Members(members) : Three, Quorum.Quorate, false), now);
        Commit(new ConfigurationRequest("first", "init", Configuration(configuration)));
        AnswerAll();
        Assert.All(replica.State.Groups.Values, g => Assert.Equal(GroupPhase.Started, g.Phase));
        return replica.State;
    }

    /// <summary>A running cluster in which the stop of script:web has been issued.</summary>
    private ResourceAction Restarting()
    {
        Running();
        Commit(new GroupRequest("restart", "admin", "web", GroupOperation.Restart));
        return Assert.Single(Effects().OfType<RunResource>()).Action;
    }

    private void AnswerAll()
    {
        while (Cluster.Plan(replica.State) is [var action, ..])
        {
            GroupState[] own = [.. replica.State.Groups.Values.Where(g => g.Owner == action.Node)];
            Commit(action is ProbeNodeAction
                ? new Probed(
                    action.Id, 1,
                    [.. own.SelectMany(g => g.Instance.Resources.Keys.Select(r => new FoundResource(g.Name, r, FoundAnswer.Runs)))])
                : new ActionCompleted(action.Id, true, ""));
        }

        Effects();
    }

    private void Commit(ClusterEvent e) => replica.OnCommitted(replica.State.Epoch, ++index, Envelope(e), now);

    private EventEnvelope Envelope(ClusterEvent e) => new() { Origin = "n2", Incarnation = 1, Time = replica.State.Time, Event = e };

    private void View(long epoch, Quorum quorum, bool continuous, params string[] members) =>
        replica.OnView(++index, new ViewEvent(epoch, Members(members), quorum, continuous), now);

    /// <summary>Takes the effects, and sees that no action is issued twice, to another node, or to another life.</summary>
    private ImmutableArray<Effect> Effects()
    {
        ImmutableArray<Effect> effects = replica.TakeEffects();
        foreach (ClusterAction action in effects.Select(Action).OfType<ClusterAction>())
        {
            Assert.Equal(("n1", 1), (action.Node, action.Id.Incarnation));
            Assert.True(issued.Add(action.Id), $"{action.Id} was issued twice.");
        }

        return effects;
    }

    private static ClusterAction? Action(Effect effect) => effect switch
    {
        RunResource e => e.Action,
        RunProbe e => e.Action,
        RunFence e => e.Action,
        _ => null,
    };
}
