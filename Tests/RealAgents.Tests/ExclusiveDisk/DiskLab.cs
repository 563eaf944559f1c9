using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.ExclusiveDisk;

/// <summary>A lab whose group is a lock on a shared disk, a file system on that disk below it, and an init script below that.</summary>
internal sealed class DiskLab : NamespaceLab
{
    public const string Group = "files";

    private DiskLab(Workshop workshop, SharedDisk disk)
        : base(workshop, Group, "disk-node.sh", disk.Environment)
    {
    }

    /// <summary>Starts the lab, and the group when all nodes are online.</summary>
    /// <param name="workshop">Where all of it is kept.</param>
    /// <param name="locks">Where the lock is.</param>
    /// <param name="data">Where the file system is.</param>
    public static async Task<DiskLab> StartAsync(Workshop workshop, SharedDisk locks, string data)
    {
        var lab = new DiskLab(workshop, locks);
        await lab.RunAsync(new GroupConfiguration
        {
            Name = Group,
            Resources =
            [
                new ResourceConfiguration
                {
                    Id = "sfex:disk",
                    Type = "sfex",
                    Agent = SharedDisk.Agent,
                    Parameters = locks.Parameters,
                    MonitorInterval = 1000,
                    Children =
                    [
                        new ResourceConfiguration
                        {
                            Id = "fs:data",
                            Type = "fs",
                            Agent = "ocf:heartbeat:Filesystem",
                            Parameters = ClusterConfiguration.Sorted<string>().Add("device", data).Add("directory", workshop["shared"])
                            .Add("fstype", "ext4"),
                            Children =
                            [new ResourceConfiguration { Id = "script:notes", Type = "script", Agent = $"lsb:{workshop["notes.sh"]}" }],
                        },
                    ],
                },
            ],
        });
        return lab;
    }
}
