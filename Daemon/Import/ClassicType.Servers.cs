using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <content>Servers of web pages, names and directories.</content>
internal sealed partial record ClassicType
{
    private static ClassicType[] Servers =>
    [
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
                ListensByItself(r);
            },
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
            Compose = r =>
            {
                ListensByItself(r);
                r.Warn("counts as started when it answers 127.0.0.1 for the name localhost, asked at 127.0.0.1: so today's agent looks.",
                    "Have it listen there too and know localhost, or set monitor_ip, monitor_request and monitor_response "
                        + "after the import.");
            },
        },
        Tomcat("tomcat-5"),
        Tomcat("tomcat-6"),
        new("openldap", "ocf:heartbeat:slapd")
        {
            Renamed = [("config_file", "config"), ("url_list", "services"), ("slapd_options", "parameters")],
            Needless = ["service_name"],
            Lost = [ShutdownWait],
            Compose = r =>
            {
                if (r.Value("url_list") is null)
                {
                    ListensByItself(r);
                }
            },
        },
    ];

    /// <summary>The classic agent made a configuration of its own, in which the server listens at the addresses of its service.</summary>
    private static void ListensByItself(ClassicResource r)
    {
        if (!r.Service.Addresses.IsEmpty)
        {
            r.Warn("listens where its own configuration says; the classic agent had it listen at the addresses of its service only "
                + $"({string.Join(", ", r.Service.Addresses.Take(5))}).",
                "Write the addresses into its configuration where it must not listen elsewhere.");
        }
    }

    private static ClassicType Tomcat(string name) => new(name, "ocf:heartbeat:tomcat")
    {
        Needed = ["java_home", "catalina_home"],
        Renamed =
        [
            ("tomcat_user", "tomcat_user"), ("catalina_base", "catalina_base"), ("catalina_options", "catalina_opts"),
            ("java_home", "java_home"), ("catalina_home", "catalina_home"),
        ],
        Needless = ["service_name"],
        Lost = [ShutdownWait, ("config_file", "Tomcat's own configuration in catalina_base is used")],
        Compose = ListensByItself,
    };
}
