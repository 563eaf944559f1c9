using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Fencing of one node under way: methods in order, each device of a method, after the last method the first again.</summary>
public sealed record FenceState
{
    /// <summary>The node to be cut off.</summary>
    public required string Target { get; init; }

    /// <summary>Its life that was lost.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Why it is fenced.</summary>
    public required Cause Why { get; init; }

    /// <summary>Who asked; null when the cluster decided.</summary>
    public string? Who { get; init; }

    /// <summary>Request id when an operator asked.</summary>
    public string? Operation { get; init; }

    /// <summary>Asked for by an operator or a final action: as long as the node is not lost, one round is tried, not more.</summary>
    public bool OneRound { get; init; }

    /// <summary>Whether the node is switched on again after it was proven off.</summary>
    public bool ThenOn { get; init; } = true;

    /// <summary>Only switch on: no proof of anything.</summary>
    public bool OnlyOn { get; init; }

    /// <summary>Cluster time of the decision.</summary>
    public required long Since { get; init; }

    /// <summary>Decided by a view, which carries no time: the first event after it tells when that was.</summary>
    public bool Undated { get; init; }

    /// <summary>Index into the node's methods.</summary>
    public int Method { get; init; }

    /// <summary>Index into the method's calls in the present half.</summary>
    public int Step { get; init; }

    /// <summary>A device that really cuts off has been switched off in this try of the method.</summary>
    public bool CutOff { get; init; }

    /// <summary>The node is proven off; what follows is switching it on.</summary>
    public bool Proven { get; init; }

    /// <summary>What is asked of devices now is to switch on.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool SwitchesOn => Proven || OnlyOn;

    /// <summary>Methods tried so far, also picks the next executor.</summary>
    public int Attempt { get; init; }

    /// <summary>Rounds through all methods that failed.</summary>
    public int Rounds { get; init; }

    /// <summary>Not before this cluster time.</summary>
    public long? NotBefore { get; init; }

    /// <summary>The call under way.</summary>
    public FenceCall? Pending { get; init; }

    /// <summary>Who carried out the last call.</summary>
    public string? Executor { get; init; }

    /// <summary>What the last failed call said.</summary>
    public string LastError { get; init; } = "";
}
