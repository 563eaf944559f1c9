using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public class ResourceOrderTests
{
    /// <summary>Each resource is written name:start/stop.</summary>
    [Theory]
    [InlineData("", "", "")]
    [InlineData("a:0/0 b:0/0 c:0/0", "a b c", "c b a")]
    [InlineData("a:2/1 b:1/2", "b a", "a b")]
    [InlineData("a:0/0 b:1/9 c:0/0 d:9/1", "b d a c", "c a d b")]
    [InlineData("a:5/5 b:5/5 c:5/5", "a b c", "c b a")]
    [InlineData("a:3/0 b:0/3 c:1/1", "c a b", "a c b")]
    public void Children_start_and_stop_by_level_then_by_file_order(string children, string start, string stop)
    {
        var resources = children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child =>
        {
            var parts = child.Split(':', '/');
            return TestData.Resource("x", parts[0]) with { StartLevel = int.Parse(parts[1]), StopLevel = int.Parse(parts[2]) };
        }).ToImmutableArray();
        Assert.Equal(start, Names(ResourceOrder.Start(resources)));
        Assert.Equal(stop, Names(ResourceOrder.Stop(resources)));
    }

    [Fact]
    public void A_default_array_is_an_empty_one()
    {
        Assert.Empty(ResourceOrder.Start(default));
        Assert.Empty(ResourceOrder.Stop(default));
    }

    private static string Names(ImmutableArray<ResourceConfiguration> resources) => string.Join(' ', resources.Select(r => r.Id[2..]));
}
