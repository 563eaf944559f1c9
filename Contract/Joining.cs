namespace ClusterTools.Contract;

/// <summary>Body of <c>POST /v1/nodes/{node}/invite</c>: a machine that may join, once and soon.</summary>
public sealed class NodeInvitationRequest
{
    /// <summary>Its IP addresses, one for each network that links the machines; the API is reached by the first.</summary>
    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>Votes that it gets once it takes part.</summary>
    public int Votes { get; set; } = 1;

    /// <summary>Seconds that the invitation is good for, 60 to 86,400; null: 15 minutes.</summary>
    public int? ValidSeconds { get; set; }

    /// <summary>SHA-256 fingerprint of the certificate in the join token.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>
    /// The node's certificate and its key, PEM. The key is encrypted: what opens it is in the token alone.
    /// </summary>
    public string Certificate { get; set; } = "";
}

/// <summary>An invitation that was taken: the machine may join.</summary>
public sealed class NodeInvitation
{
    public string Node { get; set; } = "";

    /// <summary>The member that keeps it, which the machine asks.</summary>
    public string Server { get; set; } = "";

    /// <summary>When it is over.</summary>
    public DateTimeOffset Expires { get; set; }
}

/// <summary>Answer to <c>POST /v1/join</c>: all that the machine needs.</summary>
public sealed class JoinPacket
{
    public string Cluster { get; set; } = "";

    public string Node { get; set; } = "";

    /// <summary>As it was sent with the invitation.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>Address that its API listens on.</summary>
    public string Listen { get; set; } = "";

    /// <summary>What the cluster acts by; a daemon that does not know it can't take part.</summary>
    public int FunctionalLevel { get; set; }

    /// <summary>Token time in milliseconds, as in node.json of the member.</summary>
    public int Token { get; set; }

    /// <summary>Content of corosync.conf.</summary>
    public string CorosyncConfiguration { get; set; } = "";

    /// <summary>Corosync's key, Base64.</summary>
    public string CorosyncKey { get; set; } = "";
}

/// <summary>How far a machine has come.</summary>
public enum JoinPhase
{
    /// <summary>It has not asked yet.</summary>
    Invited,

    /// <summary>The cluster waits for its daemon.</summary>
    Awaited,

    /// <summary>It takes part, and gets its votes.</summary>
    Online,

    /// <summary>It takes part, with its votes.</summary>
    Joined,

    /// <summary>Something is in the way; the message says what.</summary>
    Failed,
}

/// <summary>Answer to <c>GET /v1/join</c>.</summary>
public sealed class JoinProgress
{
    public JoinPhase Phase { get; set; }

    public string Message { get; set; } = "";
}
