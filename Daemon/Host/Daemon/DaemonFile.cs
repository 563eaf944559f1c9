using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTools.Agents;
using ClusterTools.Core;

namespace ClusterTools.Host.Daemon;

/// <summary><c>daemon.json</c> in a state folder: which process is the daemon, and how the last one ended.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="StartTime">When it started, see <see cref="ProcessIdentity"/>.</param>
/// <param name="BootId">In which life of the machine.</param>
/// <param name="Ended">How it ended, in words; null: it has not said so.</param>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="Refused">Why it could not end when it was last asked to by a person, in words; null: it was not, or could.</param>
/// <param name="Refusals">How often that was so.</param>
internal sealed record DaemonFile(
    int Pid, long StartTime, string BootId, string? Ended, int ExitCode, string? Refused = null, int Refusals = 0)
{
    private const string Name = "daemon.json";

    private static readonly JsonTypeInfo<DaemonFile> Json = CoreJson.Options.With(DaemonJsonTypes.Default).GetTypeInfo<DaemonFile>();

    public bool IsAlive => BootId == ProcessIdentity.BootId && new ProcessIdentity(Pid, StartTime).IsAlive;

    public bool Signal(int signal) => BootId == ProcessIdentity.BootId && new ProcessIdentity(Pid, StartTime).Signal(signal);

    /// <summary>Says that this process is the daemon.</summary>
    public static DaemonFile Begin(string stateFolder)
    {
        ProcessIdentity own = ProcessIdentity.Find(Environment.ProcessId)!.Value;
        var file = new DaemonFile(own.Pid, own.StartTime, ProcessIdentity.BootId, null, 0);
        file.Write(stateFolder);
        return file;
    }

    /// <summary>Null: no daemon has run there.</summary>
    public static DaemonFile? Read(string stateFolder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(stateFolder, Name)), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public void Write(string stateFolder)
    {
        string path = Path.Combine(stateFolder, Name);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, Json));
        File.Move(path + ".new", path, overwrite: true);
    }
}
