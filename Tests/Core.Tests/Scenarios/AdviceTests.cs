using System.Text.RegularExpressions;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// Advice never goes in a circle: whatever is asked in the state that a scenario ends in, and refused, the commands that the refusal names
/// are not
/// refused themselves, one after the other or at once.
/// </summary>
public sealed partial class AdviceTests
{
    [Theory]
    [MemberData(nameof(ScenarioTests.Files), MemberType = typeof(ScenarioTests))]
    public void What_a_refusal_advises_is_not_refused(string file)
    {
        var runner = new ScenarioRunner();
        _ = ScenarioFile.Run(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Scenarios", file)).ReplaceLineEndings("\n"), runner);
        ClusterState state = runner.Agreed;
        if (state.Quorum != Quorum.Quorate)
        {
            return;
        }

        var circles = new List<string>();
        foreach (Request request in Everything(state))
        {
            if (Refusal(state, request) is not { } refusal)
            {
                continue;
            }

            ClusterState then = state;
            foreach (Match command in Commands().Matches(refusal))
            {
                foreach (Request advised in Advised(state, command))
                {
                    if (Refusal(state, advised) is not null && Refusal(then, advised) is { } again)
                    {
                        circles.Add($"{request}\n  {refusal}\n  {command.Value}\n  {again}");
                    }

                    then = Apply(then, advised);
                }
            }
        }

        Assert.True(circles.Count == 0, string.Join("\n", circles));
    }

    [Fact]
    public void Advice_is_understood()
    {
        Assert.Equal(
            ["Unlock-ClusterGroup web", "Start-ClusterGroup web -Node n2"],
            Commands().Matches("Run Unlock-ClusterGroup web first, or Start-ClusterGroup web -Node n2.").Select(m => m.Value));
    }

    private static IEnumerable<Request> Everything(ClusterState state)
    {
        foreach (string group in state.Groups.Keys)
        {
            foreach (GroupOperation operation in Enum.GetValues<GroupOperation>())
            {
                yield return new GroupRequest("asked", "someone", group, operation);
                if (operation is GroupOperation.Enable or GroupOperation.Relocate)
                {
                    foreach (string node in state.Nodes.Keys)
                    {
                        yield return new GroupRequest("asked", "someone", group, operation, node);
                    }
                }
            }
        }

        foreach (string node in state.Nodes.Keys)
        {
            foreach (NodeOperation operation in Enum.GetValues<NodeOperation>())
            {
                yield return new NodeRequest("asked", "someone", node, operation);
            }
        }

        yield return new ClusterStopRequest("asked", "someone");
        yield return new ArmingRequest("asked", "someone", Arms: false);
    }

    private static IEnumerable<Request> Advised(ClusterState state, Match command)
    {
        string name = command.Groups["name"].Value;
        string? on = command.Groups["on"] is { Success: true } node ? node.Value : null;
        bool released = command.Value.Contains("-ConfirmReleased", StringComparison.Ordinal);
        return command.Groups["command"].Value switch
        {
            "Unlock-ClusterGroup" when state.Groups.ContainsKey(name) =>
                [new GroupRequest("advised", "someone", name, GroupOperation.Unfreeze)],
            "Stop-ClusterGroup" when state.Groups.ContainsKey(name) =>
            [new GroupRequest("advised", "someone", name, GroupOperation.Disable, ConfirmReleased: true)],
            "Start-ClusterGroup" when state.Groups.ContainsKey(name) =>
            [new GroupRequest("advised", "someone", name, GroupOperation.Enable, on, released)],
            "Move-ClusterGroup" when state.Groups.ContainsKey(name) =>
            [new GroupRequest("advised", "someone", name, GroupOperation.Relocate, on)],
            "Resume-ClusterNode" when state.Nodes.ContainsKey(name) => [new NodeRequest("advised", "someone", name, NodeOperation.Resume)],
            "Stop-ClusterNode" when state.Nodes.ContainsKey(name) => [new NodeRequest("advised", "someone", name, NodeOperation.Leave)],
            "Invoke-FenceNode" when state.Nodes.ContainsKey(name) =>
            [new NodeRequest("advised", "someone", name, NodeOperation.FenceReboot)],
            // Of a member it is advised for when it is lost.
            "Confirm-ClusterNodeDown" when state.Nodes.TryGetValue(name, out NodeState? at) && !at.Member =>
                [new NodeRequest("advised", "someone", name, NodeOperation.ConfirmDown)],
            "Resume-Cluster" => [new ArmingRequest("advised", "someone", Arms: true)],
            "Stop-ClusterOperation" => [new CancelRequest("advised", "someone", name)],
            _ => [],
        };
    }

    private static ClusterState Apply(ClusterState state, Request request) =>
        Cluster.Apply(state, state.Epoch, state.Index
            + 1,
            new EventEnvelope { Origin = state.Members.Keys.First(), Incarnation = state.Members.Values.First(), Time = state.Time,
                Event = request with { RequestId = $"{request.RequestId}{state.Index}" } });

    private static string? Refusal(ClusterState state, Request request)
    {
        ClusterState after = Apply(state, request);
        // What was begun and can't go on now for a reason that it tells was not refused.
        return after.Operations.GetValueOrDefault($"{request.RequestId}{state.Index}") is { Phase: OperationPhase.Failed } failed
            && !failed.Message.Contains(" runs nowhere: ", StringComparison.Ordinal)
            ? failed.Message
            : null;
    }

    // Resume-Cluster names nothing.
    [GeneratedRegex(
        @"(?<command>\bResume-Cluster\b)"
            + @"|(?<command>\b[A-Z][a-z]+-(Cluster(Group|Node|NodeDown|Operation)|FenceNode)) (?!for |first|to )"
            + @"(?<name>[\w:-]+)(?<switch> -ConfirmReleased)?( -Node (?<on>[\w-]+))?")]
    private static partial Regex Commands();
}
