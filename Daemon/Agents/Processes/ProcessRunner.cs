namespace ClusterTools.Agents;

/// <summary>
/// Runs programs for the whole product. Each gets a session and process group of its own; when its time is up, or the caller
/// cancels, the whole group is ended. The outcome comes when the program itself has exited, even where something it left
/// behind still holds its output.
/// </summary>
public static class ProcessRunner
{
    /// <summary>Starts a program; <see cref="ChildProcess.Completion"/> tells how it ends.</summary>
    /// <param name="request">The program.</param>
    /// <param name="cancel">Ends the program's process group.</param>
    /// <exception cref="ProcessStartException">There is no such program, or it may not be executed.</exception>
    public static ChildProcess Start(ProcessRequest request, CancellationToken cancel) =>
        OperatingSystem.IsLinux() ? LinuxChild.Start(request, cancel) : PortableChild.Start(request, cancel);

    /// <summary>Runs a program to its end. Cancelling ends it; the outcome then says so, and nothing is thrown.</summary>
    /// <exception cref="ProcessStartException">There is no such program, or it may not be executed.</exception>
    public static Task<ProcessOutcome> RunAsync(ProcessRequest request, CancellationToken cancel) => Start(request, cancel).Completion;

    /// <summary>The folders in which programs are looked up where the daemon's own PATH does not have them.</summary>
    internal const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>First executable file of this name in a list of folders (separated as in PATH); null when there is none.</summary>
    internal static string? SearchPath(string name, string path)
    {
        foreach (string folder in path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string file = Path.Combine(folder, name);
            if (File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & AnyExecute) != 0))
            {
                return file;
            }
        }

        return null;
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
