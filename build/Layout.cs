using System.Runtime.InteropServices;
using ClusterTools.Build.Help;
using ClusterTools.Build.Views;

namespace ClusterTools.Build;

/// <summary>Lays out the module in out/ClusterTools and the daemon in out/clusterd.</summary>
internal static class Layout
{
    private static readonly string[] ModuleFolders = ["Module", "en-US"];

    /// <summary>Arguments of every call of the SDK.</summary>
    public static string[] Quiet { get; } = ["-c", "Release", "-v", "q", "--nologo"];

    public static async Task<int> RunAsync(CancellationToken cancel)
    {
        await DaemonAsync(cancel).ConfigureAwait(false);
        await ModuleAsync(cancel).ConfigureAwait(false);
        return 0;
    }

    public static async Task DaemonAsync(CancellationToken cancel)
    {
        bool readyToRun = await ReadyToRun.IsPossibleAsync(cancel).ConfigureAwait(false);
        Say.Step($"daemon: out/clusterd/clusterd ({(readyToRun ? "compiled ahead of time" : "compiled at run time: the packs for ReadyToRun can't be restored here, so it starts more slowly")})");
        await Command.DotnetAsync(
            "Building the daemon",
            ["publish", Path.Combine("Daemon", "Host", "clusterd.csproj"), .. Quiet, "-o", Repository.Daemon, .. ReadyToRun.Properties(readyToRun)],
            cancel).ConfigureAwait(false);
    }

    public static async Task ModuleAsync(CancellationToken cancel)
    {
        Say.Step("module: out/ClusterTools");
        await Command.DotnetAsync(
            "Building the module",
            // The help is made of the documentation; nobody reads it from the module.
            ["publish", Path.Combine("Cmdlets", "ClusterTools.Cmdlets.csproj"), .. Quiet, "-o", Path.Combine(Repository.Module, "bin"), "-p:PublishDocumentationFiles=false"],
            cancel).ConfigureAwait(false);
        Copy(Path.Combine(Repository.Root, "ClusterTools.psd1"), Path.Combine(Repository.Module, "ClusterTools.psd1"));
        // What Start-ClusterLab starts when nothing is said.
        CopyFolder(Path.Combine(Repository.Root, "examples", "webshop"), Path.Combine(Repository.Module, "Lab", "webshop"));
        foreach (string folder in ModuleFolders)
        {
            CopyFolder(Path.Combine(Repository.Root, folder), Path.Combine(Repository.Module, folder));
        }

        WriteViews();
        MamlHelp.Write(
            Path.Combine(Repository.Root, "Cmdlets", "bin", "Release", "netstandard2.0", "ClusterTools.Cmdlets.dll"),
            Path.Combine(Repository.Module, "en-US", "ClusterTools.Cmdlets.dll-Help.xml"));
    }

    private static void WriteViews()
    {
        try
        {
            ViewXml.Write(Path.Combine(Repository.Root, "Formats", "Views.txt"), Path.Combine(Repository.Module, "Formats"));
        }
        catch (InvalidDataException error)
        {
            throw new BuildException(error.Message);
        }
    }

    /// <summary>Makes a folder the same as another; what is not in the source goes.</summary>
    public static void CopyFolder(string source, string target)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.Exists(source) ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories) : [])
        {
            string relative = Path.GetRelativePath(source, file);
            wanted.Add(relative);
            Copy(file, Path.Combine(target, relative));
        }

        foreach (string file in Directory.Exists(target) ? Directory.GetFiles(target, "*", SearchOption.AllDirectories) : [])
        {
            if (!wanted.Contains(Path.GetRelativePath(target, file)))
            {
                File.Delete(file);
            }
        }
    }

    private static void Copy(string source, string target)
    {
        var from = new FileInfo(source);
        var to = new FileInfo(target);
        if (!to.Exists || to.Length != from.Length || to.LastWriteTimeUtc != from.LastWriteTimeUtc)
        {
            to.Directory!.Create();
            from.CopyTo(target, overwrite: true);
        }
    }
}

/// <summary>Compiling ahead of time needs packs that are not part of the SDK; not every registry has them.</summary>
internal static class ReadyToRun
{
    private static string Rid => $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    public static string[] Properties(bool possible) => possible ? ["-p:ClusterToolsReadyToRun=true", $"-p:ClusterToolsRuntime={Rid}"] : [];

    /// <summary>Whether the packs restore. Asked once for each version of the SDK.</summary>
    public static async Task<bool> IsPossibleAsync(CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return false;
        }

        (_, string version) = await Command.CaptureAsync("dotnet", ["--version"], TimeSpan.FromMinutes(1), cancel).ConfigureAwait(false);
        string answered = Path.Combine(Repository.Out, ".ready-to-run");
        string key = $"{version.Trim()} {Rid} ";
        if (File.Exists(answered) && await File.ReadAllTextAsync(answered, cancel).ConfigureAwait(false) is { } known && known.StartsWith(key, StringComparison.Ordinal))
        {
            return known.EndsWith("yes", StringComparison.Ordinal);
        }

        (int? exitCode, _) = await Command.CaptureAsync(
            "dotnet",
            ["restore", Path.Combine("Daemon", "Host", "clusterd.csproj"), "-v", "q", "--nologo", .. Properties(true)],
            TimeSpan.FromMinutes(5),
            cancel).ConfigureAwait(false);
        bool possible = exitCode == 0;
        if (!possible)
        {
            // What failed may be the restore itself rather than the packs: then there is no answer to keep.
            await Command.DotnetAsync(
                "Restoring the daemon's packages", ["restore", Path.Combine("Daemon", "Host", "clusterd.csproj"), "-v", "q", "--nologo"], cancel).ConfigureAwait(false);
        }

        Directory.CreateDirectory(Repository.Out);
        await File.WriteAllTextAsync(answered, key + (possible ? "yes" : "no"), cancel).ConfigureAwait(false);
        return possible;
    }
}
