using System.Linq;
using System.Net;
using ClusterTools.Contract;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>A resource to add, or what is to change of one; what is null stays as it is, or as it is by default.</summary>
public sealed class ResourceDefinition
{
    /// <summary><c>type:name</c>; when null it is made of <see cref="Type"/> and <see cref="Name"/>.</summary>
    public string? Id { get; set; }

    /// <summary>Such as ip, fs or script; when null it follows from the id or the agent.</summary>
    public string? Type { get; set; }

    /// <summary>Unique among those of its type in the group.</summary>
    public string? Name { get; set; }

    /// <summary>Such as <c>ocf:heartbeat:IPaddr2</c>.</summary>
    public string? Agent { get; set; }

    /// <summary>Parameters to set; a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; set; }

    /// <summary>Limit of a start.</summary>
    public TimeSpan? StartTimeout { get; set; }

    /// <summary>Limit of a stop.</summary>
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>Limit of a status check.</summary>
    public TimeSpan? MonitorTimeout { get; set; }

    /// <summary>Time between status checks; zero: none.</summary>
    public TimeSpan? MonitorInterval { get; set; }

    /// <summary>Deeper status checks, all of them.</summary>
    public IReadOnlyList<StatusCheck>? StatusChecks { get; set; }

    /// <summary>Status checks and stops that time out count as failures.</summary>
    public bool? EnforceTimeouts { get; set; }

    /// <summary>A failure restarts this resource and what stands below it alone.</summary>
    public bool? IndependentSubtree { get; set; }

    /// <summary>A failure leaves the group running without it.</summary>
    public bool? NonCritical { get; set; }

    /// <summary>Place among its siblings on start; 0: none.</summary>
    public int? StartLevel { get; set; }

    /// <summary>Place among its siblings on stop; 0: none.</summary>
    public int? StopLevel { get; set; }

    /// <summary>Retries of a failed start on the same node.</summary>
    public int? StartRetries { get; set; }

    /// <summary>Retries of a failed stop.</summary>
    public int? StopRetries { get; set; }

    /// <summary>Other nodes that are tried when its start fails for good on one; negative: every allowed node.</summary>
    public int? Failovers { get; set; }

    /// <summary>When the start has failed for good on the last node.</summary>
    public FinalAction? StartFinal { get; set; }

    /// <summary>When the stop has failed for good.</summary>
    public FinalAction? StopFinal { get; set; }

    /// <summary>Run before the final action; empty: none.</summary>
    public string? FinalScript { get; set; }

    /// <summary>Limit of the script before the final action.</summary>
    public TimeSpan? FinalScriptTimeout { get; set; }

    /// <summary>What stands below it, of a resource to add.</summary>
    public IReadOnlyList<ResourceDefinition> Children { get; set; } = [];

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

    /// <summary>The resource as the configuration has it, defaults filled in, without children.</summary>
    /// <param name="group">The group's name: the resource's, when it has none of its own.</param>
    /// <exception cref="ClusterApiException">It has no agent, or its id and type do not agree.</exception>
    internal JObject ToJson(string group)
    {
        (string id, string type) = Identify(group);
        if (Agent is not { Length: > 0 } agent)
        {
            throw EditErrors.Invalid(
                $"Resource '{id}' has no agent.",
                "Give what does its work, such as ocf:heartbeat:IPaddr2, lsb:/etc/init.d/web, systemd:nginx or exec:/path/to/program. Get-ClusterResourceType lists agents.");
        }

        var resource = new JObject
        {
            ["id"] = id,
            ["type"] = type,
            ["agent"] = agent,
            ["parameters"] = new JObject(),
            ["startTimeout"] = 60_000,
            ["stopTimeout"] = 60_000,
            ["monitorTimeout"] = 20_000,
            ["monitorInterval"] = 10_000,
            ["statusChecks"] = new JArray(),
            ["enforceTimeouts"] = true,
            ["independentSubtree"] = false,
            ["startLevel"] = 0,
            ["stopLevel"] = 0,
            ["nonCritical"] = false,
            ["limits"] = null,
            ["children"] = new JArray(),
        };
        Apply(resource);
        return resource;
    }

    /// <summary>Sets what is given; id, type and children are left alone.</summary>
    internal void Apply(JObject resource)
    {
        ConfigurationDocument.Set(resource, "agent", Agent);
        ConfigurationDocument.Merge(resource, "parameters", Parameters);
        ConfigurationDocument.Set(resource, "startTimeout", Milliseconds(StartTimeout, nameof(StartTimeout)));
        ConfigurationDocument.Set(resource, "stopTimeout", Milliseconds(StopTimeout, nameof(StopTimeout)));
        ConfigurationDocument.Set(resource, "monitorTimeout", Milliseconds(MonitorTimeout, nameof(MonitorTimeout)));
        ConfigurationDocument.Set(resource, "monitorInterval", Milliseconds(MonitorInterval, nameof(MonitorInterval)));
        ConfigurationDocument.Set(resource, "enforceTimeouts", EnforceTimeouts);
        ConfigurationDocument.Set(resource, "independentSubtree", IndependentSubtree);
        ConfigurationDocument.Set(resource, "nonCritical", NonCritical);
        ConfigurationDocument.Set(resource, "startLevel", StartLevel);
        ConfigurationDocument.Set(resource, "stopLevel", StopLevel);
        ConfigurationDocument.Set(
            resource, "statusChecks",
            StatusChecks is { } checks ? new JArray(checks.Select(c => new JObject
            {
                ["depth"] = c.Depth,
                ["interval"] = Milliseconds(c.Interval, "The interval of a status check"),
                ["timeout"] = Milliseconds(c.Timeout, "The timeout of a status check"),
            })) : null);
        ApplyLimits(resource);
    }

    /// <summary>A time as the configuration has it.</summary>
    /// <exception cref="ClusterApiException">It is out of range.</exception>
    internal static JToken? Milliseconds(TimeSpan? time, string what) => time switch
    {
        null => null,
        { } t when t < TimeSpan.Zero || t.TotalMilliseconds > int.MaxValue =>
            throw EditErrors.Invalid($"{what} {t} is out of range.", "Use seconds or a TimeSpan, up to 24 hours."),
        { } t => (JToken)(int)Math.Round(t.TotalMilliseconds),
    };

    private void ApplyLimits(JObject resource)
    {
        if (StartRetries is null && StopRetries is null && Failovers is null && StartFinal is null && StopFinal is null && FinalScript is null && FinalScriptTimeout is null)
        {
            return;
        }

        JObject limits = ConfigurationDocument.Section(resource, "limits");
        ConfigurationDocument.Set(limits, "startRetries", StartRetries);
        ConfigurationDocument.Set(limits, "stopRetries", StopRetries);
        ConfigurationDocument.Set(limits, "startFinal", StartFinal is { } start ? ConfigurationDocument.Word(start) : null);
        ConfigurationDocument.Set(limits, "stopFinal", StopFinal is { } stop ? ConfigurationDocument.Word(stop) : null);
        ConfigurationDocument.Set(limits, "finalScriptTimeout", Milliseconds(FinalScriptTimeout, nameof(FinalScriptTimeout)));
        if (Failovers is { } failovers)
        {
            limits["failovers"] = failovers < 0 ? JValue.CreateNull() : (JToken)failovers;
        }

        if (FinalScript is { } script)
        {
            limits["finalScript"] = script.Length == 0 ? JValue.CreateNull() : (JToken)script;
        }
    }

    private (string Id, string Type) Identify(string group)
    {
        string type = Type ?? (Id is { } given && given.IndexOf(':') is > 0 and var colon ? given.Substring(0, colon) : TypeOf(Agent));
        string id = Id ?? $"{type}:{Name ?? group}";
        return id.StartsWith(type + ":", StringComparison.Ordinal) && id.Length > type.Length + 1
            ? (id, type)
            : throw EditErrors.Invalid($"The resource id '{id}' does not begin with its type '{type}'.", $"Use an id of the form type:name, such as {type}:{Name ?? group}.");
    }

    /// <summary>What a resource of this agent is called when nothing is said.</summary>
    private static string TypeOf(string? agent)
    {
        string[] parts = (agent ?? "").Split([':'], 3);
        return parts[0] switch
        {
            "ocf" when parts.Length == 3 => parts[2],
            "lsb" => "script",
            "systemd" or "exec" or "powershell" => parts[0],
            _ => throw EditErrors.Invalid(
                agent is null ? "The resource has neither a type nor an agent." : $"The agent '{agent}' is of no known class.",
                "Give an agent such as ocf:heartbeat:IPaddr2, lsb:/etc/init.d/web, systemd:nginx or exec:/path/to/program."),
        };
    }

    // A path of the cluster's nodes, whatever this machine's separators are.
    private static string FileName(string path) => path.TrimEnd('/').Substring(path.TrimEnd('/').LastIndexOf('/') + 1);
}
