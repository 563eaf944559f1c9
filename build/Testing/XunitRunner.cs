using System.Globalization;
using System.Xml.Linq;

namespace ClusterTools.Build.Testing;

/// <summary>An xunit executable.</summary>
/// <param name="project">Its project file.</param>
/// <param name="full">Whether its long tests run at full length, which they learn from CLUSTERTOOLS_FULL.</param>
/// <param name="limit">How long it may take.</param>
/// <param name="filter">Which of its tests are run; none: all.</param>
internal sealed class XunitRunner(string project, bool full, TimeSpan limit, params string[] filter)
    : Runner(Path.GetFileNameWithoutExtension(project), limit)
{
    public override async Task<Outcome> RunAsync(CancellationToken cancel)
    {
        string results = Path.Combine(Repository.TestResults, Name + ".xml");
        var environment = new Dictionary<string, string>(TestShell.Environment);
        if (full)
        {
            environment["CLUSTERTOOLS_FULL"] = "1";
        }

        (int? exitCode, string output) = await Command.CaptureAsync(
            "dotnet", [TestRun.OutputOf(project), "-noLogo", "-noColor", "-xml", results, .. filter], Limit, cancel, environment)
                .ConfigureAwait(false);
        if (!File.Exists(results))
        {
            return Outcome.Of(this, default, exitCode, output, []);
        }

        XDocument report = XDocument.Load(results);
        return Outcome.Of(this, Read(report), exitCode, output, [.. Failures(report)]);
    }

    private static Counts Read(XDocument report)
    {
        Counts counts = default;
        foreach (XElement assembly in report.Descendants("assembly"))
        {
            int Number(string attribute) => int.Parse(assembly.Attribute(attribute)?.Value ?? "0", CultureInfo.InvariantCulture);
            counts += new Counts(Number("passed"), Number("failed") + Number("errors"), Number("skipped") + Number("not-run"));
        }

        return counts;
    }

    private static IEnumerable<string> Failures(XDocument report) =>
        from failure in report.Descendants("failure")
        let owner = failure.Parent!
        let name = owner.Attribute("name")?.Value ?? owner.Attribute("type")?.Value
        select $"{name}\n{failure.Element("message")?.Value}\n{failure.Element("stack-trace")?.Value}";
}
