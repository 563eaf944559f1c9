using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <content>File systems and volumes.</content>
internal sealed partial record ClassicType
{
    private static (string, int, int)[] FileSystemChildren => [("fs", 1, 3), ("clusterfs", 1, 3), ("nfsexport", 3, 1)];

    private static (string, string)[] FileSystemLosses =>
    [
        ("nfslock", NfsLockLoss),
        ("nfsrestart", "the NFS server is not restarted when the file system is busy"),
        ("quick_status", "status checks are those of the Filesystem agent"),
    ];

    private static ClassicType[] Storage =>
    [
        Disk("fs", null) with { Once = true },
        Disk("clusterfs", "gfs2") with { IsShared = true },
        new("netfs", "ocf:heartbeat:Filesystem")
        {
            Required = ["mountpoint", "host", "export"],
            Unique = ["mountpoint"],
            Renamed = [("mountpoint", "directory"), ("fstype", "fstype"), ("options", "options")],
            Fixed = [("fstype", "nfs")],
            Needless = ["use_findmnt"],
            Lost = [.. FileSystemLosses, ("no_unmount", "the file system is unmounted when the group stops")],
            StartTimeout = 900_000,
            StopTimeout = 30_000,
            Forbidden = ["nfsclient", "nfsexport"],
            CanSelfFence = true,
            Compose = ComposeNetworkFileSystem,
        },
        new("bind-mount", "ocf:heartbeat:Filesystem")
        {
            Required = ["mountpoint", "source"],
            Unique = ["mountpoint"],
            Renamed = [("source", "device"), ("mountpoint", "directory")],
            Fixed = [("fstype", "none"), ("options", "bind")],
            Levels = [("nfsclient", 0, 0)],
            Forbidden = ["nfsexport"],
            CanSelfFence = true,
            StartTimeout = 60_000,
            StopTimeout = 60_000,
            Compose = ComposeMount,
        },
        new("lvm", "ocf:heartbeat:LVM-activate")
        {
            Once = true,
            Required = ["vg_name"],
            Inherited = [NfsLockOfService],
            Renamed = [("vg_name", "vgname"), ("lv_name", "lvname")],
            Fixed = [("vg_access_mode", "tagging")],
            Lost =
            [
                ("nfslock", NfsLockLoss),
            ],
            CanSelfFence = true,
            StartTimeout = 30_000,
            StopTimeout = 30_000,
            Compose = r => r.Warn(
                "is activated by a tag of its volume group (vg_access_mode=tagging). "
                    + "The classic agent looked whether the group is marked as clustered (clvmd); "
                        + "the file does not say, and one that is marked is not activated here.",
                "Have activation/volume_list in lvm.conf on every node, as tags always needed it; "
                    + "take the mark off a clustered group (vgchange -cn VG), or set vg_access_mode to system_id after the import."),
        },
        Unsupported("drbd", "Promotable resources are not there yet; use a script that promotes and demotes."),
        Unsupported("lvm_by_lv", "Use lvm with vg_name and lv_name."),
        Unsupported("lvm_by_vg", "Use lvm with vg_name."),
    ];

    private static ClassicType Disk(string name, string? usual) => new(name, "ocf:heartbeat:Filesystem")
    {
        Required = ["mountpoint", "device"],
        Unique = ["mountpoint", "device"],
        Inherited = [NfsLockOfService],
        Renamed = [("mountpoint", "directory"), ("options", "options")],
        Needless = ["fsid", "use_findmnt"],
        Lost = FileSystemLosses,
        StartTimeout = 900_000,
        StopTimeout = 30_000,
        Levels = FileSystemChildren,
        CanSelfFence = true,
        Compose = r => ComposeDisk(r, r.Value("fstype") ?? usual),
    };

    private static void ComposeMount(ClassicResource r)
    {
        // The agent's own default ends whoever uses the file system; the classic one asked nobody to go who was not to be asked.
        r.Parameters["force_unmount"] = r.Switch("force_unmount") == true ? "true" : "false";
        // A few tries, as the classic agent made, and not as many as fit into the limit of the stop.
        r.Parameters["fast_stop"] = "true";
        if (r.Switch("force_fsck") == true)
        {
            r.Parameters["run_fsck"] = "force";
        }
    }

    private static void ComposeDisk(ClassicResource r, string? type)
    {
        ComposeMount(r);
        if (r.Value("device") is { } device)
        {
            r.Parameters["device"] = DeviceSpelling.Canonical(device);
        }
        switch (type?.ToLowerInvariant())
        {
            case null or "auto":
                r.Warn("has no fstype: it is mounted as whatever mount(8) finds on it, as in the classic cluster.", 
                    "Write fstype=\"…\": today's agent asks for it, and looks whether the kernel has it.");
                break;
            case "gfs":
                r.Refuse(
                    "is GFS, which no kernel of today has: it could not be mounted.",
                    "Move its data to ext4 or xfs, which one node at a time mounts.");
                break;
            case "gfs2" when r.Value("options")?.Contains("lock_nolock", StringComparison.Ordinal) != true:
                r.Refuse("is GFS2, and its lock manager (dlm_controld) is not run by this cluster: it could not be mounted.",
                    "Where one node at a time uses it, make it ext4 or xfs, or mount it with options=\"lockproto=lock_nolock\"; "
                        + "where all nodes use it at once, leave it to a cluster that runs its lock manager.");
                break;
            case "ocfs2":
                r.Parameters["fstype"] = "ocfs2";
                r.Warn("is OCFS2, whose own cluster (o2cb) is not run by this one.", "Have o2cb run on every node by itself, "
                    + "before clusterd.");
                break;
            case "ext4dev":
                r.Parameters["fstype"] = "ext4";
                break;
            default:
                r.Parameters["fstype"] = type!;
                break;
        }
    }

    private static void ComposeNetworkFileSystem(ClassicResource r)
    {
        ComposeMount(r);
        var share = r.Value("export") ?? "";
        var host = r.Value("host") ?? "";
        if (r.Parameters["fstype"] == "smbfs")
        {
            r.Parameters["fstype"] = "cifs";
            r.Warn("is smbfs, which no kernel of today has; it is mounted as cifs.", "Write fstype=\"cifs\", and its options as "
                + "mount.cifs(8) has them.");
        }
        r.Parameters["device"] = r.Parameters["fstype"] is "cifs" ? $"//{host}/{share.TrimStart('/')}"
            : host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]:{share}"
            : $"{host}:{share}";
    }
}
