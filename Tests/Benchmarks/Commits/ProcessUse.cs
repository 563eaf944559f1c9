using System.Diagnostics;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>What a process has used until now.</summary>
/// <param name="Name">Of its program.</param>
/// <param name="Memory">MiB resident.</param>
/// <param name="Processor">Time.</param>
internal sealed record ProcessUse(string Name, double Memory, TimeSpan Processor)
{
    public static ProcessUse Of(int id)
    {
        using Process process = Process.GetProcessById(id);
        return new ProcessUse(process.ProcessName, process.WorkingSet64 / 1048576.0, process.TotalProcessorTime);
    }
}
