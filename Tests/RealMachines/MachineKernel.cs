namespace ClusterTools.RealMachines.Tests;

/// <summary>Debian's kernel as build/ has unpacked it, and the first file system that it begins with.</summary>
internal sealed class MachineKernel
{
    private static readonly string? Folder = Find();

    private MachineKernel(string image, string firstFiles)
    {
        Image = image;
        FirstFiles = firstFiles;
    }

    /// <summary>Why no machine can be started here; null: they can.</summary>
    public static string? Obstacle { get; } =
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64
            ? "the machines are made for x86-64"
        : Missing("qemu-system-x86_64", "qemu-system-x86") ?? Missing("busybox", "busybox-static") ?? Missing("mke2fs", "e2fsprogs")
            ?? Missing("corosync", "corosync")
            ?? (Folder is null ? "there is no kernel in out/machines; './build.sh setup' as root puts it there" : null);

    public string Image { get; }

    /// <summary>The initramfs.</summary>
    public string FirstFiles { get; }

    /// <summary>Folder of the modules that a machine loads while it runs, and of files that say in which order.</summary>
    public string Later { get; } = Path.Combine(Folder!, "later");

    /// <summary>Makes the first file system.</summary>
    public static async Task<MachineKernel> PrepareAsync(Workshop workshop)
    {
        string root = workshop.Folder("first");
        string script = $"""
            set -e
            cd '{root}'
            mkdir -p bin
            cp "$(command -v busybox)" bin/busybox
            cp -r '{Folder}/modules' .
            install -m 755 '{Path.Combine(AppContext.BaseDirectory, "initramfs-init.sh")}' init
            find . | busybox cpio -o -H newc >../first.cpio 2>/dev/null
            """;
        await Shell.RunAsync($"PATH=$PATH:/usr/sbin:/sbin\n{script}");
        return new MachineKernel(Path.Combine(Folder!, "vmlinuz"), workshop["first.cpio"]);
    }

    private static string? Missing(string program, string package) =>
        Premises.Find(program) is null ? $"{program} is not installed (package {package})" : null;

    private static string? Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string kernel = Path.Combine(folder, "out", "machines");
            if (File.Exists(Path.Combine(kernel, "modules", "order")) && Directory.Exists(Path.Combine(kernel, "later")))
            {
                return kernel;
            }
        }

        return null;
    }
}
