using ClusterTools.Core.Tests.Scenarios;

namespace ClusterTools.Mutation;

/// <summary>A scenario file: it ends at the first thing that comes out otherwise.</summary>
/// <param name="file">Path within the folder of scenarios.</param>
/// <param name="promises">Whether what must hold of every state is looked at after every event.</param>
internal sealed class ScenarioCheck(string file, bool promises) : Check(promises ? Stage.Promises : Stage.Scenario, file)
{
    private readonly string expected = File.ReadAllText(Path.Combine(ScenarioTests.Folder, file)).ReplaceLineEndings("\n");

    public override void Run()
    {
        var runner = new ScenarioRunner(promises);
        string actual = ScenarioFile.Run(expected, runner, untilItDiffers: true);
        if (runner.Violations.Count > 0)
        {
            throw new NoticedException(runner.Violations[0]);
        }

        if (actual != expected)
        {
            int at = actual.AsSpan().CommonPrefixLength(expected);
            throw new NoticedException($"From line {actual.AsSpan(0, at).Count('\n') + 1} on something else comes out.");
        }
    }
}
