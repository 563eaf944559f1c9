using ClusterTools.Engines.Local;

namespace ClusterTools.Engines.Tests;

/// <summary>The rules of membership without clocks and files.</summary>
public sealed class ViewDecisionTests
{
    private const int Token = 1000;
    private const long Now = 1_000_000;
    private static readonly VoteTable Three = TestNode.Votes("a", "b", "c");
    private static readonly VoteTable Two = TestNode.Votes("a", "b");

    [Fact]
    public void A_peer_is_lost_when_its_token_is_up_and_not_before()
    {
        StoredState state = State(Three, ViewQuorum.Quorate, ["a", "b", "c"]);
        ViewDecision before = ViewDecision.Decide(Facts(state, "a", ("a", 0), ("b", 0), ("c", Token)));
        Assert.False(before.Changes);
        Assert.Equal(Now + 1, before.Due);
        ViewDecision after = ViewDecision.Decide(Facts(state, "a", ("a", 0), ("b", 0), ("c", Token + 1)));
        Assert.True(after.Changes);
        Assert.Equal("c", Assert.Single(after.Lost).Node);
        Assert.Equal(ViewQuorum.Quorate, after.Quorum);
    }

    [Fact]
    public void A_node_that_was_itself_away_does_not_judge_yet()
    {
        StoredState state = State(Three, ViewQuorum.Quorate, ["a", "b", "c"]);
        Assert.False(ViewDecision.Decide(Facts(state, "a", ("a", 0)) with { MayJudge = false }).Changes);
        Assert.True(ViewDecision.Decide(Facts(state, "a", ("a", 0))).Changes);
    }

    [Fact]
    public void One_of_three_is_not_quorate_and_one_of_two_is_contested()
    {
        Assert.Equal(
            ViewQuorum.NotQuorate, ViewDecision.Decide(Facts(State(Three, ViewQuorum.Quorate, ["a", "b", "c"]), "a", ("a", 0))).Quorum);
        Assert.Equal(ViewQuorum.Contested, ViewDecision.Decide(Facts(State(Two, ViewQuorum.Quorate, ["a", "b"]), "a", ("a", 0))).Quorum);
    }

    [Fact]
    public void A_majority_waits_a_quarter_of_the_token_for_the_rest_and_no_longer()
    {
        StoredState early = State(Three, ViewQuorum.NotQuorate, ["a"], joiners: ["b"]);
        ViewDecision waits = ViewDecision.Decide(Facts(early, "a", ("a", 0), ("b", 0)));
        Assert.False(waits.Changes);
        Assert.Equal(Now + Token / 4, waits.Due);
        ViewDecision forms = ViewDecision.Decide(Facts(early, "a", ("a", 0), ("b", 0)) with
        {
            Now = waits.Due,
        });
        Assert.Equal((true, ViewQuorum.Quorate), (forms.Changes, forms.Quorum));
    }

    [Fact]
    public void All_nodes_together_do_not_wait()
    {
        StoredState state = State(Three, ViewQuorum.NotQuorate, ["a"], joiners: ["b", "c"]);
        ViewDecision forms = ViewDecision.Decide(Facts(state, "a", ("a", 0), ("b", 0), ("c", 0)));
        Assert.Equal((true, ViewQuorum.Quorate, 3), (forms.Changes, forms.Quorum, forms.Members.Count));
    }

    [Fact]
    public void A_joiner_leaves_admission_to_members_while_there_are_any()
    {
        StoredState state = State(Three, ViewQuorum.Quorate, ["a", "b"], joiners: ["c"]);
        Assert.False(ViewDecision.Decide(Facts(state, "c", ("a", 0), ("b", 0), ("c", 0))).Changes);
        Assert.True(ViewDecision.Decide(Facts(state, "a", ("a", 0), ("b", 0), ("c", 0))).Changes);
    }

    [Fact]
    public void A_member_that_lags_behind_admits_nobody()
    {
        StoredState state = State(Three, ViewQuorum.Quorate, ["a", "b"], joiners: ["c"]);
        ViewDecision decision = ViewDecision.Decide(Facts(state, "a", ("a", 0), ("b", 0), ("c", 0)) with { Current = false });
        Assert.Equal((false, true), (decision.Changes, decision.AwaitsConsumer));
    }

    [Fact]
    public void A_barred_joiner_is_not_admitted()
    {
        StoredState state = State(Three, ViewQuorum.Quorate, ["a", "b"], joiners: ["c"]);
        ViewDecision decision =
            ViewDecision.Decide(Facts(state, "a", ("a", 0), ("b", 0), ("c", 0)) with { Barred = new HashSet<string> { "c" } });
        Assert.False(decision.Changes);
    }

    [Fact]
    public void A_joiner_is_admitted_after_its_fencing_only_when_it_is_heard_again()
    {
        StoredState state = State(Three, ViewQuorum.Quorate, ["a", "b"], joiners: ["c"]);
        ViewDecision.Facts facts = Facts(state, "a", ("a", 0), ("b", 0), ("c", 50));
        Assert.False(ViewDecision.Decide(facts with { Lifted = new Dictionary<string, long> { ["c"] = Now - 20 } }).Changes);
        Assert.True(ViewDecision.Decide(facts with { Lifted = new Dictionary<string, long> { ["c"] = Now - 60 } }).Changes);
    }

    [Fact]
    public void A_superseded_node_counts_on_neither_side()
    {
        StoredState alone = State(Three, ViewQuorum.Quorate, ["a"], superseded: ["b", "c"]);
        Assert.True(alone.KeepsQuorum(Three, ["a"]));
        StoredState two = State(Three, ViewQuorum.Quorate, ["a", "b"], superseded: ["c"]);
        Assert.True(two.KeepsQuorum(Three, ["a", "b"]));
        Assert.False(two.KeepsQuorum(Three, ["a"]));
        Assert.False(alone.Forms(["b", "c"]));
        Assert.True(alone.Forms(["a", "b"]));
    }

    [Fact]
    public void A_heartbeat_of_an_earlier_boot_is_silence()
    {
        HeartbeatRecord record = Record(0) with { Process = ProcessIdentity.Own with { Boot = ProcessIdentity.Own.Boot + 1 } };
        Assert.False(record.IsFresh(Now, Token));
        Assert.Equal(0, record.Heard);
    }

    [Fact]
    public void A_process_is_not_taken_for_one_with_its_number()
    {
        Assert.True(ProcessIdentity.Own.IsAlive);
        Assert.False((ProcessIdentity.Own with { Started = ProcessIdentity.Own.Started + 1 }).IsAlive);
        Assert.False(ProcessIdentity.Own.Kill());
    }

    private static StoredState State(
        VoteTable votes, ViewQuorum quorum, string[] members, string[]? joiners = null, string[]? superseded = null) => new()
    {
        Log = "log",
        Generation = 1,
        Head = 10,
        Epoch = 1,
        Quorum = quorum,
        Interrupted = false,
        Votes = votes,
        Members = [.. members.Select(node => new Seat(node, 1, Now - 10_000))],
        Joiners = [.. (joiners ?? []).Select(node => new Seat(node, 1, Now))],
        Superseded = (superseded ?? []).ToHashSet(),
    };

    private static ViewDecision.Facts Facts(StoredState state, string self, params (string Node, long Age)[] heard) => new(
        state,
        new Member(self, 1),
        heard.ToDictionary(one => new Member(one.Node, 1), one => Record(one.Age)),
        new HashSet<string>(),
        new Dictionary<string, long>(),
        Current: true,
        MayJudge: true,
        Now,
        Token);

    private static HeartbeatRecord Record(long age) => new(1, ProcessIdentity.Own, Now - age, 1, 0, 10, Ready: true);
}
