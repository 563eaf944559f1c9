namespace ClusterTools.Engines.Corosync.Native;

/// <summary>What corosync's libraries answer (cs_error_t in corosync/corotypes.h); the ones that are met.</summary>
internal enum CorosyncResult
{
    Ok = 1,
    Library = 2,
    TryAgain = 6,
    BadHandle = 9,
    Access = 11,
    NotExist = 12,
    Exist = 14,
    NotSupported = 20,
}
