using System.Diagnostics;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.Lab;
using ClusterTools.Node;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>clusterd on machines of a network.</summary>
internal static class DaemonMachines
{
    /// <summary>Writes what the daemons begin with.</summary>
    /// <param name="network">The machines.</param>
    /// <param name="names">Of the machines.</param>
    /// <param name="configuration">Of the cluster.</param>
    /// <param name="administrator">The administrator's folder.</param>
    /// <param name="state">Each one's state folder, as this process sees it.</param>
    public static void Write(
        CorosyncNetwork network, IReadOnlyList<string> names, ClusterConfiguration configuration, string administrator,
        Func<string, string> state) => new ClusterInitialization
        {
            Configuration = configuration,
            AdministratorFolder = administrator,
            Nodes =
            [
                .. names.Select(name => new NewNode(
                    state(name),
                    new NodeSettings
                    {
                        Node = name,
                        Cluster = configuration.Name,
                        Engine = NodeEngine.Corosync,
                        EngineFolder = "engine",
                        Token = configuration.Timing.Token,
                        Listen = [$"https://{network.Address(name)}:7450"],
                    },
                    [network.Address(name)])),
            ],
        }.Write();

    /// <summary>A daemon as it is run on a machine.</summary>
    /// <param name="network">The machines.</param>
    /// <param name="name">Of the machine.</param>
    /// <param name="program">clusterd.</param>
    /// <param name="state">Its state folder, as the machine sees it.</param>
    /// <param name="log">Where it says what it does.</param>
    public static ProcessStartInfo Run(CorosyncNetwork network, string name, string program, string state, string log)
    {
        ProcessStartInfo start =
            network.On(name, "/bin/sh", "-c", "exec \"$0\" run --state \"$1\" >>\"$2\" 2>&1", program, state, log);
        // Its sockets in the folder for temporary files would outlive it.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }
}
