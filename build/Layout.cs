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
        LineLength.Check();
        await DaemonAsync(cancel).ConfigureAwait(false);
        await ModuleAsync(cancel).ConfigureAwait(false);
        return 0;
    }

    public static async Task DaemonAsync(CancellationToken cancel)
    {
        DaemonForm form = await DaemonForm.FindAsync(cancel).ConfigureAwait(false);
        Say.Step($"daemon: out/clusterd/clusterd ({form.InWords})");
        string published = Path.Combine(Repository.Out, "published", form.Name);
        await Command.DotnetAsync(
            "Building the daemon", ["publish", DaemonForm.Project, .. Quiet, "-o", published, .. form.Properties],
            cancel).ConfigureAwait(false);
        CopyFolder(published, Repository.Daemon);
    }

    public static async Task ModuleAsync(CancellationToken cancel)
    {
        Say.Step("module: out/ClusterTools");
        await Command.DotnetAsync(
            "Building the module",
            // The help is made of the documentation; nobody reads it from the module.
            [
                "publish", Path.Combine("Cmdlets", "ClusterTools.Cmdlets.csproj"), .. Quiet, "-o", Path.Combine(Repository.Module, "bin"),
                "-p:PublishDocumentationFiles=false"],
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
            // A program that runs can't be written over.
            to.Delete();
            from.CopyTo(target);
        }
    }
}
