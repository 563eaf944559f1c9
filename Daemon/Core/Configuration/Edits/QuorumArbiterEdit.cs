namespace ClusterTools.Core.Configuration;

/// <summary>An edit of the arbiter of a pair; what is null stays as it is, or as it is by default where there was none.</summary>
public sealed record QuorumArbiterEdit
{
    public string? Host { get; init; }

    public bool? Tls { get; init; }

    /// <exception cref="EditRefusedException">There is none, and none is named.</exception>
    internal QuorumArbiterConfiguration Edit(QuorumArbiterConfiguration? there)
    {
        QuorumArbiterConfiguration arbiter = there ?? new QuorumArbiterConfiguration
        {
            Host = Host ?? throw EditRefusedException.Invalid(
                "There is no arbiter whose settings could be changed.", "Give the machine on which corosync-qnetd runs."),
        };
        return arbiter with { Host = Host ?? arbiter.Host, Tls = Tls ?? arbiter.Tls };
    }
}
