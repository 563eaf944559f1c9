using System.Collections.Frozen;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>Parts of the classic file that are known and have no effect here: what the user loses by each.</summary>
internal static class ClassicOptions
{
    /// <summary>Elements under &lt;cluster&gt;.</summary>
    public static FrozenDictionary<string, string> Sections { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["quorumd"] = "one quorum disk is read",
        ["dlm"] = "the kernel's lock manager (DLM) is neither started nor fenced for by this cluster: "
            + "what needs it (GFS2, clustered LVM) does not run",
        ["gfs_controld"] = "the lock manager of GFS2 is neither started nor fenced for by this cluster: GFS2 does not run",
        ["group"] = "there is no group daemon here",
        ["groupd"] = "there is no group daemon here",
        ["logging"] = "logs go to the cluster's journal and the system's, with their own settings",
        ["clvmd"] = "clustered LVM is not run from here: volume groups that are marked as clustered are not activated",
        ["multicast"] = "addresses of the network are configured with the network",
        ["altmulticast"] = "addresses of the network are configured with the network",
        ["nodes_config"] = "it belongs to an older stack",
        ["uidgid"] = "who may speak to corosync is not configured from here",
        ["aisexec"] = "corosync is not configured from here",
        ["amf"] = "corosync is not configured from here",
        ["event"] = "corosync is not configured from here",
        ["quorum"] = "quorum is counted from the nodes' votes",
        ["fence_xvmd"] = "fencing of virtual machines on this cluster's behalf is not served from here",
        ["fence_virtd"] = "fencing of virtual machines on this cluster's behalf is not served from here",
        ["fence"] = "outside a clusternode it has no meaning",
        ["rrp"] = "redundant rings are configured with the network",
        ["ricci"] = "there is no ricci here",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Elements under &lt;clusternode&gt;.</summary>
    public static FrozenDictionary<string, string> NodeSections { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["altname"] = "the node has one link for the cluster; a second is configured with the network",
        ["multicast"] = "addresses of the network are configured with the network",
        ["altmulticast"] = "addresses of the network are configured with the network",
        ["com_info"] = "it belongs to an older stack",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Elements that other products put where services stand.</summary>
    public static FrozenDictionary<string, (string What, string Remedy)> Foreign { get; } = new Dictionary<string, (string, string)>(
        StringComparer.Ordinal)
    {
        ["pvevm"] = ("a guest of Proxmox VE, started and stopped by Proxmox VE's own programs (vmid is its number there)",
            "Leave it to Proxmox VE's own cluster, or define the guest in libvirt and write <vm name=\"…\" xmlfile=\"…\"/>."),
        ["pvect"] = (
            "a container of Proxmox VE, started and stopped by Proxmox VE's own programs", "Leave it to Proxmox VE's own cluster."),
        ["oradg"] = ("Oracle's Data Guard, which no packaged agent runs", "Use a script in a service."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Elements about the network, wherever they stand.</summary>
    public static string[] NetworkSections { get; } = ["multicast", "altmulticast", "interface"];

    private const string NoneNeeded = "Remove it, or look into docs/import.md for what takes its place.";

    private static readonly FrozenDictionary<string, string> Remedies = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["clvmd"] = "Take the mark off (vgchange -cn VG) where one node at a time uses the volume group.",
        ["dlm"] = "Use file systems and volume groups that one node at a time has.",
        ["gfs_controld"] = "Use file systems that one node at a time has, such as ext4 or xfs.",
        ["fence_daemon/clean_start"] = "See that every node can be fenced, or be ready to run Confirm-ClusterNodeDown.",
        ["fence_xvmd"] = "Fence the guests' nodes by fence_virsh, or by fence_virtd that runs by itself.",
        ["fence_virtd"] = "Let fence_virtd run by itself.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What to do about a part without effect.</summary>
    public static string Remedy(string part) => Remedies.GetValueOrDefault(part, NoneNeeded);

    /// <summary>The place in the model that a section is about.</summary>
    public static string PathOf(string section) => section switch
    {
        "clusternodes" => "nodes",
        "fencedevices" => "fenceDevices",
        "totem" or "fence_daemon" => "timing",
        _ => "",
    };

    private const string Ring = "how the nodes' ring works is configured with the network, or derived from the token time";

    private const string OnAService = "on a service itself it did nothing in the classic cluster either; only on a resource it does";

    private static readonly FrozenDictionary<string, string> Attributes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cluster/alias"] = "the cluster is called by its name alone",
        ["cman/cluster_id"] = "the cluster is told from others by its name and certificates",
        ["cman/nodename"] = "each node is told its name when it is set up",
        ["cman/port"] = "the port is configured with the network",
        ["cman/keyfile"] = "keys are made when the cluster is set up",
        ["cman/transport"] = "the transport is configured with the network",
        ["cman/broadcast"] = "the transport is configured with the network",
        ["cman/disallowed"] = "nodes that were apart rejoin after their restart alone",
        ["cman/quorum_timeout"] = "there is no quorum disk yet",
        ["cman/rdma"] = "the transport is configured with the network",
        ["cman/upgrading"] = "there is no mixed operation with the classic stack",
        ["cman/quorum_dev_poll"] = "there is no quorum disk yet",
        ["cman/shutdown_timeout"] = "the daemon's stop has its own limits",
        ["cman/hash_cluster_id"] = "the cluster is told from others by its name and certificates",
        ["cman/debug_mask"] = "logs have their own settings",
        ["cman/ccsd_poll"] = "there is no ccsd here",
        ["cman/disable_openais"] = "there is no openais here",
        ["fence_daemon/clean_start"] = "nodes that were never seen are fenced or confirmed down all the same, because skipping that "
            + "risks the data",
        ["fence_daemon/override_path"] = "an operator confirms a node down with Confirm-ClusterNodeDown",
        ["fence_daemon/override_time"] = "an operator confirms a node down with Confirm-ClusterNodeDown at any time",
        ["fence_daemon/skip_undefined"] = "a node without fence methods waits for an operator's word",
        ["clusternode/weight"] = "the lock manager's weights are not used",
        ["rm/log_level"] = "logs have their own settings",
        ["rm/log_facility"] = "logs have their own settings",
        ["rm/central_processing"] = "every node computes the same plan; there is no other way of processing",
        ["rm/event_monitoring"] = "there are no events of the classic manager",
        ["rm/status_poll_interval"] = "each resource has its own status interval",
        ["rm/status_child_max"] = "status checks are bounded by the daemon",
        ["rm/transition_throttling"] = "transitions are not slowed down",
        ["group/nfslock"] = "NFS locks are not reclaimed by lock daemons on failover; put an nfsserver resource into the group for that",
        ["group/nfs_client_cache"] = "the exports are looked up every time",
        ["group/priority"] = "groups start as soon as they may, in no order of priority",
        ["group/__max_restarts"] = OnAService,
        ["group/__restart_expire_time"] = OnAService,
        ["group/__max_failures"] = OnAService,
        ["group/__failure_expire_time"] = OnAService,
        ["group/__independent_subtree"] = OnAService,
        ["group/__enforce_timeouts"] = OnAService,
        ["resource/__max_restarts"] = "a failing independent subtree is restarted without a limit of its own; "
            + "the group's restart window holds",
        ["resource/__restart_expire_time"] = "a failing independent subtree is restarted without a limit of its own; "
            + "the group's restart window holds",
        ["resource/__max_failures"] = "failures of this resource are not counted apart from the group's",
        ["resource/__failure_expire_time"] = "failures of this resource are not counted apart from the group's",
        ["totem/token_retransmits_before_loss_const"] = Ring,
        ["totem/token_retransmit"] = Ring,
        ["totem/hold"] = Ring,
        ["totem/merge"] = Ring,
        ["totem/downcheck"] = Ring,
        ["totem/fail_recv_const"] = Ring,
        ["totem/fail_to_recv_const"] = Ring,
        ["totem/seqno_unchanged_const"] = Ring,
        ["totem/heartbeat_failures_allowed"] = Ring,
        ["totem/max_network_delay"] = Ring,
        ["totem/window_size"] = Ring,
        ["totem/max_messages"] = Ring,
        ["totem/miss_count_const"] = Ring,
        ["totem/netmtu"] = "the size of packets is configured with the network",
        ["totem/threads"] = "threads for encryption are not configured from here",
        ["totem/vsftype"] = "there is one way to decide which side has quorum: votes",
        ["totem/send_join"] = "it is derived from the token time",
        ["totem/rrp_problem_count_timeout"] = "redundant rings are configured with the network",
        ["totem/rrp_problem_count_threshold"] = "redundant rings are configured with the network",
        ["totem/rrp_token_expired_timeout"] = "redundant rings are configured with the network",
        ["totem/rrp_autorecovery_check_timeout"] = "redundant rings are configured with the network",
        ["totem/crypto_type"] = "traffic between nodes is always encrypted and authenticated",
        ["totem/crypto_accept"] = "traffic between nodes is always encrypted and authenticated",
        ["totem/transport"] = "the transport is configured with the network",
        ["totem/clear_node_high_bit"] = "node ids are those of the file",
        ["totem/nodeid"] = "node ids are those of the file",
        ["totem/consensus"] = "it is derived from the token time",
        ["totem/join"] = "it is derived from the token time",
        ["totem/secauth"] = "traffic between nodes is always authenticated",
        ["totem/keyfile"] = "keys are made when the cluster is set up",
        ["totem/rrp_mode"] = "redundant rings are configured with the network",
        ["totem/version"] = "there is one version",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string? Loss(string place, string attribute) => Attributes.GetValueOrDefault($"{place}/{attribute}");

    /// <summary>Fence agents that were dropped from fence-agents since.</summary>
    public static FrozenSet<string> GoneFenceAgents { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        "fence_gnbd", "fence_mcdata", "fence_vixel", "fence_xcat", "fence_egenera", "fence_rackswitch", "fence_baytech", "fence_bullpap",
        "fence_cpint",
        "fence_rps10", "fence_nss_wrapper", "fence_zvm", "fence_na");
}
