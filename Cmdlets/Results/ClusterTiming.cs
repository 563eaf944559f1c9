using System.Linq;
using System.Reflection;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>The times that a cluster goes by.</summary>
public sealed class ClusterTiming
{
    private const string Section = "timing";

    /// <summary>After how much silence a node is lost. Daemons go by their <c>node.json</c>.</summary>
    public TimeSpan? Token { get; set; }

    /// <summary>How much longer the second of two nodes waits before it fences the other.</summary>
    public TimeSpan? TwoNodeDelay { get; set; }

    /// <summary>How long a lost node is waited for before it is fenced.</summary>
    public TimeSpan? PostFailDelay { get; set; }

    /// <summary>How long nodes that were never seen are waited for when the cluster forms.</summary>
    public TimeSpan? PostJoinDelay { get; set; }

    /// <summary>By when a node that lost quorum must have stopped its work, or it resets itself.</summary>
    public TimeSpan? QuorumLossDeadline { get; set; }

    /// <summary>How long a group that failed on every node waits before it is tried again.</summary>
    public TimeSpan? RetryDelay { get; set; }

    /// <summary>How long a fence attempt may take before it counts as failed.</summary>
    public TimeSpan? FenceTimeout { get; set; }

    /// <summary>How long a node in planned maintenance may be away before it counts as lost.</summary>
    public TimeSpan? MaintenanceLimit { get; set; }

    /// <summary>One for each time.</summary>
    internal static IReadOnlyList<PropertyInfo> Members { get; } = [.. typeof(ClusterTiming).GetProperties().Where(p => p.PropertyType == typeof(TimeSpan?))];

    /// <summary>Those of a configuration.</summary>
    internal static ClusterTiming Of(JObject document) => ApiJson.Read<ClusterTiming>(ConfigurationDocument.Section(document, Section).ToString());

    /// <summary>Sets what is given.</summary>
    /// <exception cref="ClusterApiException">A time is out of range.</exception>
    internal void Apply(JObject document)
    {
        JObject timing = ConfigurationDocument.Section(document, Section);
        foreach (PropertyInfo member in Members)
        {
            ConfigurationDocument.Set(timing, char.ToLowerInvariant(member.Name[0]) + member.Name.Substring(1), ResourceDefinition.Milliseconds((TimeSpan?)member.GetValue(this), member.Name));
        }
    }
}
