using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A resource to add, or what is to change of one; what is null stays, or is as it is by default. Times in milliseconds.</summary>
public sealed record ResourceDefinition
{
    /// <summary><c>type:name</c>; when null it is made of <see cref="Type"/> and <see cref="Name"/>.</summary>
    public string? Id { get; init; }

    /// <summary>Such as ip, fs or script; when null it follows from the id or the agent.</summary>
    public string? Type { get; init; }

    /// <summary>Unique among those of its type in the group; when null the group's.</summary>
    public string? Name { get; init; }

    public string? Agent { get; init; }

    /// <summary>Parameters to set; a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; init; }

    public long? StartTimeout { get; init; }

    public long? StopTimeout { get; init; }

    public long? MonitorTimeout { get; init; }

    public long? MonitorInterval { get; init; }

    /// <summary>All of them.</summary>
    public ImmutableArray<StatusCheck>? StatusChecks { get; init; }

    public bool? EnforceTimeouts { get; init; }

    public bool? IndependentSubtree { get; init; }

    public bool? NonCritical { get; init; }

    public int? StartLevel { get; init; }

    public int? StopLevel { get; init; }

    public int? StartRetries { get; init; }

    public int? StopRetries { get; init; }

    /// <summary>Negative: every allowed node.</summary>
    public int? Failovers { get; init; }

    public FinalAction? StartFinal { get; init; }

    public FinalAction? StopFinal { get; init; }

    /// <summary>Empty: none.</summary>
    public string? FinalScript { get; init; }

    public long? FinalScriptTimeout { get; init; }

    /// <summary>What stands below one that is added.</summary>
    public ImmutableArray<ResourceDefinition> Children { get; init; } = [];

    /// <summary>The resource by itself, without what stands below it.</summary>
    /// <exception cref="EditRefusedException">It has no agent, or its id and type do not agree.</exception>
    internal ResourceConfiguration New(string group)
    {
        string type = Type
            ?? (Id is { } given && given.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? given[..colon] : TypeOf(Agent));
        string id = Id ?? $"{type}:{Name ?? group}";
        if (!id.StartsWith(type + ":", StringComparison.Ordinal) || id.Length == type.Length + 1)
        {
            throw EditRefusedException.Invalid(
                $"The resource id '{id}' does not begin with its type '{type}'.",
                $"Use an id of the form type:name, such as {type}:{Name ?? group}.");
        }

        return Set(new ResourceConfiguration
        {
            Id = id,
            Type = type,
            Agent = Agent is { Length: > 0 } agent ? agent : throw EditRefusedException.Invalid(
                $"Resource '{id}' has no agent.",
                "Give what does its work, such as ocf:heartbeat:IPaddr2, lsb:/etc/init.d/web, systemd:nginx or exec:/path/to/program. "
                + "Get-ClusterResourceType lists agents."),
        });
    }

    /// <summary>A resource with what is given; id, type and what stands below it are left alone.</summary>
    internal ResourceConfiguration Set(ResourceConfiguration resource) => resource with
    {
        Agent = Agent ?? resource.Agent,
        Parameters = Edits.Merge(resource.Parameters, Parameters),
        StartTimeout = Edits.Time(StartTimeout, resource.StartTimeout, nameof(StartTimeout)),
        StopTimeout = Edits.Time(StopTimeout, resource.StopTimeout, nameof(StopTimeout)),
        MonitorTimeout = Edits.Time(MonitorTimeout, resource.MonitorTimeout, nameof(MonitorTimeout)),
        MonitorInterval = Edits.Time(MonitorInterval, resource.MonitorInterval, nameof(MonitorInterval)),
        StatusChecks = StatusChecks ?? resource.StatusChecks,
        EnforceTimeouts = EnforceTimeouts ?? resource.EnforceTimeouts,
        IndependentSubtree = IndependentSubtree ?? resource.IndependentSubtree,
        NonCritical = NonCritical ?? resource.NonCritical,
        StartLevel = StartLevel ?? resource.StartLevel,
        StopLevel = StopLevel ?? resource.StopLevel,
        Limits = Limits(resource.Limits),
    };

    private ActivationLimits? Limits(ActivationLimits? there)
    {
        if (StartRetries is null && StopRetries is null && Failovers is null
            && StartFinal is null && StopFinal is null && FinalScript is null && FinalScriptTimeout is null)
        {
            return there;
        }

        there ??= ActivationLimits.None;
        return there with
        {
            StartRetries = StartRetries ?? there.StartRetries,
            StopRetries = StopRetries ?? there.StopRetries,
            Failovers = Failovers switch { null => there.Failovers, < 0 => null, _ => Failovers },
            StartFinal = StartFinal ?? there.StartFinal,
            StopFinal = StopFinal ?? there.StopFinal,
            FinalScript = FinalScript switch { null => there.FinalScript, "" => null, _ => FinalScript },
            FinalScriptTimeout = Edits.Time(FinalScriptTimeout, there.FinalScriptTimeout, nameof(FinalScriptTimeout)),
        };
    }

    /// <summary>What a resource of this agent is called when nothing is said.</summary>
    private static string TypeOf(string? agent)
    {
        string[] parts = (agent ?? "").Split(':', 3);
        return parts[0] switch
        {
            "ocf" when parts.Length == 3 => parts[2],
            "lsb" => "script",
            "systemd" or "exec" or "powershell" => parts[0],
            _ => throw EditRefusedException.Invalid(
                agent is null ? "The resource has neither a type nor an agent." : $"The agent '{agent}' is of no known class.",
                "Give an agent such as ocf:heartbeat:IPaddr2, lsb:/etc/init.d/web, systemd:nginx or exec:/path/to/program."),
        };
    }
}
