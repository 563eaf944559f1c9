using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <content>Virtual machines.</content>
internal sealed partial record ClassicType
{
    private static ClassicType[] Guests =>
    [
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
            StopLimitIsWork = true,
            Compose = ComposeGuest,
        },
    ];

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
            r.Warn($"is for the hypervisor '{kind.Shown()}', which is not known: libvirt's default is asked.", "Set hypervisor_uri to the "
                + "address libvirt has for it.");
        }
        if (r.Switch("use_virsh") == false)
        {
            r.Warn("asks for Xen's own tools (use_virsh=\"0\"); it is run through libvirt all the same.", "Define it in libvirt on every "
                + "node that may run it.");
        }
        var file = r.Value("xmlfile");
        if (file is null)
        {
            var folder = r.Value("path")?.Split(':')[0].TrimEnd('/') ?? "/etc/libvirt/qemu";
            file = $"{folder}/{r.Name}.xml";
            r.Warn($"has no xmlfile; its definition is looked for in {file}.", "Put it there on every node that may run it, or "
                + "set xmlfile.");
        }
        r.Parameters["config"] = file;
        r.Warn("runs, stops and fails over as a group; migration is not there yet.", "Plan for a stop and a start when it moves.");
    }
}
