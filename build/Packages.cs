using System.Formats.Tar;
using System.IO.Compression;
using System.Xml.Linq;

namespace ClusterTools.Build;

/// <summary>Packs the module and the daemon into out/packages.</summary>
internal static class Packages
{
    public static async Task<int> RunAsync(CancellationToken cancel)
    {
        await Layout.RunAsync(cancel).ConfigureAwait(false);
        string version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").First().Value;
        Directory.CreateDirectory(Repository.Packages);
        string module = Path.Combine(Repository.Packages, $"ClusterTools-{version}.zip");
        Say.Step($"pack: {Path.GetRelativePath(Repository.Root, module)}");
        File.Delete(module);
        await ZipFile.CreateFromDirectoryAsync(Repository.Module, module, CompressionLevel.Optimal, includeBaseDirectory: true, cancel)
            .ConfigureAwait(false);

        string daemon = Path.Combine(Repository.Packages, $"clusterd-{version}.tar.gz");
        Say.Step($"pack: {Path.GetRelativePath(Repository.Root, daemon)}");
        await using FileStream file = File.Create(daemon);
        await using var zip = new GZipStream(file, CompressionLevel.Optimal);
        await using var tar = new TarWriter(zip, TarEntryFormat.Pax);
        foreach (string path in Directory.EnumerateFiles(Repository.Daemon, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await AddAsync(tar, path, "clusterd/lib/" + Path.GetRelativePath(Repository.Daemon, path).Replace('\\', '/'), cancel)
                .ConfigureAwait(false);
        }

        await AddAsync(tar, Path.Combine(Repository.Root, "packaging", "clusterd.service"), "clusterd/clusterd.service", cancel)
            .ConfigureAwait(false);
        await AddAsync(tar, Path.Combine(Repository.Root, "LICENSE"), "clusterd/LICENSE", cancel).ConfigureAwait(false);
        return 0;
    }

    private static async Task AddAsync(TarWriter tar, string path, string name, CancellationToken cancel)
    {
        await using FileStream content = File.OpenRead(path);
        bool executable = name == "clusterd/lib/clusterd";
        await tar.WriteEntryAsync(
            new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = content,
                ModificationTime = File.GetLastWriteTimeUtc(path),
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
                    | (executable ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0),
            },
            cancel).ConfigureAwait(false);
    }
}
