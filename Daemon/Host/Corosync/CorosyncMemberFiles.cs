using ClusterTools.Api;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Node;

namespace ClusterTools.Host.Corosync;

/// <summary>What a machine that joins gets from this one.</summary>
internal sealed class CorosyncMemberFiles(NodeSettings settings) : IMemberFiles
{
    public MemberFiles Read(ClusterConfiguration configuration)
    {
        CorosyncSettings present = CorosyncMachine.ReadSettings();
        return new MemberFiles(
            CorosyncFile.Write(CorosyncPlan.Of(configuration, present)), CorosyncFiles.ReadKey(present.KeyFile).Bytes,
            configuration.Timing.Token, new Uri(settings.Listen[0]).Port);
    }
}
