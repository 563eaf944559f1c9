namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>What is said of one link (totem.interface in corosync.conf(5)); null is corosync's own value.</summary>
public sealed record CorosyncLink
{
    /// <summary>The link's number, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>Of the links that work, the one with the highest priority is used; from 0 to 255, corosync's own is 1.</summary>
    public int? Priority { get; init; }

    /// <summary>Milliseconds between two pings. Null: see <see cref="CorosyncTiming.Pings"/>.</summary>
    public int? PingInterval { get; init; }

    /// <summary>Milliseconds without a ping after which the link is down. Null: likewise.</summary>
    public int? PingTimeout { get; init; }

    /// <summary>The UDP port (mcastport). Corosync's own is 5405 and the link's number.</summary>
    public int? Port { get; init; }
}
