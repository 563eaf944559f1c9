using System.Net;

namespace ClusterTools.Client;

/// <summary>Resources as people have them at hand: a path, a unit, an address, or one that is configured elsewhere.</summary>
internal static class ResourceForms
{
    /// <summary>An init script, by its path.</summary>
    public static ResourceDefinition OfScript(string path) => new() { Id = $"script:{FileName(path)}", Agent = $"lsb:{path}" };

    /// <summary>A unit of systemd.</summary>
    public static ResourceDefinition OfUnit(string unit) => new() { Id = $"systemd:{unit}", Agent = $"systemd:{unit}" };

    /// <summary>An IP address, with or without the length of its prefix.</summary>
    /// <exception cref="ClusterApiException">It is none.</exception>
    public static ResourceDefinition OfAddress(string address)
    {
        string[] parts = address.Split('/');
        if (parts.Length > 2 || !IPAddress.TryParse(parts[0], out _) || (parts.Length == 2 && !byte.TryParse(parts[1], out _)))
        {
            throw EditErrors.Invalid($"'{address}' is no IP address.", "Give an address such as 192.0.2.100 or 192.0.2.100/24.");
        }

        var parameters = new Dictionary<string, string?> { ["ip"] = parts[0] };
        if (parts.Length == 2)
        {
            parameters["cidr_netmask"] = parts[1];
        }

        return new ResourceDefinition { Id = $"ip:{address}", Agent = "ocf:heartbeat:IPaddr2", Parameters = parameters };
    }

    /// <summary>As one that is configured, to have it a second time.</summary>
    public static ResourceDefinition Of(ResourceConfiguration resource) => new()
    {
        Id = resource.Id,
        Type = resource.Type,
        Agent = resource.Agent,
        Parameters = resource.Parameters.ToDictionary(p => p.Key, p => (string?)p.Value),
        StartTimeout = resource.StartTimeout,
        StopTimeout = resource.StopTimeout,
        MonitorTimeout = resource.MonitorTimeout,
        MonitorInterval = resource.MonitorInterval,
        StatusChecks = resource.StatusChecks,
        EnforceTimeouts = resource.EnforceTimeouts,
        IndependentSubtree = resource.IndependentSubtree,
        NonCritical = resource.NonCritical,
        StartLevel = resource.StartLevel,
        StopLevel = resource.StopLevel,
        StartRetries = resource.Limits?.StartRetries,
        StopRetries = resource.Limits?.StopRetries,
        Failovers = resource.Limits?.Failovers,
        StartFinal = resource.Limits?.StartFinal,
        StopFinal = resource.Limits?.StopFinal,
        FinalScript = resource.Limits?.FinalScript,
        FinalScriptTimeout = resource.Limits?.FinalScriptTimeout,
        Children = [.. resource.Children.Select(Of)],
    };

    // A path of the cluster's nodes, whatever this machine's separators are.
    private static string FileName(string path) => path.TrimEnd('/').Substring(path.TrimEnd('/').LastIndexOf('/') + 1);
}
