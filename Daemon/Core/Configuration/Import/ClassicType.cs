using System.Collections.Frozen;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>
/// What is known of a resource type of the classic resource manager, as data: which packaged agent does its work today,
/// how its attributes are called there, and what of it has no counterpart. A type is added by adding a row.
/// </summary>
internal sealed record ClassicType(string Name, string Agent)
{
    /// <summary>The attribute that names the resource and that <c>ref</c> points to.</summary>
    public string Primary { get; init; } = "name";

    /// <summary>Attributes without which it cannot run, whether own or inherited.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Attributes that the classic manager did without, and without which its start fails all the same.</summary>
    public string[] Needed { get; init; } = [];

    /// <summary>Classic attribute to the agent's parameter; the value stays.</summary>
    public (string Classic, string Agent)[] Renamed { get; init; } = [];

    /// <summary>Every attribute is a parameter of the agent, under the same name.</summary>
    public bool CopiesAll { get; init; }

    /// <summary>Parameters that stand for the type itself; a translated attribute replaces them.</summary>
    public (string Name, string Value)[] Fixed { get; init; } = [];

    /// <summary>Attributes beside the primary one that no two resources of the type share: the second one is left out.</summary>
    public string[] Unique { get; init; } = [];

    /// <summary>Attributes taken from the nearest resource around that has one of the named; as <c>service%name</c> from one of that type only.</summary>
    public (string Attribute, string[] From)[] Inherited { get; init; } = [];

    /// <summary>Attributes that need no translation, because what they ask for holds anyway or only bound classic parts together.</summary>
    public string[] Needless { get; init; } = [];

    /// <summary>Attributes without counterpart: what the user loses. Silent where the attribute is a switch that is off.</summary>
    public (string Attribute, string Loss)[] Lost { get; init; } = [];

    /// <summary>Limit of a start in milliseconds, where the classic one was longer than our default.</summary>
    public int StartTimeout { get; init; } = 60_000;

    /// <summary>Limit of a stop in milliseconds, where the classic one was longer than our default.</summary>
    public int StopTimeout { get; init; } = 60_000;

    /// <summary>May stand in the whole configuration once; a second reference is left out, as the classic manager did.</summary>
    public bool Once { get; init; }

    /// <summary>Made to be referred to in many places, each of which is a thing of its own.</summary>
    public bool IsShared { get; init; }

    /// <summary>Levels of its children, start and stop, in the order of the classic agent's metadata; a type that is not named, or has 0, has none.</summary>
    public (string Type, int Start, int Stop)[] Levels { get; init; } = [];

    /// <summary>Types that may not stand under it; they are left out, as the classic manager did.</summary>
    public string[] Forbidden { get; init; } = [];

    /// <summary>It says something of the types that may stand under it.</summary>
    public bool KnowsChildren => Levels.Length > 0 || Forbidden.Length > 0;

    /// <summary>What the table cannot say: parameters made of several attributes.</summary>
    public Action<ClassicResource>? Compose { get; init; }

    /// <summary>Why there is nothing that could run it; null when there is.</summary>
    public string? NotSupported { get; init; }

    /// <summary>The type that an element's name stands for.</summary>
    public static string NameOf(string element) => element is "group" or "resourcegroup" ? "service" : element;

    public static ClassicType? Find(string name) => Types.GetValueOrDefault(name);

    public static IEnumerable<string> Names => Types.Values.Where(t => t.NotSupported is null).Select(t => t.Name).Order(StringComparer.Ordinal);

    public (int Start, int Stop) LevelOf(string child)
    {
        foreach (var (type, start, stop) in Levels)
        {
            if (type == child)
            {
                return (start, stop);
            }
        }
        return (0, 0);
    }

    /// <summary>When the classic manager looked at children of the type: those it knows levels of first, in this order.</summary>
    public int Turn(string child)
    {
        var at = Array.FindIndex(Levels, l => l.Type == child);
        return at < 0 ? Levels.Length : at;
    }

    public bool KnowsWithoutLevel(string child) => Array.Exists(Levels, l => l == (child, 0, 0));

    private static readonly (string, int, int)[] FileSystemChildren = [("fs", 1, 3), ("clusterfs", 1, 3), ("nfsexport", 3, 1)];

    private static readonly (string, string)[] FileSystemLosses =
    [
        ("self_fence", "a node that cannot unmount is not reset: the group becomes Failed and waits for an operator"),
        ("nfslock", "NFS locks are not reclaimed by lock daemons on failover; put an nfsserver resource into the group for that"),
        ("nfsrestart", "the NFS server is not restarted when the file system is busy"),
        ("quick_status", "status checks are those of the Filesystem agent"),
    ];

    private static readonly (string, string) ShutdownWait =
        ("shutdown_wait", "the agent waits as long as it knows; the stop time-out bounds it");

    private static readonly (string, string) StartupWait =
        ("startup_wait", "the agent waits as long as it knows; the start time-out bounds it");

    private static readonly (string, string[]) NfsLockOfService = ("nfslock", ["service%nfslock"]);

    private static readonly FrozenDictionary<string, ClassicType> Types = new ClassicType[]
    {
        // A group; within another one it stands for what is under it, and has nothing to do itself.
        new("service", "ocf:heartbeat:Dummy")
        {
            Once = true,
            Levels =
            [
                ("lvm", 1, 9), ("fs", 2, 8), ("clusterfs", 3, 7), ("netfs", 4, 6), ("nfsexport", 5, 5),
                ("nfsclient", 6, 4), ("ip", 7, 2), ("smb", 8, 3), ("script", 9, 1),
            ],
        },
        new("script", "")
        {
            Required = ["file"],
            Unique = ["file"],
            Inherited = [("service_name", ["service%name"])],
            Needless = ["service_name"],
            Compose = r => r.Agent = $"lsb:{r.Value("file")}",
        },
        new("ip", "ocf:heartbeat:IPaddr2")
        {
            Primary = "address",
            Once = true,
            // monitor_link has no effect, but a change of it restarts the address, as it did.
            Renamed = [("prefer_interface", "nic"), ("monitor_link", "monitor_link")],
            Needless = ["family", "disable_rdisc"],
            Lost =
            [
                ("monitor_link", "the link of the network card is not watched; the address is"),
                ("nfslock", "NFS locks are not reclaimed by lock daemons on failover; put an nfsserver resource into the group for that"),
                ("sleeptime", "there is no pause after the address is taken away"),
            ],
            Inherited = [NfsLockOfService],
            Forbidden = ["nfsclient", "nfsexport"],
            Compose = ComposeAddress,
        },
        new("fs", "ocf:heartbeat:Filesystem")
        {
            Once = true,
            Required = ["mountpoint", "device"],
            Unique = ["mountpoint", "device"],
            Inherited = [NfsLockOfService],
            Renamed = [("device", "device"), ("mountpoint", "directory"), ("fstype", "fstype"), ("options", "options")],
            Fixed = [("fstype", "auto")],
            Needless = ["fsid", "use_findmnt"],
            Lost = FileSystemLosses,
            StartTimeout = 900_000,
            Levels = FileSystemChildren,
            Compose = ComposeFileSystem,
        },
        new("clusterfs", "ocf:heartbeat:Filesystem")
        {
            IsShared = true,
            Required = ["mountpoint", "device"],
            Unique = ["mountpoint", "device"],
            Inherited = [NfsLockOfService],
            Renamed = [("device", "device"), ("mountpoint", "directory"), ("fstype", "fstype"), ("options", "options")],
            Fixed = [("fstype", "gfs2")],
            Needless = ["fsid", "use_findmnt"],
            Lost = FileSystemLosses,
            StartTimeout = 900_000,
            Levels = FileSystemChildren,
            Compose = ComposeFileSystem,
        },
        new("netfs", "ocf:heartbeat:Filesystem")
        {
            Required = ["mountpoint", "host", "export"],
            Unique = ["mountpoint"],
            Renamed = [("mountpoint", "directory"), ("fstype", "fstype"), ("options", "options")],
            Fixed = [("fstype", "nfs")],
            Needless = ["use_findmnt"],
            Lost = [.. FileSystemLosses, ("no_unmount", "the file system is unmounted when the group stops")],
            StartTimeout = 900_000,
            Forbidden = ["nfsclient", "nfsexport"],
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
            Compose = ComposeFileSystem,
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
                ("self_fence", "a node that cannot deactivate the volume is not reset: the group becomes Failed and waits for an operator"),
                ("nfslock", "NFS locks are not reclaimed by lock daemons on failover; put an nfsserver resource into the group for that"),
            ],
            Compose = r => r.Warn("is activated by tag (vg_access_mode=tagging), as the classic one was.",
                "Where the volume group is shared by system id, set vg_access_mode to system_id after the import."),
        },
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
            Compose = r =>
            {
                if (r.Value("fsid") is null)
                {
                    r.Warn("has no fsid, which the exportfs agent wants.", "Set fsid on the file system or on the client: any number that no other export has.");
                }
            },
        },
        new("nfsserver", "ocf:heartbeat:nfsserver")
        {
            Once = true,
            Inherited = [("path", ["mountpoint"])],
            Lost = [("statdport", "the port of rpc.statd is taken from the system's configuration"), ("krbhost", "the Kerberos host name is taken from the system's configuration")],
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
        new("apache", "ocf:heartbeat:apache")
        {
            Renamed = [("httpd", "httpd"), ("httpd_options", "options")],
            Needless = ["service_name"],
            Lost = [ShutdownWait],
            Compose = r =>
            {
                var file = r.Value("config_file") ?? "conf/httpd.conf";
                var root = r.Value("server_root") ?? "/etc/httpd";
                r.Parameters["configfile"] = file.StartsWith('/') ? file : $"{root.TrimEnd('/')}/{file}";
            },
        },
        new("mysql", "ocf:heartbeat:mysql")
        {
            Renamed = [("config_file", "config"), ("mysqld_options", "additional_parameters")],
            Needless = ["service_name"],
            Lost = [StartupWait, ShutdownWait],
            Compose = r =>
            {
                if (r.Value("listen_address") is { } address)
                {
                    r.Parameters["additional_parameters"] = $"{r.Parameters.GetValueOrDefault("additional_parameters")} --bind-address={address}".Trim();
                }
            },
        },
        new("postgres-8", "ocf:heartbeat:pgsql")
        {
            Renamed = [("config_file", "config"), ("postmaster_user", "pgdba")],
            Needless = ["service_name"],
            Lost = [StartupWait, ShutdownWait],
            Compose = ComposePostgres,
        },
        new("named", "ocf:heartbeat:named")
        {
            Renamed = [("config_file", "named_config"), ("named_options", "named_options")],
            Needless = ["service_name"],
            Lost =
            [
                ShutdownWait,
                ("named_working_dir", "the working folder is what named's configuration says"),
                ("named_sdb", "the ordinary named is run"),
                ("update_source", "the source address of updates is what named's configuration says"),
            ],
        },
        Tomcat("tomcat-5"),
        Tomcat("tomcat-6"),
        new("openldap", "ocf:heartbeat:slapd")
        {
            Renamed = [("config_file", "config"), ("url_list", "services"), ("slapd_options", "parameters")],
            Needless = ["service_name"],
            Lost = [ShutdownWait],
        },
        Samba("samba"),
        Samba("smb"),
        new("SAPInstance", "ocf:heartbeat:SAPInstance") { Primary = "InstanceName", CopiesAll = true, StartTimeout = 180_000, StopTimeout = 240_000 },
        new("SAPDatabase", "ocf:heartbeat:SAPDatabase") { Primary = "SID", CopiesAll = true, StartTimeout = 1_800_000, StopTimeout = 1_800_000 },
        new("db2", "ocf:heartbeat:db2") { Primary = "instance", CopiesAll = true, StartTimeout = 120_000, StopTimeout = 120_000 },
        new("orainstance", "ocf:heartbeat:oracle")
        {
            Required = ["user", "home"],
            Renamed = [("name", "sid"), ("user", "user"), ("home", "home")],
            Lost =
            [
                ("listeners", "listeners are not started; add each as a resource of its own"),
                ("lockfile", "the agent keeps no lock file"),
                ("tns_admin", "the listener's folder is Oracle's default"),
            ],
            Unique = ["tns_admin"],
            StartTimeout = 900_000,
            StopTimeout = 90_000,
        },
        new("vm", "ocf:heartbeat:VirtualDomain")
        {
            Once = true,
            Renamed = [("snapshot", "snapshot"), ("migrate_options", "migrate_options")],
            Lost =
            [
                ("migrate", "the guest is not migrated yet: a move stops it and starts it elsewhere"),
                ("migration_mapping", "the guest is not migrated yet"),
                ("migration_uri", "the guest is not migrated yet"),
                ("tunnelled", "the guest is not migrated yet"),
                ("status_program", "the inside of the guest is not checked"),
                ("no_kill", "a guest that does not shut down is forced off when its stop time is nearly up"),
            ],
            StartTimeout = 300_000,
            StopTimeout = 120_000,
            Compose = ComposeGuest,
        },
        new("oracledb", "ocf:heartbeat:oracle")
        {
            Once = true,
            Required = ["user", "home"],
            Unique = ["listener_name", "vhost", "tns_admin"],
            Renamed = [("name", "sid"), ("user", "user"), ("home", "home")],
            Needless = ["tns_admin"],
            Lost =
            [
                ("listener_name", "the listener is not started; add it as a resource of the agent ocf:heartbeat:oralsnr, with sid and listener"),
                ("type", "the database is started and stopped, and nothing of Oracle's beside it (application server, enterprise manager)"),
                ("vhost", "the listener's host name is what its own configuration says"),
            ],
            StartTimeout = 900_000,
            StopTimeout = 90_000,
            Compose = r => r.Warn("is the database alone; the listener, which the classic agent started too, is not.",
                "Add the listener as a resource of the agent ocf:heartbeat:oralsnr after the import."),
        },
        new("oralistener", "ocf:heartbeat:oralsnr")
        {
            Required = ["user", "home"],
            Unique = ["tns_admin"],
            Renamed = [("name", "listener"), ("user", "user"), ("home", "home"), ("tns_admin", "tns_admin")],
            StartTimeout = 90_000,
            Compose = r =>
            {
                if ((r.Within("orainstance") ?? r.Within("oracledb")) is { } database)
                {
                    r.Parameters["sid"] = database.Name;
                }
                else
                {
                    r.Warn("has no database around it, whose name its agent wants as sid.", "Set the parameter sid after the import.");
                }
            },
        },
        Unsupported("oradg", "The packaged agents have no counterpart for Data Guard; use a script."),
        new("ASEHAagent", "ocf:heartbeat:sybaseASE")
        {
            Required = ["sybase_home", "server_name", "login_file", "interfaces_file"],
            Renamed =
            [
                ("sybase_home", "sybase_home"), ("sybase_ase", "sybase_ase"), ("sybase_ocs", "sybase_ocs"), ("server_name", "server_name"),
                ("interfaces_file", "interfaces_file"), ("sybase_user", "sybase_user"),
            ],
            Fixed = [("sybase_ase", "ASE-15_0"), ("sybase_ocs", "OCS-15_0")],
            Lost =
            [
                ("login_file", "the agent takes the database's user and password as parameters"),
                ("shutdown_timeout", "the stop time-out bounds it"),
                ("start_timeout", "the start time-out bounds it"),
                ("deep_probe_timeout", "the status time-out bounds it"),
            ],
            StartTimeout = 300_000,
            StopTimeout = 300_000,
            Compose = r => r.Warn("is run by the agent sybaseASE, which wants the database's user (db_user) and password (db_passwd); the classic file names a file with them.",
                "Set both parameters after the import."),
        },
        Unsupported("drbd", "Promotable resources are not there yet; use a script that promotes and demotes."),
        Unsupported("lvm_by_lv", "Use lvm with vg_name and lv_name."),
        Unsupported("lvm_by_vg", "Use lvm with vg_name."),
    }.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    private static ClassicType Unsupported(string name, string remedy) => new(name, "") { NotSupported = remedy };

    private static ClassicType Tomcat(string name) => new(name, "ocf:heartbeat:tomcat")
    {
        Renamed = [("tomcat_user", "tomcat_user"), ("catalina_base", "catalina_base"), ("catalina_options", "catalina_opts")],
        Needless = ["service_name"],
        Lost = [ShutdownWait, ("config_file", "Tomcat's own configuration in catalina_base is used")],
        Compose = r => r.Warn("is run by the tomcat agent, which wants java_home and catalina_home; the classic file does not have them.",
            "Set both parameters after the import."),
    };

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
        Compose = r => r.Warn("is run as the systemd unit smb, because no packaged agent does it.", "Where the unit has another name (Debian: smbd), change the agent after the import."),
    };

    private static void ComposeAddress(ClassicResource r)
    {
        var address = r.Value("address") ?? "";
        var slash = address.IndexOf('/', StringComparison.Ordinal);
        r.Parameters["ip"] = slash < 0 ? address : address[..slash];
        if (slash >= 0)
        {
            r.Parameters["cidr_netmask"] = address[(slash + 1)..];
        }
        if (!System.Net.IPAddress.TryParse(r.Parameters["ip"], out _))
        {
            r.Refuse($"has the address '{ConfElementReader.Shown(address)}', which is no IP address.", "Give an address such as 192.0.2.100 or 192.0.2.100/24.");
        }
        else if (slash >= 0 && (!int.TryParse(address.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var prefix)
            || prefix > (r.Parameters["ip"].Contains(':', StringComparison.Ordinal) ? 128 : 32)))
        {
            r.Refuse($"has the address '{ConfElementReader.Shown(address)}', whose prefix length is no number in range.", "Give a prefix length such as /24.");
        }
    }

    private static void ComposeFileSystem(ClassicResource r)
    {
        if (r.Switch("force_unmount") is { } force)
        {
            r.Parameters["force_unmount"] = force ? "true" : "false";
        }
        if (r.Switch("force_fsck") == true)
        {
            r.Parameters["run_fsck"] = "force";
        }
    }

    private static void ComposeNetworkFileSystem(ClassicResource r)
    {
        ComposeFileSystem(r);
        var share = r.Value("export") ?? "";
        r.Parameters["device"] = r.Parameters["fstype"] is "cifs" or "smbfs"
            ? $"//{r.Value("host")}/{share.TrimStart('/')}"
            : $"{r.Value("host")}:{share}";
    }

    private static void ComposePostgres(ClassicResource r)
    {
        if (r.Value("postmaster_options") is not { } options)
        {
            return;
        }
        // The data folder, which the classic agent was given among the options, is a parameter of its own today.
        var words = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        var at = words.FindIndex(w => w.StartsWith("-D", StringComparison.Ordinal));
        if (at >= 0)
        {
            var folder = words[at].Length > 2 ? words[at][2..] : words.ElementAtOrDefault(at + 1);
            if (folder is not null)
            {
                r.Parameters["pgdata"] = folder;
                words.RemoveRange(at, words[at].Length > 2 ? 1 : 2);
            }
        }
        if (words.Count > 0)
        {
            r.Parameters["start_opt"] = string.Join(' ', words);
        }
    }

    /// <summary>libvirt's address of a hypervisor that the classic file names by kind.</summary>
    private static string? HypervisorAt(string? kind) => kind switch
    {
        "qemu" or "kvm" => "qemu:///system",
        "xen" => "xen:///system",
        _ => null,
    };

    private static void ComposeGuest(ClassicResource r)
    {
        var kind = r.Value("hypervisor");
        var uri = r.Value("hypervisor_uri") is { } given && given != "auto" ? given : null;
        if ((uri ?? HypervisorAt(kind)) is { } hypervisor)
        {
            r.Parameters["hypervisor"] = hypervisor;
        }
        else if (kind is not (null or "auto"))
        {
            r.Warn($"is for the hypervisor '{ConfElementReader.Shown(kind)}', which is not known: libvirt's default is asked.", "Set hypervisor_uri to the address libvirt has for it.");
        }
        if (r.Switch("use_virsh") == false)
        {
            r.Warn("asks for Xen's own tools (use_virsh=\"0\"); it is run through libvirt all the same.", "Define it in libvirt on every node that may run it.");
        }
        var file = r.Value("xmlfile");
        if (file is null)
        {
            var folder = r.Value("path")?.Split(':')[0].TrimEnd('/') ?? "/etc/libvirt/qemu";
            file = $"{folder}/{r.Name}.xml";
            r.Warn($"has no xmlfile; its definition is looked for in {file}.", "Put it there on every node that may run it, or set xmlfile.");
        }
        r.Parameters["config"] = file;
        r.Warn("runs, stops and fails over as a group; migration is not there yet.", "Plan for a stop and a start when it moves.");
    }
}
