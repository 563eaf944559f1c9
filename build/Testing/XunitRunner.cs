using System.Globalization;
using System.Xml.Linq;

namespace ClusterTools.Build.Testing;

/// <summary>An xunit executable.</summary>
/// <param name="project">Its project file.</param>
/// <param name="full">Whether its long tests run at full length, which they learn from CLUSTERTOOLS_FULL.</param>
/// <param name="limit">How long it may take.</param>
internal sealed class XunitRunner(string project, bool full, TimeSpan limit) : Runner(Path.GetFileNameWithoutExtension(project), limit)
{
    public override async Task<(Counts Counts, string Output)> RunAsync(CancellationToken cancel)
    {
        string results = Path.Combine(Repository.TestResults, Name + ".xml");
        var environment = new Dictionary<string, string>(TestShell.Environment);
        if (full)
        {
            environment["CLUSTERTOOLS_FULL"] = "1";
        }

        (int? exitCode, string output) = await Command.CaptureAsync(
            "dotnet", [TestRun.OutputOf(project), "-noLogo", "-noColor", "-xml", results], Limit, cancel, environment).ConfigureAwait(false);
        return Judge(File.Exists(results) ? Read(results) : default, exitCode, output);
    }

    private static Counts Read(string results)
    {
        Counts counts = default;
        foreach (XElement assembly in XDocument.Load(results).Descendants("assembly"))
        {
            int Number(string attribute) => int.Parse(assembly.Attribute(attribute)?.Value ?? "0", CultureInfo.InvariantCulture);
            counts += new Counts(Number("passed"), Number("failed") + Number("errors"), Number("skipped") + Number("not-run"));
        }

        return counts;
    }
}
