using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>Holds fence agents when they are to cut a machine off, until it is opened (the agent fence_held).</summary>
internal sealed class Gate(Workshop workshop)
{
    private readonly string folder = workshop.Folder("gate");

    /// <summary>A device that is held.</summary>
    /// <param name="device">What it is.</param>
    /// <param name="agent">Its agent's file, on the machines.</param>
    public FenceDevice Before(FenceDevice device, string agent) => device with
    {
        Agent = "fence_held", Parameters = device.Parameters.Add("agent", agent).Add("gate", folder),
    };

    /// <summary>On which machines an agent waits that is to cut this one off.</summary>
    public string[] Waiting(string target) =>
        [.. Directory.EnumerateFiles(folder, target + ".*").Select(static file => Path.GetExtension(file)[1..])];

    /// <summary>Nobody waits any more.</summary>
    public void Open() => File.WriteAllText(Path.Combine(folder, "open"), "");

    /// <summary>Who comes now waits.</summary>
    public void Close()
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.Delete(file);
        }
    }
}
