namespace ClusterTools.Engines.Corosync;

/// <summary>Who has said hello, with what.</summary>
internal sealed record Voice(Peer Peer, Hello Hello)
{
    public string Node => Hello.Self.Node;
}
