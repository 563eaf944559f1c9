using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class ConfigurationSizeTests
{
    [Fact]
    public void What_validation_lets_through_fits_into_the_log_with_the_longest_request_around_it()
    {
        // Reason, name and id at their limits, in letters that take the most.
        var configuration = new ClusterConfiguration
        {
            Name = "shop", Version = 1,
            Nodes = ClusterConfiguration.Sorted<NodeConfiguration>().Add("n1", new NodeConfiguration { Name = "n1", Id = 1 }),
        };
        string longest = new('\u00e9', 1000);
        int around = JsonSerializer.SerializeToUtf8Bytes(
            new EventEnvelope
            {
                Origin = longest, Incarnation = long.MaxValue, Time = long.MaxValue, WallTime = long.MaxValue,
                Event = new ConfigurationRequest(longest, longest, configuration, longest),
            },
            CoreJson.Options).Length;
        Assert.True(ConfigurationLimits.EncodedBytes + around <= EngineLimits.MaxPayload);
    }
}
