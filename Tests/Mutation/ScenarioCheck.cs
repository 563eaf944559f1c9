using System.Text.Json;
using ClusterTools.Core;
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

    /// <summary>The state after every command, by whose it is: a group's, a node's, a fencing's or nobody's (<c>*</c>).</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, int>> Trace()
    {
        List<IReadOnlyDictionary<string, int>> trace = [];
        var runner = new ScenarioRunner(promises: false) { AfterCommand = state => trace.Add(Kept(state)) };
        ScenarioFile.Run(expected, runner);
        return trace;
    }

    private static Dictionary<string, int> Kept(ClusterState state)
    {
        ClusterState rest = state with
        {
            Groups = ClusterState.Empty.Groups, Nodes = ClusterState.Empty.Nodes, Fences = ClusterState.Empty.Fences,
            Journal = [], Touched = Touched.Nothing,
        };
        Dictionary<string, int> kept = new() { ["*"] = Hash(rest) };
        foreach (GroupState group in state.Groups.Values)
        {
            kept[group.Name] = Hash(group);
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            kept[node.Name] = Hash(node);
        }

        foreach (FenceState fence in state.Fences.Values)
        {
            kept[$"fence:{fence.Target}"] = Hash(fence);
        }

        return kept;
    }

    private static int Hash<T>(T part) => JsonSerializer.Serialize(part, CoreJson.Options).GetHashCode();
}
