using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd check FILE</c>: what is understood of a configuration, and what is wrong with it. Changes nothing.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A classic cluster.conf, or a configuration in JSON." };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON on standard output." };
        var command = new Command(
            "check",
            "Check a configuration: problems with their line and remedy. Exit code 0: usable; 1: errors; 2: the file can't be read.")
        {
            file,
            json,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string file, bool json, CancellationToken cancel)
    {
        ImportResult result = await ConfigurationSource.ReadAsync(file, cancel).ConfigureAwait(false);
        if (json)
        {
            Console.Out.WriteLine(ToJson(file, result));
        }
        else
        {
            ConfigurationSource.Print(file, result.Problems);
            Console.Out.WriteLine(Summary(file, result));
        }

        return result.Configuration is null ? ExitCode.Failure : ExitCode.Success;
    }

    private static string Summary(string file, ImportResult result)
    {
        int errors = result.Errors.Count();
        string problems = $"{Count(errors, "error")}, {Count(result.Warnings.Count(), "warning")}";
        if (result.Configuration is not { } configuration)
        {
            return $"{file}: not usable: {problems}.";
        }

        int resources = configuration.Groups.Values.Sum(g => ResourceTree.Of(g).StartOrder.Length);
        return $"{file}: cluster '{configuration.Name}' version {configuration.Version}: {Count(configuration.Nodes.Count, "node")}, "
            + $"{Count(configuration.Groups.Count, "group")} with {Count(resources, "resource")}, "
            + $"{Count(configuration.FailoverDomains.Count, "failover domain")}, "
                + $"{Count(configuration.FenceDevices.Count, "fence device")}; "
            + $"{Count(configuration.TotalVotes, "vote")}, quorum at {QuorumArithmetic.Needed(configuration)}; {problems}.";
    }

    private static string ToJson(string file, ImportResult result)
    {
        var problems = new JsonArray([.. result.Problems.Select(p => new JsonObject
        {
            ["severity"] = p.Severity == ProblemSeverity.Error ? "error" : "warning",
            ["line"] = p.Line,
            ["path"] = p.Path,
            ["message"] = p.Message,
            ["remedy"] = p.Remedy,
        })]);
        var root = new JsonObject { ["file"] = file, ["usable"] = result.Configuration is not null, ["problems"] = problems };
        if (result.Configuration is { } configuration)
        {
            root["cluster"] = configuration.Name;
            root["version"] = configuration.Version;
            root["nodes"] = configuration.Nodes.Count;
            root["groups"] = configuration.Groups.Count;
            root["resources"] = configuration.Groups.Values.Sum(g => ResourceTree.Of(g).StartOrder.Length);
            root["failoverDomains"] = configuration.FailoverDomains.Count;
            root["fenceDevices"] = configuration.FenceDevices.Count;
            root["votes"] = configuration.TotalVotes;
            root["quorum"] = QuorumArithmetic.Needed(configuration);
        }

        return root.ToJsonString(new JsonSerializerOptions(CoreJson.Indented));
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
