using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>One change of the configuration: exactly one subject is given. What no edit names stays as it is.</summary>
public sealed record ConfigurationEdit
{
    /// <summary>Edits that are made together.</summary>
    public const int Most = 1000;

    public EditAction Action { get; init; }

    public NodeEdit? Node { get; init; }

    public GroupEdit? Group { get; init; }

    public ResourceEdit? Resource { get; init; }

    public DependencyEdit? Dependency { get; init; }

    public FailoverDomainEdit? FailoverDomain { get; init; }

    public FenceDeviceEdit? FenceDevice { get; init; }

    public EventScriptEdit? EventScript { get; init; }

    public AccessEdit? Access { get; init; }

    public QuorumEdit? Quorum { get; init; }

    public TimingEdit? Timing { get; init; }

    /// <summary>The configuration with all edits made in turn; to be validated. Secrets that come back as they are shown stay.</summary>
    /// <exception cref="EditRefusedException">One of them can't be made; nothing is.</exception>
    public static ClusterConfiguration Apply(ClusterConfiguration configuration, ImmutableArray<ConfigurationEdit> edits)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (edits.Length is 0 or > Most)
        {
            throw EditRefusedException.Invalid($"{edits.Length} edits are asked for.", $"Send 1 to {Most} together.");
        }

        ClusterConfiguration next = edits.Aggregate(configuration, static (now, edit) => edit.Subject().Edit(now, edit.Action));
        return SecretParameters.Restore(next, configuration);
    }

    private IConfigurationEdit Subject()
    {
        IConfigurationEdit?[] all =
            [Node, Group, Resource, Dependency, FailoverDomain, FenceDevice, EventScript, Access, Quorum, Timing];
        return all.OfType<IConfigurationEdit>().ToArray() is [var only]
            ? only
            : throw EditRefusedException.Invalid(
                "An edit has no subject, or several.",
                "Give one of node, group, resource, dependency, failoverDomain, fenceDevice, eventScript, access, quorum and timing "
                    + "in each.");
    }
}
