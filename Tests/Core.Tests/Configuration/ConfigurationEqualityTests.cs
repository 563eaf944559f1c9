using System.Collections.Immutable;
using System.Reflection;
using ClusterTools.Core.Configuration;
using Xunit;
using static ClusterTools.Core.Tests.Configuration.TestData;

namespace ClusterTools.Core.Tests.Configuration;

public class ConfigurationEqualityTests
{
    [Fact]
    public void The_same_content_is_the_same_in_other_objects()
    {
        Assert.NotEqual(Sound(), Sound());
        Assert.True(ConfigurationEquality.Same(Sound(), Sound()));
        Assert.True(ConfigurationEquality.Same(Sound().Groups["web"], Sound().Groups["web"]));
        Assert.True(ConfigurationEquality.Same(Sound().Groups["web"].Resources[1], Sound().Groups["web"].Resources[1]));
        Assert.True(ConfigurationEquality.Same((GroupConfiguration?)null, null));
        Assert.False(ConfigurationEquality.Same(Sound(), null));
    }

    /// <summary>Every member of every record counts; one that is added to the model and forgotten here fails this test.</summary>
    [Fact]
    public void A_change_of_any_member_makes_a_difference()
    {
        var disk = new QuorumDiskConfiguration { Device = "/dev/quorum", Votes = 1, MinimumScore = 1 };
        var arbiter = new QuorumArbiterConfiguration { Host = "a" };
        var sound = Sound() with { ExpectedVotes = 3, QuorumDisk = disk, QuorumArbiter = arbiter, LastManStandingWindow = 5000 };
        Each(sound, ConfigurationEquality.Same);
        Each(disk, ConfigurationEquality.Same);
        Each(sound.Nodes["a"] with { Addresses = ["192.0.2.1"], ShutdownPolicy = ShutdownPolicy.Move }, ConfigurationEquality.Same);
        Each(sound.Nodes["a"].FenceMethods[0], ConfigurationEquality.Same);
        Each(sound.Nodes["a"].FenceMethods[0].Steps[0], ConfigurationEquality.Same);
        Each(sound.FenceDevices["pdu"], ConfigurationEquality.Same);
        Each(sound.FailoverDomains["front"], ConfigurationEquality.Same);
        Each(sound.Groups["web"], ConfigurationEquality.Same);
        Each(sound.Groups["web"].Dependencies[0], (a, b) => ConfigurationEquality.Same(
            sound.Groups["web"] with { Dependencies = [a!] }, sound.Groups["web"] with { Dependencies = [b!] }));
        Each(sound.EventScripts["place"], ConfigurationEquality.Same);
        Each(sound.Groups["web"].Resources[1] with { Parameters = By(("x", "y")) }, ConfigurationEquality.Same);
    }

    private static void Each<T>(T value, Func<T?, T?, bool> same)
        where T : class
    {
        var clone = typeof(T).GetMethod("<Clone>$")!;
        foreach (var property in typeof(T).GetProperties().Where(p => p.SetMethod is not null))
        {
            var changed = (T)clone.Invoke(value, null)!;
            Assert.True(same(value, changed));
            property.SetValue(changed, Other(property, property.GetValue(value)));
            Assert.False(same(value, changed), $"{typeof(T).Name}.{property.Name} makes no difference.");
        }
    }

    private static object? Other(PropertyInfo property, object? value) => value switch
    {
        string text => text + "x",
        bool flag => !flag,
        int number => number + 1,
        long number => number + 1,
        Enum word => Enum.ToObject(word.GetType(), Convert.ToInt32(word) + 1),
        QuorumDiskConfiguration disk => disk with { Tko = disk.Tko + 1 },
        QuorumArbiterConfiguration arbiter => arbiter with { Tls = !arbiter.Tls },
        ImmutableArray<QuorumHeuristic> heuristics => heuristics.Add(new QuorumHeuristic { Program = "true" }),
        ClusterTiming timing => timing with { Token = timing.Token + 1 },
        null => throw new InvalidOperationException($"{property.Name} is null in the sample; give it a value."),
        ImmutableArray<ResourceConfiguration> resources => resources.Add(Resource("script", "more")),
        ImmutableArray<GroupDependency> => ImmutableArray<GroupDependency>.Empty,
        ImmutableArray<StatusCheck> => ImmutableArray<StatusCheck>.Empty,
        ImmutableArray<string> => ImmutableArray<string>.Empty,
        ActivationLimits limits => limits with { Failovers = 7 },
        ImmutableArray<FenceMethod> => ImmutableArray<FenceMethod>.Empty,
        ImmutableArray<FenceStep> => ImmutableArray<FenceStep>.Empty,
        _ => property.PropertyType.GetMethod("Clear", [])!.Invoke(value, null),
    };

    [Fact]
    public void What_stands_below_can_be_left_out_of_the_comparison()
    {
        var group = Sound().Groups["web"];
        var other = group with { Resources = [] };
        Assert.True(ConfigurationEquality.SameExceptResources(group, other));
        Assert.False(ConfigurationEquality.Same(group, other));
        var resource = group.Resources[1];
        Assert.True(ConfigurationEquality.SameExceptChildren(resource, resource with { Children = [] }));
        Assert.False(ConfigurationEquality.SameExceptChildren(resource, resource with { Parameters = By(("a", "b")) }));
        Assert.False(ConfigurationEquality.Same(resource, resource with { Children = [] }));
    }

    [Fact]
    public void A_change_deep_in_a_tree_is_found()
    {
        var group = Sound().Groups["web"];
        var changed =
            group with { Resources =
                [group.Resources[0], group.Resources[1] with { Children = [group.Resources[1].Children[0] with { StopTimeout = 1 }] }] };
        Assert.False(ConfigurationEquality.Same(group, changed));
    }
}
