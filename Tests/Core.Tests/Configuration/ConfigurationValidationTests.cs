using ClusterTools.Core.Configuration;
using Xunit;
using static ClusterTools.Core.Tests.Configuration.TestData;

namespace ClusterTools.Core.Tests.Configuration;

public class ConfigurationValidationTests
{
    [Fact]
    public void A_sound_configuration_has_no_problem() => Assert.Empty(ConfigurationValidation.Validate(Sound()));

    [Fact]
    public void Names_that_a_prompt_takes_for_patterns_are_warned_of()
    {
        ClusterConfiguration sound = Sound();
        string group = sound.Groups.Keys.First();
        ClusterConfiguration odd =
            sound with { Groups = sound.Groups.Add("app[1]", sound.Groups[group] with { Name = "app[1]", Dependencies = [] }) };

        ConfigurationProblem problem =
            Assert.Single(ConfigurationValidation.Validate(odd), p => p.Message.Contains("wildcard", StringComparison.Ordinal));
        Assert.Equal((ProblemSeverity.Warning, "groups/app[1]"), (problem.Severity, problem.Path));
    }

    [Theory]
    [InlineData("ocf:heartbeat:IPaddr2", "ip", "2001:db8::1", "2001:DB8:0::1/64", true)]
    [InlineData("ocf:heartbeat:IPaddr2", "ip", "10.0.0.1", "10.0.0.2", false)]
    [InlineData("ocf:heartbeat:Filesystem", "device", "/dev/vg/data", "/dev/vg//data", true)]
    [InlineData("ocf:heartbeat:Dummy", "ip", "10.0.0.1", "10.0.0.1", false)]
    public void What_two_groups_have_and_only_one_may_use_is_warned_of(
        string agent, string parameter, string one, string other, bool warned)
    {
        ClusterConfiguration both =
            Sound() with { Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add("g1", Group("g1", one))
                .Add("g2", Group("g2", other)) };
        ConfigurationProblem[] problems =
            [.. ConfigurationValidation.Validate(both).Where(p => p.Path.Contains("/parameters/", StringComparison.Ordinal))];
        Assert.Equal(warned ? [$"groups/g2/resources/r:x/parameters/{parameter}"] : [], problems.Select(p => p.Path));
        Assert.All(problems, p => Assert.Equal(ProblemSeverity.Warning, p.Severity));

        // Where they never run apart nothing is in the way.
        GroupConfiguration follower =
            both.Groups["g2"] with { Dependencies = [new GroupDependency { Group = "g1", Colocation = Colocation.Same }] };
        Assert.DoesNotContain(
            ConfigurationValidation.Validate(both with { Groups = both.Groups.SetItem("g2", follower) }), p =>
            p.Path.Contains("/parameters/", StringComparison.Ordinal));

        GroupConfiguration Group(string name, string value) => Sound().Groups.Values.First() with
        {
            Name = name,
            Dependencies = [],
            Resources =
            [
                Resource(
                    "r", "x",
                    agent) with { Parameters = ClusterConfiguration.Sorted<string>().Add(parameter, value).Add("fstype", "xfs") }],
        };
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", null)]
    [InlineData("fd00::1", "fd00::2", null)]
    [InlineData("10.0.0.1 10.1.0.1", "10.0.0.2 10.1.0.2", null)]
    [InlineData("10.0.0.1", "10.0.0.1", "the same address")]
    [InlineData("fd00::1", "fd00:0::1", "the same address")]
    [InlineData("10.0.0.1", "", "has 0 addresses and others have 1")]
    [InlineData("10.0.0.1 10.1.0.1", "10.0.0.2", "has 1 addresses and others have 2")]
    [InlineData("10.0.0.1", "n2.example", "is not an IP address")]
    [InlineData("10.0.0.1", "0.0.0.0", "is not an IP address")]
    [InlineData("10.0.0.1 10.0.1.1 10.0.2.1 10.0.3.1 10.0.4.1 10.0.5.1 10.0.6.1 10.0.7.1 10.0.8.1", "10.0.0.2", "has 9 addresses")]
    public void Nodes_have_one_address_of_their_own_in_each_network(string one, string other, string? complaint)
    {
        var configuration = new ClusterConfiguration
        {
            Name = "shop",
            Nodes = ClusterConfiguration.Sorted<NodeConfiguration>().Add("n1", Node("n1", 1, one)).Add("n2", Node("n2", 2, other)),
        };
        string[] wrong =
        [
            .. ConfigurationValidation.Validate(configuration)
                .Where(p => p.Path.Contains("/addresses", StringComparison.Ordinal)).Select(p => p.Message),
        ];
        if (complaint is null)
        {
            Assert.Empty(wrong);
        }
        else
        {
            Assert.Contains(wrong, message => message.Contains(complaint, StringComparison.Ordinal));
        }

        static NodeConfiguration Node(string name, int id, string addresses) =>
            new() { Name = name, Id = id, Addresses = [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries)] };
    }

    private static FenceMethod Method(params FenceStep[] steps) => new() { Name = "m", Steps = [.. steps] };

    private static ResourceConfiguration Script => Resource("script", "x", "lsb:/x");

    /// <summary>The change that makes the sound configuration unsound, and where the error must point.</summary>
    public static TheoryData<string, Func<ClusterConfiguration, ClusterConfiguration>, string> Errors => new()
    {
        { "empty name", c => c with { Name = "" }, "name" },
        { "long name", c => c with { Name = new string('x', 65) }, "name" },
        { "name with a slash", c => c with { Name = "a/b" }, "name" },
        { "name that is a folder", c => c with { Name = ".." }, "name" },
        { "version 0", c => c with { Version = 0 }, "version" },
        { "token too short", c => c with { Timing = c.Timing with { Token = 199 } }, "timing/token" },
        { "token too long", c => c with { Timing = c.Timing with { Token = 60_001 } }, "timing/token" },
        { "negative fail delay", c => c with { Timing = c.Timing with { PostFailDelay = -1 } }, "timing/postFailDelay" },
        { "join delay too long", c => c with { Timing = c.Timing with { PostJoinDelay = 600_001 } }, "timing/postJoinDelay" },
        { "deadline too short", c => c with { Timing = c.Timing with { QuorumLossDeadline = 999 } }, "timing/quorumLossDeadline" },
        { "retry too long", c => c with { Timing = c.Timing with { RetryDelay = 86_400_001 } }, "timing/retryDelay" },
        { "flap limit too high", c => c with { Timing = c.Timing with { FlapLimit = 101 } }, "timing/flapLimit" },
        { "flap window too short", c => c with { Timing = c.Timing with { FlapWindow = 999 } }, "timing/flapWindow" },
        { "flap release too long", c => c with { Timing = c.Timing with { FlapRelease = 86_400_001 } }, "timing/flapRelease" },
        { "keep limit too short", c => c with { Timing = c.Timing with { KeepLimit = 999 } }, "timing/keepLimit" },
        { "shutdown wait too long", c => c with { Timing = c.Timing with { ShutdownWait = 3_600_001 } }, "timing/shutdownWait" },
        { "negative weight", c => c.WithNode("a", n => n with { Weight = -1 }), "nodes/a/weight" },
        { "fence delay too long", c => c.WithNode("a", n => n with { FenceDelay = 600_001 }), "nodes/a/fenceDelay" },
        {
            "fence delay longer than at most", c => c.WithNode("a", n => n with { FenceDelay = 3000, FenceDelayMax = 2999 }),
            "nodes/a/fenceDelayMax"
        },
        { "fence timeout 0", c => c with { Timing = c.Timing with { FenceTimeout = 0 } }, "timing/fenceTimeout" },
        { "maintenance limit 0", c => c with { Timing = c.Timing with { MaintenanceLimit = 0 } }, "timing/maintenanceLimit" },
        { "no nodes", c => c with { Nodes = ClusterConfiguration.Sorted<NodeConfiguration>() }, "nodes" },
        { "node under another name", c => c.WithNode("a", n => n with { Name = "z" }), "nodes/a" },
        { "node name with a space", c => c with { Nodes = c.Nodes.Add("d d", c.Nodes["a"] with { Name = "d d", Id = 9 }) }, "nodes/d d" },
        { "node id 0", c => c.WithNode("a", n => n with { Id = 0 }), "nodes/a/id" },
        { "node id twice", c => c.WithNode("b", n => n with { Id = 1 }), "nodes/b/id" },
        { "votes 256", c => c.WithNode("a", n => n with { Votes = 256 }), "nodes/a/votes" },
        { "votes -1", c => c.WithNode("a", n => n with { Votes = -1 }), "nodes/a/votes" },
        { "no votes",
            c =>
            c with { Nodes = By(("a", c.Nodes["a"] with { Votes = 0 })), FailoverDomains = c.FailoverDomains.Clear(),
                Groups = c.Groups.Clear() }, "nodes" },
        { "expected 0", c => c with { ExpectedVotes = 0 }, "expectedVotes" },
        { "expected too many", c => c with { ExpectedVotes = 6 }, "expectedVotes" },
        { "expected too few", c => c with { ExpectedVotes = 1 }, "expectedVotes" },
        { "two_node of three", c => c with { TwoNode = true }, "twoNode" },
        { "two_node with two votes each", c => Two(c).WithNode("a", n => n with { Votes = 2 }), "twoNode" },
        { "two_node with expected 3", c => Two(c) with { ExpectedVotes = 3 }, "expectedVotes" },
        { "method without name", c => c.WithNode("a", n => n with { FenceMethods = [n.FenceMethods[0] with { Name = "" }] }),
            "nodes/a/fenceMethods/" },
        { "method twice", c => c.WithNode("a", n => n with { FenceMethods = [n.FenceMethods[0], n.FenceMethods[0]] }),
            "nodes/a/fenceMethods/power" },
        { "method without steps", c => c.WithNode("a", n => n with { FenceMethods = [Method()] }), "nodes/a/fenceMethods/m" },
        { "device unknown", c => c.WithNode("a", n => n with { FenceMethods = [Method(new FenceStep { Device = "nix" })] }),
            "nodes/a/fenceMethods/m/steps/1/device" },
        { "only on",
            c =>
            c.WithNode("a", n => n with { FenceMethods = [Method(new FenceStep { Device = "pdu", Action = FenceAction.On })] }),
            "nodes/a/fenceMethods/m" },
        {
            "on between the offs",
            c => c.WithNode("a", n => n with
            {
                FenceMethods = [Method(
                    new FenceStep { Device = "pdu", Action = FenceAction.Off },
                    new FenceStep { Device = "pdu", Action = FenceAction.On },
                    new FenceStep { Device = "pdu", Action = FenceAction.Off })],
            }),
            "nodes/a/fenceMethods/m/steps/3"
        },
        { "action unknown",
            c =>
            c.WithNode("a", n => n with { FenceMethods = [Method(new FenceStep { Device = "pdu", Action = (FenceAction)9 })] }),
            "nodes/a/fenceMethods/m/steps/1/action" },
        { "device without agent", c => c with { FenceDevices = By(("pdu", new FenceDevice { Name = "pdu", Agent = "" })) },
            "fenceDevices/pdu/agent" },
        { "device agent with arguments",
            c =>
            c with { FenceDevices = By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x -o off" })) }, "fenceDevices/pdu/agent" },
        { "parameter name with =",
            c =>
            c with { FenceDevices = By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x", Parameters = By(("a=b", "c")) })) },
            "fenceDevices/pdu/parameters/a=b" },
        { "parameter with a line end",
            c =>
            c with { FenceDevices =
                By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x", Parameters = By(("a", "b\naction=on")) })) },
                    "fenceDevices/pdu/parameters/a" },
        { "parameter too long",
            c =>
            c with { FenceDevices =
                By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x", Parameters = By(("a", new string('x', 40_000))) })) },
                    "fenceDevices/pdu/parameters/a" },
        { "placeholder of a secret", c => SecretParameters.Redact(c), "fenceDevices/pdu/parameters/passwd" },
        { "domain restricted and empty", c => Domain(c, d => d with { Members = d.Members.Clear() }), "failoverDomains/front" },
        { "domain member unknown", c => Domain(c, d => d with { Members = d.Members.Add("z", 3) }), "failoverDomains/front/members/z" },
        { "priority 101", c => Domain(c, d => d with { Members = d.Members.SetItem("a", 101) }), "failoverDomains/front/members/a" },
        { "priority -1", c => Domain(c, d => d with { Members = d.Members.SetItem("a", -1) }), "failoverDomains/front/members/a" },
        { "domain unknown", c => c.WithGroup("web", g => g with { Domain = "nix" }), "groups/web/domain" },
        { "recovery unknown", c => c.WithGroup("web", g => g with { Recovery = (RecoveryPolicy)9 }), "groups/web/recovery" },
        { "restarts without window", c => c.WithGroup("web", g => g with { RestartExpireTime = 0 }), "groups/web/maxRestarts" },
        { "window without restarts", c => c.WithGroup("web", g => g with { MaxRestarts = 0 }), "groups/web/restartExpireTime" },
        { "negative restarts", c => c.WithGroup("web", g => g with { MaxRestarts = -1 }), "groups/web/maxRestarts" },
        { "group name with a slash", c => c with { Groups = By(("a/b", c.Groups["web"] with { Name = "a/b" })) }, "groups/a/b" },
        { "group name with spaces at its ends", c => c with { Groups = By((" a", c.Groups["web"] with { Name = " a" })) }, "groups/ a" },
        { "group name with a control character", c => c with { Groups = By(("a\tb", c.Groups["web"] with { Name = "a\tb" })) },
            "groups/a\tb" },
        { "resource twice",
            c =>
            c.WithGroup("web", g => g with { Resources = [Script, Resource("fs", "d") with { Children = [Script] }] }),
            "groups/web/resources/script:x" },
        { "resource id of another type", c => c.WithGroup("web", g => g with { Resources = [Script with { Type = "ip" }] }),
            "groups/web/resources/script:x" },
        { "agent of no class", c => c.WithGroup("web", g => g with { Resources = [Script with { Agent = "web" }] }),
            "groups/web/resources/script:x/agent" },
        { "agent ocf without provider", c => c.WithGroup("web", g => g with { Resources = [Script with { Agent = "ocf:IPaddr2" }] }),
            "groups/web/resources/script:x/agent" },
        { "agent ocf with a path", c => c.WithGroup("web", g => g with { Resources = [Script with { Agent = "ocf:../..:sh" }] }),
            "groups/web/resources/script:x/agent" },
        { "agent exec with a relative path", c => c.WithGroup("web", g => g with { Resources = [Script with { Agent = "exec:bin/x" }] }),
            "groups/web/resources/script:x/agent" },
        { "agent lsb that climbs",
            c =>
            c.WithGroup("web", g => g with { Resources = [Script with { Agent = "lsb:/etc/init.d/../../x" }] }),
            "groups/web/resources/script:x/agent" },
        {
            "lock of a disk that is renewed later than it ends",
            c => Lock(c, r => r with { Parameters = By(("lock_timeout", "10")) }), "groups/web/resources/sfex:disk/parameters/lock_timeout"
        },
        { "start timeout 0", c => c.WithGroup("web", g => g with { Resources = [Script with { StartTimeout = 0 }] }),
            "groups/web/resources/script:x/startTimeout" },
        { "stop timeout of years", c => c.WithGroup("web", g => g with { Resources = [Script with { StopTimeout = int.MaxValue }] }),
            "groups/web/resources/script:x/stopTimeout" },
        { "negative monitor interval", c => c.WithGroup("web", g => g with { Resources = [Script with { MonitorInterval = -1 }] }),
            "groups/web/resources/script:x/monitorInterval" },
        { "negative level", c => c.WithGroup("web", g => g with { Resources = [Script with { StopLevel = -1 }] }),
            "groups/web/resources/script:x/stopLevel" },
        { "tree too deep", c => c.WithGroup("web", g => g with { Resources = [Deep(65)] }), "groups/web/resources/script:63" },
        { "too many resources",
            c =>
            c.WithGroup("web", g => g with { Resources = [.. Enumerable.Range(0, 1001).Select(i => Resource("script", $"{i}"))] }),
            "groups/web/resources" },
        { "too many nodes",
            c =>
            c with { Nodes =
                By(Enumerable.Range(1, 1025).Select(i => ($"n{i}", c.Nodes["a"] with { Name = $"n{i}", Id = i })).ToArray()) }, "nodes" },
        { "dependency on an unknown group", c => Needs(c, "nix"), "groups/web/dependencies/nix" },
        { "dependency on itself", c => Needs(c, "web"), "groups/web/dependencies/web" },
        { "dependency twice", c => c.WithGroup("web", g => g with { Dependencies = [g.Dependencies[0], g.Dependencies[0]] }),
            "groups/web/dependencies/db" },
        { "dependency of no kind",
            c =>
            c.WithGroup("web", g => g with { Dependencies = [g.Dependencies[0] with { Require = (DependencyMode)9 }] }),
            "groups/web/dependencies/db" },
        { "dependencies in a circle",
            c =>
            c.WithGroup("db", g => g with { Dependencies = [new GroupDependency { Group = "web", Require = DependencyMode.Soft }] }),
            "groups/db/dependencies" },
        { "together and never together",
            c =>
            c.WithGroup("db", g => g with { Dependencies = [new GroupDependency { Group = "web", Colocation = Colocation.Never }] }),
            "groups/db/dependencies/web" },
        { "together with an exclusive group", c => c.WithGroup("db", g => g with { Exclusive = true }), "groups/web/dependencies/db" },
        {
            "together without a common node",
            c =>
            (
                c with { FailoverDomains =
                    c.FailoverDomains.Add("back", new FailoverDomain { Name = "back", Restricted = true, Members = By(("c", 1)) }) })
                        .WithGroup("db", g => g with { Domain = "back" }),
            "groups/web/dependencies/db"
        },
        { "status check of depth 0", c => Limited(c, r => r with { StatusChecks = [new StatusCheck { Depth = 0, Interval = 1 }] }),
            "groups/web/resources/script:x/statusChecks/1/depth" },
        { "status check without an interval",
            c =>
            Limited(c, r => r with { StatusChecks = [new StatusCheck { Depth = 1, Interval = 0 }] }),
            "groups/web/resources/script:x/statusChecks/1/interval" },
        { "status check twice",
            c =>
            Limited(
                c, r =>
                r with { StatusChecks = [new StatusCheck { Depth = 1, Interval = 1 }, new StatusCheck { Depth = 1, Interval = 2 }] }),
                    "groups/web/resources/script:x/statusChecks/2/depth" },
        { "start retries 100", c => Limited(c, r => r with { Limits = new ActivationLimits { StartRetries = 100 } }),
            "groups/web/resources/script:x/limits/startRetries" },
        { "stop retries -1", c => Limited(c, r => r with { Limits = new ActivationLimits { StopRetries = -1 } }),
            "groups/web/resources/script:x/limits/stopRetries" },
        { "failovers -1", c => Limited(c, r => r with { Limits = new ActivationLimits { Failovers = -1 } }),
            "groups/web/resources/script:x/limits/failovers" },
        { "final action unknown", c => Limited(c, r => r with { Limits = new ActivationLimits { StartFinal = (FinalAction)99 } }),
            "groups/web/resources/script:x/limits/startFinal" },
        { "daemon ended with a resource active",
            c =>
            Limited(c, r => r with { Limits = new ActivationLimits { StopFinal = FinalAction.StopDaemon } }),
            "groups/web/resources/script:x/limits/stopFinal" },
        { "final script that is an agent",
            c =>
            Limited(
                c, r => r with { Limits = new ActivationLimits { StartFinal = FinalAction.Hold, FinalScript = "ocf:heartbeat:Dummy" } }),
                    "groups/web/resources/script:x/limits/finalScript" },
        { "final script with a relative path",
            c =>
            Limited(c, r => r with { Limits = new ActivationLimits { StartFinal = FinalAction.Hold, FinalScript = "exec:x" } }),
            "groups/web/resources/script:x/limits/finalScript" },
        { "event script under another name", c => Scripted(c, s => s with { Name = "z" }), "eventScripts/place" },
        { "event script that is an agent", c => Scripted(c, s => s with { Command = "lsb:web" }), "eventScripts/place/command" },
        { "event script with a relative path", c => Scripted(c, s => s with { Command = "exec:x" }), "eventScripts/place/command" },
        { "event script with an hour", c => Scripted(c, s => s with { Timeout = 3_600_000 }), "eventScripts/place/timeout" },
        { "event of no kind", c => Scripted(c, s => s with { Events = ["node lost"] }), "eventScripts/place/events" },
        { "event with a star inside", c => Scripted(c, s => s with { Events = ["node.*.x"] }), "eventScripts/place/events" },
        { "two scripts that place",
            c =>
            c with { EventScripts = c.EventScripts.Add("too", c.EventScripts["place"] with { Name = "too" }) },
            "eventScripts/too/placement" },
        { "fingerprint in lower case",
            c =>
            c with { Access = By((new string('a', 64), new AccessGrant { Name = "x", Role = AccessRole.Viewer })) },
            $"access/{new string('a', 64)}" },
        { "grant without name",
            c =>
            c with { Access = By((new string('A', 64), new AccessGrant { Name = "", Role = AccessRole.Viewer })) },
            $"access/{new string('A', 64)}" },
    };

    private static ClusterConfiguration Needs(ClusterConfiguration c, string group) =>
        c.WithGroup("web", g => g with { Dependencies = [new GroupDependency { Group = group, Require = DependencyMode.Hard }] });

    private static ClusterConfiguration Limited(ClusterConfiguration c, Func<ResourceConfiguration, ResourceConfiguration> change) =>
        c.WithGroup("web", g => g with { Resources = [change(Script)] });

    private static ClusterConfiguration Scripted(ClusterConfiguration c, Func<EventScript, EventScript> change) =>
        c with { EventScripts = c.EventScripts.SetItem("place", change(c.EventScripts["place"])) };

    private static ClusterConfiguration Two(ClusterConfiguration c) => c with { TwoNode = true, Nodes = c.Nodes.Remove("c") };

    private static ClusterConfiguration Domain(ClusterConfiguration c, Func<FailoverDomain, FailoverDomain> change) =>
        c with { FailoverDomains = c.FailoverDomains.SetItem("front", change(c.FailoverDomains["front"])) };

    private static ResourceConfiguration Deep(int levels)
    {
        var resource = Resource("script", $"{levels - 1}");
        for (var i = levels - 2; i >= 0; i--)
        {
            resource = Resource("script", $"{i}") with { Children = [resource] };
        }
        return resource;
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Errors))]
    public void Each_is_an_error_at_its_place_with_a_remedy(
        string what, Func<ClusterConfiguration, ClusterConfiguration> change, string place)
    {
        var problems = ConfigurationValidation.Validate(change(Sound()));
        Assert.All(problems, p => Assert.NotEmpty(p.Remedy));
        Assert.True(
            problems.Any(p => p.Severity == ProblemSeverity.Error && p.Path == place),
            $"{what}: expected an error at {place}, but got:\n{string.Join('\n', problems)}");
    }

    [Fact]
    public void A_tree_of_64_levels_is_allowed() =>
        Assert.Empty(ConfigurationValidation.Validate(Sound().WithGroup("web", g => g with { Resources = [Deep(64)] })));

    [Fact]
    public void A_tree_a_hundred_thousand_levels_deep_ends_nothing() =>
        Assert.NotEmpty(ConfigurationValidation.Validate(Sound().WithGroup("web", g => g with { Resources = [Deep(100_000)] })));

    public static TheoryData<string, Func<ClusterConfiguration, ClusterConfiguration>, string, string> Warnings => new()
    {
        { "node without fence methods", c => c.WithNode("a", n => n with { FenceMethods = [] }), "nodes/a/fenceMethods",
            "operator confirms" },
        { "group without resources", c => c.WithGroup("web", g => g with { Resources = [] }), "groups/web", "no resources" },
        { "unrestricted domain without members", c => Domain(c, d => d with { Restricted = false, Members = d.Members.Clear() }),
            "failoverDomains/front", "no members" },
        { "ordered member without priority", c => Domain(c, d => d with { Members = d.Members.SetItem("b", 0) }),
            "failoverDomains/front/members/b", "no priority" },
        { "restart window of a group that is never restarted", c => c.WithGroup("web", g => g with { Recovery = RecoveryPolicy.Relocate }),
            "groups/web/maxRestarts", "no effect" },
        { "weight of a node where votes decide", c => c.WithNode("a", n => n with { Weight = 1 }), "nodes/a/weight", "twoNode is not set" },
        { "weight of a group where votes decide", c => c.WithGroup("web", g => g with { Weight = 1 }), "groups/web/weight",
            "twoNode is not set" },
        { "more votes expected than there are", c => c with { ExpectedVotes = 4 }, "expectedVotes", "quorum is 3" },
        { "lock of a disk with the usual start timeout", c => Lock(c, r => r), "groups/web/resources/sfex:disk/startTimeout",
            "100 s (lock_timeout) and 1 s (collision_timeout), but is ended after 60 s" },
        {
            "lock of a disk with a start timeout just too short", c =>
                Lock(c, r => r with { StartTimeout = 39_999, Parameters = By(("lock_timeout", "27"), ("collision_timeout", "3")) }),
            "groups/web/resources/sfex:disk/startTimeout", "39.999 s"
        },
        { "lock of a disk that is killed before it is given back",
            c =>
            Lock(c, r => r with { StartTimeout = 111_000, StopTimeout = 9999 }), "groups/web/resources/sfex:disk/stopTimeout",
            "waits 100 s" },
        { "SCSI reservation that is never made", c => Lock(c, r => r with { Agent = "ocf:heartbeat:sg_persist" }),
            "groups/web/resources/sfex:disk/agent", "promoted" },
        { "reservation by multipath that is never made", c => Lock(c, r => r with { Agent = "ocf:heartbeat:mpathpersist" }),
            "groups/web/resources/sfex:disk/agent", "promoted" },
    };

    private static ClusterConfiguration Lock(
        ClusterConfiguration configuration, Func<ResourceConfiguration, ResourceConfiguration> change) =>
        configuration.WithGroup("web", g => g with { Resources = [change(Resource("sfex", "disk", "ocf:heartbeat:sfex"))] });

    [Fact]
    public void A_lock_of_a_disk_whose_start_may_take_as_long_as_its_lease_is_sound()
    {
        Assert.Empty(ConfigurationValidation.Validate(Lock(Sound(), r => r with { StartTimeout = 111_000 })));
        Assert.Empty(
            ConfigurationValidation.Validate(
                Lock(Sound(), r => r with { StartTimeout = 40_000, Parameters = By(("lock_timeout", "27"), ("collision_timeout", "3")) })));
        // What is no number is the agent's to refuse.
        Assert.Empty(ConfigurationValidation.Validate(Lock(Sound(), r => r with { Parameters = By(("lock_timeout", "soon")) })));
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Warnings))]
    public void Each_is_a_warning_and_not_an_error(
        string what, Func<ClusterConfiguration, ClusterConfiguration> change, string place, string word)
    {
        var problem = Assert.Single(ConfigurationValidation.Validate(change(Sound())));
        Assert.True(problem.Severity == ProblemSeverity.Warning && problem.Path == place, $"{what}: {problem}");
        Assert.Contains(word, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Remedy);
    }

    /// <summary>Every expected count that is accepted gives a quorum that is reachable and that two sides cannot both have.</summary>
    [Fact]
    public void No_accepted_count_of_votes_allows_two_majorities_or_none()
    {
        for (var nodes = 1; nodes <= 9; nodes++)
        {
            for (var expected = -1; expected <= 20; expected++)
            {
                var configuration = Sound() with
                {
                    ExpectedVotes = expected,
                    FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>(),
                    Groups = ClusterConfiguration.Sorted<GroupConfiguration>(),
                    Nodes =
                    By(Enumerable.Range(1, nodes).Select(i => ($"n{i}", new NodeConfiguration { Name = $"n{i}", Id = i })).ToArray()),
                };
                var refused = ConfigurationValidation.Validate(configuration)
                    .Any(p => p.Path == "expectedVotes" && p.Severity == ProblemSeverity.Error);
                var quorum = (expected / 2) + 1;
                Assert.Equal(expected < 1 || quorum > nodes || 2 * quorum <= nodes, refused);
            }
        }
    }

    [Fact]
    public void Default_arrays_from_code_are_as_good_as_empty_ones()
    {
        var configuration = Sound().WithGroup("web", g => g with { Resources = default })
            .WithNode("a", n => n with { FenceMethods = default });
        Assert.DoesNotContain(ConfigurationValidation.Validate(configuration), p => p.Severity == ProblemSeverity.Error);
    }
}
