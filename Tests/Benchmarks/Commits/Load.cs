using System.Diagnostics;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>Programs that keep this machine's processors and its disk busy, twice as many as there are processors of either kind.</summary>
internal sealed class Load : IDisposable
{
    private const string Write = "while dd if=/dev/zero of=\"$0\" bs=1M count=128 conv=fsync status=none; do :; done";

    private readonly List<Process> all = [];

    /// <param name="folder">What is written to the disk goes there.</param>
    public Load(string folder)
    {
        for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            all.Add(Process.Start("/bin/sh", ["-c", "while :; do :; done"]));
            all.Add(Process.Start("/bin/sh", ["-c", Write, $"{folder}/load{i}"]));
        }
    }

    public void Dispose()
    {
        foreach (Process one in all)
        {
            one.Kill(entireProcessTree: true);
            one.WaitForExit();
            one.Dispose();
        }
    }
}
