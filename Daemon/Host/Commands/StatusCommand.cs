using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd status</c>: the cluster on one screen.</summary>
internal static class StatusCommand
{
    // Failures without a quiet time between them that are more than bad luck.
    private const int Circling = 3;

    // Of each node, which is asked twice: one that hangs must not hide the others for long.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var context = new Option<string?>("--context")
        {
            Description = "The client context file; the user's own when left out.",
            HelpName = "FILE",
        };
        var name = new Option<string?>("--cluster")
        {
            Description = "Name of the context in it; the current one when left out.",
            HelpName = "NAME",
        };
        var json = new Option<bool>("--json") { Description = "Write cluster, nodes and groups as JSON, as the API gives them." };
        var command = new Command(
            "status", "The cluster on one screen: quorum, nodes, groups, what is wrong. Exit code 1 when something is.")
        {
            context,
            name,
            json,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using ClusterClient client = ClusterClient.FromContext(
                parsed.GetValue(context) ?? ContextFile.DefaultPath, parsed.GetValue(name), WireJson.Default, AnswerLimit);
            ClusterStatus cluster = await client.GetClusterAsync(cancel).ConfigureAwait(false);
            NodeStatus[] nodes = await client.GetNodesAsync(cancel).ConfigureAwait(false);
            GroupStatus[] groups = await client.GetGroupsAsync(false, cancel).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(ToJson(cluster, nodes, groups));
            }
            else
            {
                Print(cluster, nodes, groups);
            }

            bool well = cluster.Quorum == Quorum.Quorate && cluster.CommitsFailSince is null && cluster.Disarmed is null
                && nodes.All(n => n.Phase is NodePhase.Online or NodePhase.Maintenance)
                && groups.All(g => g.Phase is GroupPhase.Started or GroupPhase.Disabled || g.Goal is GroupGoal.Stop or GroupGoal.Disable);
            return well ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static string ToJson(ClusterStatus cluster, NodeStatus[] nodes, GroupStatus[] groups) => new JsonObject
    {
        ["cluster"] = JsonSerializer.SerializeToNode(cluster, ApiJson.Strict.GetTypeInfo<ClusterStatus>()),
        ["nodes"] = JsonSerializer.SerializeToNode(nodes, ApiJson.Strict.GetTypeInfo<NodeStatus[]>()),
        ["groups"] = JsonSerializer.SerializeToNode(groups, ApiJson.Strict.GetTypeInfo<GroupStatus[]>()),
    }.ToJsonString(new JsonSerializerOptions(Core.CoreJson.Indented));

    private static string Said(params string[] words) => string.Join("; ", words.Where(w => w.Length > 0));

    private static void Print(ClusterStatus cluster, NodeStatus[] nodes, GroupStatus[] groups)
    {
        TextWriter to = Console.Out;
        if (cluster.Disarmed is { } disarmed)
        {
            to.WriteLine(disarmed.Description);
        }

        to.WriteLine($"Cluster '{cluster.Name}', configuration version {cluster.ConfigurationVersion}, as {cluster.Node} sees it");
        to.WriteLine($"Quorum: {cluster.QuorumDescription}");
        to.WriteLine();
        to.WriteLine("Nodes");
        int width = nodes.Select(n => n.Name.Length).Append(4).Max();
        foreach (NodeStatus node in nodes)
        {
            string runs = node.Groups.Count > 0 ? $"runs {string.Join(", ", node.Groups)}" : "";
            string why = node.Phase == NodePhase.Online ? "" : node.Why;
            to.WriteLine($"  {node.Name.PadRight(width)}  {node.Phase,-11}  {Said(runs, why)}".TrimEnd());
        }

        to.WriteLine();
        to.WriteLine("Groups");
        width = groups.Select(g => g.Name.Length).Append(4).Max();
        foreach (GroupStatus group in groups)
        {
            string where = (group.Owner is { } owner ? $"on {owner}" : "") + (group.LastKnown ? " (last known)" : "");
            string frozen = group.Frozen ? "frozen" : "";
            string why = group.Phase == GroupPhase.Started && !group.Unconfirmed ? ""
                : group.Unconfirmed ? $"not confirmed: {group.Why}"
                : group.Why;
            string circles = group.Failures >= Circling && group is { Phase: not GroupPhase.Stopped, FailingFor: { } time }
                ? $"goes in circles: failed {group.Failures} times in {Core.SpanText.Of(time)}"
                : "";
            to.WriteLine($"  {group.Name.PadRight(width)}  {group.Phase,-10}  {Said(where.Trim(), frozen, circles, why)}".TrimEnd());
        }

        foreach (GroupStatus group in groups)
        {
            foreach (GroupAnswer answer in group.Answers)
            {
                to.WriteLine(
                    $"{answer.Node} {(answer.Answer == AnswerKind.CannotRun ? "can't run" : "can't tell whether it runs")} {group.Name}, "
                        + $"for {Core.SpanText.Of(answer.For)}, asked {(answer.Asked == 1 ? "once" : $"{answer.Asked} times")}: "
                            + $"{answer.Resource}: {answer.Message}");
            }
        }

        foreach (Contract.Fencing fencing in cluster.Fencing)
        {
            to.WriteLine($"Fencing of {fencing.Target} is under way: {fencing.Why}");
        }
    }
}
