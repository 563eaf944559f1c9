namespace ClusterTools.Build;

/// <summary>Lines of code end where a screen ends.</summary>
internal static class LineLength
{
    private const int Most = 140;

    // A folder that keeps the rule joins here.
    private static readonly string[] Folders = ["Client", "Cmdlets", "Contract", "Daemon", "Tests", "build"];

    /// <exception cref="BuildException">There are longer lines; each is named.</exception>
    public static void Check()
    {
        string[] found =
        [
            .. Folders.SelectMany(
                static f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.cs", SearchOption.AllDirectories))
                .Where(static f => !f.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"))
                .Order(StringComparer.Ordinal)
                .SelectMany(static f => TooLong(File.ReadLines(f)).Select(n => $"{Path.GetRelativePath(Repository.Root, f)}({n})")),
        ];
        if (found.Length > 0)
        {
            throw new BuildException($"Lines of more than {Most} characters: {string.Join(", ", found)}. Break them.");
        }
    }

    /// <summary>
    /// The numbers of the lines that are too long. What a raw string holds is data, and what an example shows is typed in one line: they
    /// stay as they are.
    /// </summary>
    public static IEnumerable<int> TooLong(IEnumerable<string> lines)
    {
        bool raw = false;
        bool example = false;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            int marks = line.Split("\"\"\"").Length - 1;
            bool code = example || line.Contains("<code>", StringComparison.Ordinal);
            if (line.Length > Most && !raw && marks == 0 && !code)
            {
                yield return number;
            }

            raw ^= marks % 2 == 1;
            example = code && !line.Contains("</code>", StringComparison.Ordinal);
        }
    }
}
