using System.Globalization;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>What a machine has used until now.</summary>
/// <param name="Daemon">Its clusterd.</param>
/// <param name="Corosync">Its corosync.</param>
/// <param name="Sent">Bytes on its cable.</param>
internal sealed record MachineUse(ProcessUse Daemon, ProcessUse Corosync, long Sent)
{
    public static MachineUse Of(CorosyncNetwork network, string name)
    {
        string root = network.Root(name);
        string init = Path.GetDirectoryName(root)!;
        string? space = Namespace(init);
        ProcessUse[] all =
        [
            .. Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0]) && Namespace(f) == space)
                .Select(f => ProcessUse.Of(int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture))),
        ];
        string[] cable = File.ReadLines(init + "/net/dev").Single(l => l.TrimStart().StartsWith("eth0:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new MachineUse(
            all.Single(p => p.Name == "clusterd"), all.Single(p => p.Name == "corosync"),
            long.Parse(cable[9], CultureInfo.InvariantCulture));
    }

    private static string? Namespace(string process)
    {
        try
        {
            return new FileInfo(process + "/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }
}
