using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <content>Databases and SAP.</content>
internal sealed partial record ClassicType
{
    private static ClassicType[] Databases =>
    [
        new("mysql", "ocf:heartbeat:mysql")
        {
            Needless = ["service_name"],
            Lost = [StartupWait, ShutdownWait],
            Compose = ComposeMysql,
        },
        new("postgres-8", "ocf:heartbeat:pgsql")
        {
            Renamed = [("config_file", "config"), ("postmaster_user", "pgdba")],
            Needless = ["service_name"],
            Lost = [StartupWait, ShutdownWait],
            Compose = ComposePostgres,
        },
        new("SAPInstance", "ocf:heartbeat:SAPInstance")
        {
            Primary = "InstanceName",
            CopiesAll = true,
            StartTimeout = 180_000,
            StopTimeout = 240_000,
        },
        new("SAPDatabase", "ocf:heartbeat:SAPDatabase")
        {
            Primary = "SID",
            Needed = ["DBTYPE"],
            CopiesAll = true,
            StartTimeout = 1_800_000,
            StopTimeout = 1_800_000,
        },
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
        new("oracledb", "ocf:heartbeat:oracle")
        {
            Once = true,
            Required = ["user", "home"],
            Unique = ["listener_name", "vhost", "tns_admin"],
            Renamed = [("name", "sid"), ("user", "user"), ("home", "home")],
            Needless = ["tns_admin"],
            Lost =
            [
                ("listener_name", "the listener is not started; add it as a resource of the agent ocf:heartbeat:oralsnr, with sid "
                    + "and listener"),
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
            StopTimeout = 60_000,
            Compose = r =>
            {
                if ((r.Within("orainstance") ?? r.Within("oracledb")) is { } database)
                {
                    r.Parameters["sid"] = database.Name;
                }
                else if (r.Value("sid") is { } sid)
                {
                    r.Parameters["sid"] = sid;
                }
                else
                {
                    r.Refuse(
                        "has no database around it, whose name its agent must have (sid): it could not be started.",
                        "Put it under its database, or write sid=\"…\".");
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
                ("interfaces_file", "interfaces_file"), ("sybase_user", "sybase_user"), ("db_user", "db_user"), ("db_passwd", "db_passwd"),
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
            Compose = r =>
            {
                if (r.Value("db_user") is null)
                {
                    r.Refuse(
                        "has no db_user: today's agent takes the database's user and password as parameters and could not start it; "
                            + "the classic file names a file with them (login_file).",
                        "Write db_user=\"…\" and db_passwd=\"…\", as login_file has them.");
                }
            },
        },
    ];

    /// <summary>Today's agent names the data folder to the server, which then does not take the one of its configuration file.</summary>
    private static void ComposeMysql(ClassicResource r)
    {
        const string UsualFile = "/etc/my.cnf";
        const string UsualFolder = "/var/lib/mysql";
        var file = r.Value("config_file") ?? UsualFile;
        r.Parameters["config"] = file;
        List<string> options = [.. (r.Value("mysqld_options") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var folder = TakeOption(options, "--datadir") ?? r.Value("datadir")
            ?? (r.Service.Holds(UsualFolder) || (file == UsualFile && r.Service.Mounts.IsEmpty) ? UsualFolder : null);
        if (folder is null)
        {
            r.Refuse(
                "has no data folder (datadir): today's agent tells the server one, and would start another database than the one of "
                    + $"'{file.Shown()}'.",
                "Write mysqld_options=\"--datadir=/FOLDER\" with the folder that the configuration file says.");
        }
        else
        {
            r.Parameters["datadir"] = folder;
            r.Warn($"runs in the data folder '{folder.Shown()}', and has its socket, process id file and log where today's agent has "
                + $"them, whatever '{file.Shown()}' says.",
                "Set datadir, socket, pid and log after the import where they must be others.");
        }
        // The classic agent had it listen at the first address of its service.
        if ((r.Value("listen_address") ?? r.Service.Addresses.FirstOrDefault()) is { } address
            && !options.Exists(o => o.StartsWith("--bind-address", StringComparison.Ordinal)))
        {
            options.Add($"--bind-address={address}");
        }
        if (options.Count > 0)
        {
            r.Parameters["additional_parameters"] = string.Join(' ', options);
        }
    }

    private static void ComposePostgres(ClassicResource r)
    {
        const string UsualFolder = "/var/lib/pgsql/data";
        // The data folder and the port, which the classic agent was given among the options, are parameters of their own today.
        List<string> words = [.. (r.Value("postmaster_options") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var folder = TakeOption(words, "-D");
        if (folder is null)
        {
            var slash = r.Value("config_file")?.LastIndexOf('/') ?? -1;
            folder = slash > 0 ? r.Value("config_file")![..slash] : UsualFolder;
            r.Warn($"has no data folder (-D) among its options; '{folder.Shown()}' is taken, where its configuration file is.",
                "Write postmaster_options=\"-D /FOLDER\" if it is another.");
        }
        r.Parameters["pgdata"] = folder;
        var copy = words.ToList();
        if (TakeOption(copy, "-p") is { } port)
        {
            r.Parameters["pgport"] = port;
        }
        // The classic agent had it listen at the addresses of its service.
        if (!r.Service.Addresses.IsEmpty && !words.Exists(w => w.StartsWith("-h", StringComparison.Ordinal)))
        {
            words.AddRange(["-h", string.Join(',', r.Service.Addresses)]);
        }
        if (words.Count > 0)
        {
            r.Parameters["start_opt"] = string.Join(' ', words);
        }
    }

    /// <summary>
    /// The value of an option, as <c>--name=value</c>, <c>-Dvalue</c> or in the next word, taken out of the words; null: it is not there.
    /// </summary>
    private static string? TakeOption(List<string> words, string option)
    {
        var at = words.FindIndex(
            w => w == option
                || w.StartsWith(option.StartsWith("--", StringComparison.Ordinal) ? $"{option}=" : option, StringComparison.Ordinal));
        if (at < 0)
        {
            return null;
        }
        var together = words[at].Length > option.Length;
        var value = together ? words[at][option.Length..].TrimStart('=') : words.ElementAtOrDefault(at + 1);
        words.RemoveRange(at, together || value is null ? 1 : 2);
        return value;
    }
}
