using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>Guests that the daemon runs by itself, and that move while they run.</summary>
internal sealed partial class RandomConfiguration
{
    private ResourceConfiguration MovingGuest()
    {
        ResourceConfiguration resource = Resource();
        return resource with
        {
            Id = $"vm:{resource.Id[2..]}", Type = "vm", Agent = GuestSettings.Agent, Parameters = Moves(), IndependentSubtree = false,
        };
    }

    private ImmutableSortedDictionary<string, string> Moves() =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("migrate", random.Below(10) switch { < 7 => "live", 7 => "pause", _ => "no" })
            .Add("migration_limit", $"{random.Between(3, 40)}");

    /// <summary>It stays one that the daemon runs by itself.</summary>
    private ResourceConfiguration Edited(ResourceConfiguration guest) => random.Below(3) switch
    {
        0 => guest with { StartTimeout = random.Between(2000, 8000) },
        1 => guest with { MonitorInterval = random.Chance(100) ? 0 : random.Between(2000, 15_000) },
        _ => guest with { Parameters = Moves() },
    };
}
