namespace ClusterTools.RealAgents.Tests;

/// <summary>A temporary folder of one test that users other than root may enter; whatever outlives it is an error.</summary>
internal sealed class Workshop : IDisposable
{
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public Workshop() => File.SetUnixFileMode(Path, Everybody);

    public string Path { get; } = Directory.CreateTempSubdirectory("clusterd-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Folder(string name) => Directory.CreateDirectory(this[name]).FullName;

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>What still uses the folder: mounts, loop devices, processes that work in it or run from it or name it.</summary>
    public string[] Users() =>
    [
        .. File.ReadLines("/proc/self/mounts").Where(line => line.Contains(Path, StringComparison.Ordinal))
        .Select(static line => $"mount {line}"),
        .. Directory.EnumerateDirectories("/sys/block", "loop*")
        .Where(device => Read(device + "/loop/backing_file").Contains(Path, StringComparison.Ordinal))
            .Select(static device => $"loop device {device}"),
        .. Directory.EnumerateDirectories("/proc").Where(static folder => char.IsAsciiDigit(System.IO.Path.GetFileName(folder)[0]))
            .Where(folder => Read(folder + "/cmdline").Contains(Path, StringComparison.Ordinal)
                || new DirectoryInfo(folder + "/cwd").LinkTarget?.StartsWith(Path, StringComparison.Ordinal) == true)
            .Select(static folder => $"process {System.IO.Path.GetFileName(folder)} {Read(folder + "/cmdline").Replace('\0', ' ')}"),
    ];

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is gone.
            return "";
        }
    }
}
