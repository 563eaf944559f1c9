namespace ClusterTools.Client;

/// <summary>A machine that may join: once, and soon.</summary>
public sealed class ClusterNodeInvitation
{
    /// <summary>The node that it will be.</summary>
    public string Node { get; set; } = "";

    /// <summary>Its IP addresses, one for each network.</summary>
    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>Votes that it gets once it takes part.</summary>
    public int Votes { get; set; }

    /// <summary>When the token is no longer good.</summary>
    public DateTimeOffset Expires { get; set; }

    /// <summary>The join token. Who has it can join in the machine's place.</summary>
    public string Token { get; set; } = "";

    /// <summary>What to run on the machine, as root.</summary>
    public string Command => $"clusterd join {Token}";

    /// <inheritdoc/>
    public override string ToString() => Node;
}
