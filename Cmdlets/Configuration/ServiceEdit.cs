using System.Linq;
using ClusterTools.Contract;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>A change to a service; what is null stays as it is, or as it is by default.</summary>
public sealed class ServiceSettings
{
    /// <summary>Failover domain; empty: none.</summary>
    public string? FailoverDomain { get; set; }

    /// <summary>Started when the cluster gains quorum.</summary>
    public bool? Autostart { get; set; }

    /// <summary>What is done when it fails.</summary>
    public RecoveryPolicy? Recovery { get; set; }

    /// <summary>Runs alone on its node.</summary>
    public bool? Exclusive { get; set; }

    /// <summary>Restarts allowed within <see cref="RestartExpireTime"/>.</summary>
    public int? MaxRestarts { get; set; }

    /// <summary>Seconds.</summary>
    public int? RestartExpireTime { get; set; }

    /// <summary>Failures without a quiet time between them after which it is given up for a while.</summary>
    public int? MaxFailures { get; set; }

    /// <summary>Seconds that it must run so that earlier failures count no more.</summary>
    public int? FailureQuietTime { get; set; }

    /// <summary>What it needs of other groups, of a service to add.</summary>
    public IReadOnlyList<ServiceDependency> Dependencies { get; set; } = [];
}

/// <summary>Edits of services (groups).</summary>
internal static class ServiceEdit
{
    private const string What = "service";

    public static void Add(JObject document, string name, ServiceSettings settings, IReadOnlyList<ResourceDefinition> resources)
    {
        var group = new JObject
        {
            ["name"] = name,
            ["domain"] = null,
            ["autostart"] = true,
            ["recovery"] = ConfigurationDocument.Word(RecoveryPolicy.Restart),
            ["maxRestarts"] = 0,
            ["restartExpireTime"] = 0,
            ["exclusive"] = false,
            ["dependencies"] = new JArray(),
            ["resources"] = new JArray(),
        };
        ConfigurationDocument.Add(document, ConfigurationDocument.Groups, What, name, group);
        Apply(document, group, settings);
        foreach (ServiceDependency dependency in settings.Dependencies)
        {
            GroupDependencyEdit.Add(document, name, dependency.Group, dependency.Require, dependency.Colocation);
        }

        foreach (ResourceDefinition resource in resources)
        {
            ResourceEdit.Add(document, name, resource, ResourcePlace.Last);
        }
    }

    public static void Set(JObject document, string name, ServiceSettings settings) => Apply(document, Group(document, name), settings);

    public static void Remove(JObject document, string name) => Group(document, name).Parent!.Remove();

    /// <summary>The group of a name.</summary>
    /// <exception cref="ClusterApiException">There is none.</exception>
    public static JObject Group(JObject document, string name) => ConfigurationDocument.Entry(document, ConfigurationDocument.Groups, What, name);

    /// <summary>All services as typed objects.</summary>
    public static ServiceConfiguration[] Read(JObject document) =>
        [.. ConfigurationDocument.Section(document, ConfigurationDocument.Groups).Properties().Select(p => ApiJson.Read<ServiceConfiguration>(p.Value.ToString()))];

    private static void Apply(JObject document, JObject group, ServiceSettings settings)
    {
        if (settings.FailoverDomain is { } domain)
        {
            // Its name as it is written, whatever the case it was typed in.
            group["domain"] = domain.Length == 0
                ? JValue.CreateNull()
                : (JToken)ConfigurationDocument.NameOf(ConfigurationDocument.Entry(document, ConfigurationDocument.Domains, "failover domain", domain));
        }

        ConfigurationDocument.Set(group, "autostart", settings.Autostart);
        ConfigurationDocument.Set(group, "recovery", settings.Recovery is { } recovery ? ConfigurationDocument.Word(recovery) : null);
        ConfigurationDocument.Set(group, "exclusive", settings.Exclusive);
        ConfigurationDocument.Set(group, "maxRestarts", settings.MaxRestarts);
        ConfigurationDocument.Set(group, "restartExpireTime", settings.RestartExpireTime);
        ConfigurationDocument.Set(group, "maxFailures", settings.MaxFailures);
        ConfigurationDocument.Set(group, "failureQuietTime", settings.FailureQuietTime);
    }
}
