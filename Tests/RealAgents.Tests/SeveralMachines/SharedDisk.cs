using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// A disk that all machines have and that keeps who wrote in which order. It stands outside of the cluster: what it holds does not depend
/// on what any daemon says.
/// </summary>
internal sealed class SharedDisk(string path)
{
    public string Path => path;

    /// <summary>A group that writes to it.</summary>
    /// <param name="name">The group's.</param>
    public GroupConfiguration WrittenBy(string name) => WrittenBy(name, $"/usr/local/sbin/writer {path}");

    /// <summary>A group that writes to such a disk.</summary>
    /// <param name="name">The group's.</param>
    /// <param name="program">What writes, with its arguments.</param>
    public static GroupConfiguration WrittenBy(string name, string program) => new()
    {
        Name = name,
        // What fails round and round of many faults is not to be given up.
        MaxFailures = 0,
        Resources =
        [
            new ResourceConfiguration
            {
                Id = "exec:writer", Type = "exec", Agent = $"exec:{program}",
                Parameters = ClusterConfiguration.Sorted<string>().Add("mode", "async"),
            },
        ],
    };

    /// <summary>The writers in their order, each as often as it took turns: each once, if there was never more than one.</summary>
    public IReadOnlyList<string> Turns()
    {
        List<string> turns = [];
        foreach (string line in Lines())
        {
            if (turns.Count == 0 || turns[^1] != line)
            {
                turns.Add(line);
            }
        }

        return turns;
    }

    /// <summary>How many lines there are.</summary>
    public int Length => Lines().Count();

    /// <summary>The machine that wrote last; null: nobody wrote yet.</summary>
    public string? Writer => Turns() is [.., var last] ? last.Split('.')[0] : null;

    /// <summary>Writers that wrote again after another one had begun.</summary>
    public IEnumerable<string> Doubles() => Turns().GroupBy(static t => t).Where(static g => g.Count() > 1).Select(static g => g.Key);

    // The last line may be half written.
    private IEnumerable<string> Lines() =>
        File.Exists(path) ? File.ReadAllText(path) is var all && all.LastIndexOf('\n') is >= 0 and var end
            ? all[..end].Split('\n') : [] : [];
}
