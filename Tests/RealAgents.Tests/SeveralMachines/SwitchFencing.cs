using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>Fencing by the power switch of machines in namespaces, as a configuration has it.</summary>
internal static class SwitchFencing
{
    /// <summary>The switch as a fence device.</summary>
    /// <param name="agent">Who asks it.</param>
    /// <param name="folder">Through which it is asked.</param>
    public static FenceDevice Device(string agent, string folder) => new()
    {
        Name = "switch", Agent = agent, Parameters = ClusterConfiguration.Sorted<string>().Add("switch", folder),
    };

    /// <summary>A machine's plug, as a fence method.</summary>
    public static FenceMethod Plug(FenceDevice power, string name, FenceAction action = FenceAction.Reboot) => new()
    {
        Name = "power",
        Steps =
        [
            new FenceStep
            {
                Device = power.Name, Action = action, Parameters = ClusterConfiguration.Sorted<string>().Add("plug", name),
            },
        ],
    };
}
