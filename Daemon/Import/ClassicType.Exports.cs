using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <content>What is exported to other machines.</content>
internal sealed partial record ClassicType
{
    private static ClassicType[] Exports =>
    [
        new("nfsexport", "ocf:heartbeat:Dummy")
        {
            IsShared = true,
            Inherited = [("path", ["path", "mountpoint"]), ("device", ["device"]), ("fsid", ["fsid"])],
            Needless = ["path", "device", "fsid"],
            Levels = [("nfsclient", 0, 0)],
            Forbidden = ["nfsexport"],
        },
        new("nfsclient", "ocf:heartbeat:exportfs")
        {
            IsShared = true,
            Required = ["target"],
            Needed = ["path"],
            Renamed = [("target", "clientspec"), ("path", "directory"), ("options", "options"), ("fsid", "fsid")],
            Inherited = [("path", ["path", "mountpoint"]), ("fsid", ["fsid"])],
            Needless = ["svcname", "service_name", "use_cache"],
            Lost = [("allow_recover", "an export that was taken away is exported anew by restarting it")],
            StartTimeout = 90_000,
            StopTimeout = 30_000,
            Compose = ComposeExport,
        },
        new("nfsserver", "ocf:heartbeat:nfsserver")
        {
            Once = true,
            Inherited = [("path", ["mountpoint"])],
            Lost =
            [
                ("statdport", "the port of rpc.statd is taken from the system's configuration"),
                ("krbhost", "the Kerberos host name is taken from the system's configuration"),
            ],
            Levels = [("nfsclient", 1, 2), ("ip", 2, 1)],
            Forbidden = ["nfsexport", "nfsserver"],
            Compose = r =>
            {
                var folder = r.Value("nfspath") ?? ".clumanager/nfs";
                if (r.Value("path") is { } path)
                {
                    r.Parameters["nfs_shared_infodir"] = $"{path.TrimEnd('/')}/{folder}";
                }
            },
        },
        Samba("samba"),
        Samba("smb"),
    ];

    /// <summary>The agent asks for an id of the file system, which it puts in place of the one among the options.</summary>
    private static void ComposeExport(ClassicResource r)
    {
        if (r.Value("fsid") is not null)
        {
            return;
        }
        const string Option = "fsid=";
        if (r.Value(
            "options")?.Split(',').Select(o => o.Trim()).FirstOrDefault(o => o.StartsWith(Option, StringComparison.Ordinal)) is { } option)
        {
            r.Parameters["fsid"] = option[Option.Length..];
        }
        else if (r.Value("path") is { } path)
        {
            var id = r.Exports.Of(path);
            r.Parameters["fsid"] = $"{id}";
            r.Warn($"has no fsid, which today's agent must have: '{id}' is made of its path '{path.Shown()}'. "
                + "A client that has it mounted may have to mount it anew, once.",
                $"Write fsid=\"…\" on the file system or on the client: any number that no other export has.");
        }
    }

    private static ClassicType Samba(string name) => new(name, "systemd:smb")
    {
        Needless = ["service_name"],
        Lost =
        [
            ShutdownWait,
            ("config_file", "Samba reads its ordinary configuration"),
            ("smbd_options", "Samba is started with its unit's options"),
            ("nmbd_options", "Samba is started with its unit's options"),
            ("workgroup", "the workgroup is what Samba's configuration says"),
        ],
        Compose = r =>
        {
            r.Warn("is run as the systemd unit smb, because no packaged agent does it.", "Where the unit has another name (Debian: "
                + "smbd), change the agent after the import.");
            ListensByItself(r);
        },
    };
}
