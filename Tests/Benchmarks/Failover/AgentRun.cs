using System.Globalization;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>When an agent ran, by its own word.</summary>
internal sealed record AgentRun(string Agent, string Action, double Begin, double End)
{
    /// <summary>All that ran on a machine since it came up.</summary>
    /// <param name="root">The machine's files.</param>
    public static IEnumerable<AgentRun> Read(string root)
    {
        string path = root + "/run/bench-times";
        return File.Exists(path) ? File.ReadLines(path).Select(Parse) : [];
    }

    private static AgentRun Parse(string line)
    {
        string[] words = line.Split(' ');
        return new AgentRun(words[0], words[1], Milliseconds(words[2]), Milliseconds(words[3]));
    }

    private static double Milliseconds(string seconds) => double.Parse(seconds, CultureInfo.InvariantCulture) * 1000;
}
