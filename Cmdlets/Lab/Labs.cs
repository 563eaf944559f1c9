using System.Diagnostics;
using System.Text;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>
/// The labs of this machine, found by their contexts; and those that this process has started, and holds by their standard input.
/// </summary>
internal static class Labs
{
    private const string OwnFolder = ".lab";

    private const string WebPort = "WEBSHOP_PORT=";

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private static readonly object Gate = new();

    // A lab ends when its standard input closes, which a finalizer would do once nothing refers to the process.
    private static readonly Dictionary<string, Process> Held = [];

    /// <summary>Keeps a lab's process, and with it its input.</summary>
    public static void Hold(string folder, Process process)
    {
        lock (Gate)
        {
            Held[folder] = process;
        }
    }

    /// <summary>The folder of the lab whose context this is; null: it is no lab's.</summary>
    public static string? FolderOf(ClientContext context, string contexts)
    {
        if (context.CertificatePath is not { } certificate)
        {
            return null;
        }

        string? own = Path.GetDirectoryName(
            Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(contexts))!, certificate)));
        return own is not null && Path.GetFileName(own) == OwnFolder ? Path.GetDirectoryName(own) : null;
    }

    /// <summary>The contexts of labs in the user's file.</summary>
    public static IReadOnlyList<(ClientContext Context, string Folder)> All()
    {
        string path = ContextFile.DefaultPath;
        return [
            .. ContextFile.Read(path, ApiJson.Wire).Contexts.Select(c => (Context: c, Folder: FolderOf(c, path)!))
                .Where(c => c.Folder is not null),
        ];
    }

    /// <summary>What is known of a lab.</summary>
    public static ClusterLab Describe(ClientContext context, string folder, bool keepRunning)
    {
        var lab = new ClusterLab
        {
            Name = context.Name,
            Cluster = context.Cluster,
            Addresses = context.Servers,
            Folder = folder,
            KeepRunning = keepRunning,
            ProcessId = Processes(folder).FirstOrDefault(),
        };
        string file = Path.Combine(folder, OwnFolder, "lab.json");
        if (File.Exists(file))
        {
            using var text = new StreamReader(file, Encoding.UTF8);
            JObject description = ApiJson.ReadObject(text);
            JObject[] nodes = [.. (description["nodes"] as JArray ?? []).OfType<JObject>()];
            lab.Nodes = [.. nodes.Select(n => n.Value<string>("name") ?? "")];
            lab.Addresses = [.. nodes.Select(n => n.Value<string>("address") ?? "")];
        }

        return lab;
    }

    /// <summary>Ends a lab and removes what it did not remove itself.</summary>
    /// <exception cref="LabException">It did not end in time.</exception>
    public static void End(string name, string folder, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (Held.TryGetValue(folder, out Process? held))
            {
                Held.Remove(folder);
                try
                {
                    held.StandardInput.Close();
                }
                catch (IOException)
                {
                    // It has ended.
                }
            }
        }

        var since = Stopwatch.StartNew();
        bool asked = false;
        for (int[] left = Processes(folder); left.Length > 0; left = Processes(folder))
        {
            if (!asked)
            {
                Terminate(left);
                asked = true;
            }

            if (since.Elapsed > EndLimit)
            {
                throw new LabException(
                    LabException.LabTimedOut,
                    $"Lab '{name}' did not end within {EndLimit.TotalSeconds:0} s: {string.Join(", ", left.Select(p => $"process {p}"))}.",
                    $"Try again; if that does not help, end these processes and remove {folder}.");
            }

            cancellationToken.WaitHandle.WaitOne(50);
            cancellationToken.ThrowIfCancellationRequested();
        }

        RemoveContext(name, folder);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What is known of a lab that somebody has started, from its process.</summary>
    public static ClusterLab Describe(ClientContext context, string folder)
    {
        string[] words = CommandLine(Processes(folder).FirstOrDefault());
        ClusterLab lab = Describe(context, folder, keepRunning: words.Length > 0 && !words.Contains("--end-with-input"));
        lab.WebAddress = words.FirstOrDefault(w => w.StartsWith(WebPort, StringComparison.Ordinal)) is { } port
            ? $"http://127.0.0.1:{port.Substring(WebPort.Length)}/"
            : null;
        return lab;
    }

    private static string[] CommandLine(int process)
    {
        try
        {
            return process == 0 ? [] : File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return [];
        }
    }

    /// <summary>The lab's process, then those of its nodes' power sockets.</summary>
    public static int[] Processes(string folder)
    {
        if (!Directory.Exists("/proc"))
        {
            return [];
        }

        var found = new List<(int Id, bool Node)>();
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out int id))
            {
                continue;
            }

            string[] words;
            try
            {
                words = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            int at = Array.IndexOf(words, "--folder");
            if (at > 0 && at + 1 < words.Length && words[at + 1] == folder && words.Any(w => w is "lab" or "lab-node"))
            {
                found.Add((id, words.Contains("lab-node")));
            }
        }

        return [.. found.OrderBy(f => f.Node).Select(f => f.Id)];
    }

    private static void Terminate(int[] processes)
    {
        // SIGTERM, which netstandard2.0 has no call for.
        using Process kill = Process.Start(LabProgram.Prepare("/bin/sh", ["-c", $"kill -TERM {string.Join(" ", processes)} 2>/dev/null"]))!;
        kill.WaitForExit();
    }

    private static void RemoveContext(string name, string folder)
    {
        string path = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(path, ApiJson.Wire);
        if (contexts.Contexts.FirstOrDefault(c => ContextFile.Same(c.Name, name)) is { } left && FolderOf(left, path) == folder
            && !Path.GetFullPath(path).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            contexts.Contexts = [.. contexts.Contexts.Where(c => c != left)];
            contexts.Current = ContextFile.Same(contexts.Current, name) ? null : contexts.Current;
            ContextFile.Write(path, contexts, ApiJson.Wire);
        }

        ClusterConnections.Close(name);
    }
}
