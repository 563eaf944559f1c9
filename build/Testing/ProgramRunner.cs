namespace ClusterTools.Build.Testing;

/// <summary>A program that is one test: it passed when it ended with 0.</summary>
internal sealed class ProgramRunner(string name, string project, string[] arguments, TimeSpan limit) : Runner(name, limit)
{
    public override async Task<Outcome> RunAsync(CancellationToken cancel)
    {
        (int? exitCode, string output) = await Command
            .CaptureAsync("dotnet", [TestRun.OutputOf(project), .. arguments], Limit, cancel, TestShell.Environment).ConfigureAwait(false);
        return Outcome.Of(this, exitCode == 0 ? new Counts(1, 0, 0) : default, exitCode, output, []);
    }
}
