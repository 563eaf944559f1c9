using System.Runtime.InteropServices;

namespace ClusterTools.Build;

/// <summary>
/// Debian's kernel for the tests on machines of their own, unpacked into out/machines and not installed: this machine goes on booting what
/// it booted before.
/// </summary>
internal static class MachineKernel
{
    private const string Modules = "virtio_pci 9pnet_virtio 9p overlay virtio_blk ext4 virtio_net virtio_rng softdog";

    // What some tests load when a machine runs, by the name that they ask for.
    private static readonly (string Name, string Modules)[] Later =
    [
        ("iscsi", "iscsi_tcp sd_mod"),
        ("target", "target_core_file iscsi_target_mod"),
        ("multipath", "dm_multipath dm_service_time scsi_dh_alua"),
        ("netem", "sch_netem"),
    ];

    // The names of the files in the order of loading; written last.
    private static readonly string Order = Path.Combine(Folder, "modules", "order");

    private static string Folder => Path.Combine(Repository.Out, "machines");

    private static string OrderOf(string later) => Path.Combine(Folder, "later", later);

    /// <summary>Whether it is there, or none is of use here.</summary>
    public static bool IsHere =>
        !OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || (File.Exists(Order) && Later.All(static l => File.Exists(OrderOf(l.Name))));

    /// <summary>Gets it. Wants apt-get, dpkg-deb and modprobe; nobody needs to be root for it.</summary>
    public static async Task GetAsync(CancellationToken cancel)
    {
        if (IsHere || Command.Find("apt-get") is null)
        {
            return;
        }

        Say.Step("setup: unpacking a kernel for machines of their own");
        string later = string.Join('\n', Later.Select(static l => $"unpack later {l.Modules} >later/{l.Name}"));
        string script = $"""
            set -e
            PATH=$PATH:/usr/sbin:/sbin
            rm -rf '{Folder}'
            mkdir -p '{Folder}/tree' '{Folder}/modules' '{Folder}/later'
            cd '{Folder}'
            package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ {"{ print $2; exit }"}')
            apt-get -qq download "$package"
            dpkg-deb -x linux-image-*.deb tree
            mv tree/boot/vmlinuz-* vmlinuz
            version=$(ls tree/lib/modules)
            depmod -b tree "$version"
            unpack() {"{"}
                folder=$1
                shift
                for module; do
                    modprobe -d tree -S "$version" --show-depends "$module"
                done | awk '$1 == "insmod" && !seen[$2]++ {"{ print $2 }"}' | while read -r file; do
                    cp "$file" "$folder/"
                    basename "$file"
                done
            {"}"}
            unpack modules {Modules} >order
            {later}
            rm -rf tree linux-image-*.deb
            mv order modules/order
            """;
        (int? exitCode, string output) = await Command.CaptureAsync("/bin/sh", ["-c", script], TimeSpan.FromMinutes(10), cancel)
            .ConfigureAwait(false);
        if (exitCode != 0)
        {
            Say.Warning($"setup: no kernel could be unpacked, so machines with kernels of their own are not tested: {output.Trim()}");
        }
    }
}
