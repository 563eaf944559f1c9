namespace ClusterTools.Core.Configuration;

public enum FenceAction
{
    Reboot,
    Off,
    On,
}
