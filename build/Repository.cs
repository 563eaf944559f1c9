namespace ClusterTools.Build;

/// <summary>Where things are.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    public static string Out => Path.Combine(Root, "out");

    /// <summary>The module as PowerShell loads it.</summary>
    public static string Module => Path.Combine(Out, "ClusterTools");

    /// <summary>The folder of the daemon.</summary>
    public static string Daemon => Path.Combine(Out, "clusterd");

    public static string Clusterd => Path.Combine(Daemon, OperatingSystem.IsWindows() ? "clusterd.exe" : "clusterd");

    public static string TestResults => Path.Combine(Out, "test-results");

    public static string Packages => Path.Combine(Out, "packages");

    // A deterministic build does not know where its source was, so it is looked for from where the program is.
    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "ClusterTools.slnx")))
            {
                return folder;
            }
        }

        throw new BuildException("ClusterTools.slnx was not found above this program. Run build.sh or build.ps1 of a checkout.");
    }
}

/// <summary>The build cannot go on; the message says why and what to do.</summary>
internal sealed class BuildException(string message) : Exception(message);

/// <summary>What the build tells people. Goes to standard error, so that a verb's own output stays alone on standard output.</summary>
internal static class Say
{
    private static readonly bool Colour = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    public static void Step(string text) => Write("36", $"== {text}");

    public static void Note(string text) => Console.Error.WriteLine(text);

    /// <summary>Something that must not be overlooked.</summary>
    public static void Warning(string text) => Write("33", $"!! {text}");

    public static void Error(string text) => Write("31", $"build: {text}");

    private static void Write(string colour, string text) =>
        Console.Error.WriteLine(Colour ? $"\u001b[{colour}m{text}\u001b[0m" : text);
}
