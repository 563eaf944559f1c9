namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>What anybody who looks at a process can read of it: its arguments, and its environment.</summary>
internal sealed record SeenProcess(int Id, string Arguments, string Environment)
{
    /// <summary>All that run now, in all namespaces.</summary>
    public static IReadOnlyList<SeenProcess> Read() =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _)
           select new SeenProcess(int.Parse(Path.GetFileName(folder)), Text(folder, "cmdline"), Text(folder, "environ")),
    ];

    /// <summary>Those of which a text can be read.</summary>
    public static IEnumerable<string> That(string text) => Read()
        .Where(p => p.Arguments.Contains(text, StringComparison.Ordinal) || p.Environment.Contains(text, StringComparison.Ordinal))
        .Select(static p => $"process {p.Id}: {p.Arguments}");

    private static string Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Replace('\0', ' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }
}
