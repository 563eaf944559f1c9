using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ClusterTools.Agents.Tests;

/// <summary>Whatever agents are installed on this machine: what each says of itself is read, and nothing of it is lost.</summary>
public sealed partial class InstalledAgentTests : IDisposable
{
    private readonly ExecutorFixture fixture = new();

    private ResourceAgentOptions Installed => fixture.Options with { OcfRoot = ResourceAgentOptions.UsualOcfRoot };

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task The_metadata_of_every_installed_OCF_agent_is_read_whole()
    {
        var agents = new InstalledAgents(Installed);
        string[] names = [.. agents.Find().Where(static agent => agent.StartsWith("ocf:", StringComparison.Ordinal))];
        Assert.SkipWhen(
            names.Length == 0,
            "NO OCF AGENTS ARE INSTALLED (package resource-agents): the reading of packaged agents' metadata is NOT TESTED.");
        var ours = new ConcurrentBag<string>();
        var theirs = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestProcess.Cancel }, async (name, cancel) =>
        {
            // What it prints when nobody of us asks: a failure of the agent itself is not ours, and is told as what it is.
            ProcessOutcome said = await ProcessRunner.RunAsync(
                TestProcess.Request(agents.FileOf(name)!, "meta-data") with
                {
                    Environment = TestProcess.Environment.SetItem("OCF_ROOT", ResourceAgentOptions.UsualOcfRoot),
                        SeparateStandardError = true, OutputLimit = 1024 * 1024,
                },
                cancel);
            bool usable = said.ExitCode == 0 && said.Output.Contains("<resource-agent", StringComparison.Ordinal);
            try
            {
                AgentMetadata metadata = await agents.DescribeAsync(name, cancel);
                foreach (string lack in Lacks(metadata, Comment().Replace(said.Output, "")))
                {
                    ours.Add($"{name}: {lack}");
                }
            }
            catch (ResourceAgentException error) when (usable)
            {
                ours.Add($"{name}: {error.Message}");
            }
            catch (ResourceAgentException error)
            {
                theirs.Add(
                    $"{name} returned {said.ExitCode?.ToString() ?? "nothing"} and printed {said.Output.Length} characters "
                        + $"({said.StandardError.Trim()}): {error.Message}");
            }
        });
        Assert.True(ours.IsEmpty, $"Of {names.Length} agents:\n{string.Join('\n', ours.Order(StringComparer.Ordinal))}");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"The metadata of {names.Length - theirs.Count} of {names.Length} installed OCF agents was read.");
        Assert.SkipUnless(
            theirs.IsEmpty,
            $"OF {names.Length} INSTALLED OCF AGENTS {theirs.Count} CAN NOT SAY WHAT THEY ARE, by their own fault; all others were "
                + $"read:\n{string.Join('\n', theirs.Order(StringComparer.Ordinal))}");
    }

    [Fact]
    public async Task The_header_of_every_installed_init_script_is_read()
    {
        var agents = new InstalledAgents(Installed);
        string[] names = [.. agents.Find().Where(static agent => agent.StartsWith("lsb:", StringComparison.Ordinal))];
        Assert.SkipWhen(names.Length == 0, "NO INIT SCRIPTS ARE INSTALLED: the reading of packaged scripts' headers is NOT TESTED.");
        var failures = new List<string>();
        foreach (string name in names)
        {
            try
            {
                AgentMetadata metadata = await agents.DescribeAsync(name, TestProcess.Cancel);
                string summary = (await File.ReadAllLinesAsync(agents.FileOf(name)!, TestProcess.Cancel))
                    .Select(static line => Summary().Match(line)).FirstOrDefault(static match => match.Success)?.Groups[1].Value
                    ?? "Init script";
                Assert.Equal(summary, metadata.ShortDescription);
                Assert.Contains(metadata.Actions, static action => action.Name == "status");
            }
            catch (Exception error) when (error is ResourceAgentException or Xunit.Sdk.XunitException)
            {
                failures.Add($"{name}: {error.Message}");
            }
        }

        Assert.True(failures.Count == 0, $"Of {names.Length} scripts:\n{string.Join('\n', failures)}");
    }

    [Fact]
    public async Task An_init_scripts_description_is_read_over_several_lines()
    {
        string script = fixture.Folder.Script("web", """
            ### BEGIN INIT INFO
            # Provides: web
            # Short-Description:	The shop: all of it
            # Description: Serves the shop,
            #	every page of it,
            #  day and night.
            # Default-Start: 2 3
            ### END INIT INFO
            # Description: not this
            exit 0
            """);
        AgentMetadata metadata = await fixture.Executor.MetadataAsync($"lsb:{script}", TestProcess.Cancel);
        Assert.Equal("The shop: all of it", metadata.ShortDescription);
        Assert.StartsWith("Serves the shop, every page of it, day and night.\n", metadata.LongDescription, StringComparison.Ordinal);
        Assert.DoesNotContain("not this", metadata.LongDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_init_script_whose_header_does_not_end_is_told()
    {
        string script = fixture.Folder.Script("web", "### BEGIN INIT INFO\n# Provides: web\nexit 0");
        var error =
            await Assert.ThrowsAsync<ResourceAgentException>(() => fixture.Executor.MetadataAsync($"lsb:{script}", TestProcess.Cancel));
        Assert.Contains(script, error.Message, StringComparison.Ordinal);
        Assert.Contains("END INIT INFO", error.Message, StringComparison.Ordinal);
    }

    /// <summary>What a plain look at the text finds and the reading does not.</summary>
    private static IEnumerable<string> Lacks(AgentMetadata metadata, string text)
    {
        if (Parameter().Count(text) != metadata.Parameters.Length)
        {
            yield return $"it has {Parameter().Count(text)} parameters, {metadata.Parameters.Length} were read";
        }

        if (Action().Count(text) != metadata.Actions.Length)
        {
            yield return $"it has {Action().Count(text)} actions, {metadata.Actions.Length} were read";
        }

        foreach (string name in (ImmutableArray<string>)["start", "stop", "monitor"])
        {
            if (metadata.Actions.All(action => action.Name != name))
            {
                yield return $"no action {name} was read";
            }
        }

        if (metadata.Actions.Any(static action => action.Name is "start" or "stop" or "monitor" && action.Timeout is null))
        {
            yield return "the time limit of an action was not understood";
        }

        if (metadata.ShortDescription.Length == 0)
        {
            yield return "no short description was read";
        }
    }

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"<parameter\s")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"<action\s")]
    private static partial Regex Action();

    [GeneratedRegex(@"^#\s*Short-Description:\s*(.*?)\s*$")]
    private static partial Regex Summary();
}
