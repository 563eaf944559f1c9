namespace ClusterTools.Core.Configuration;

/// <summary>How large a configuration may be. Beyond these it is refused with an error that names the limit.</summary>
public static class ConfigurationLimits
{
    /// <summary>Bytes of a configuration file, 16 MiB; checked before anything is parsed.</summary>
    public const int FileBytes = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes of a configuration when it is written into the log or as a file (<see cref="ConfigurationSize"/>): what was accepted must fit,
    /// with the request around it.
    /// </summary>
    public const int EncodedBytes = FileBytes - (64 * 1024);

    public const int Nodes = 1024;

    public const int FenceDevices = 4096;

    public const int FenceMethodsPerNode = 64;

    /// <summary>Networks that link the nodes; as many as corosync's transport has.</summary>
    public const int LinksPerNode = 8;

    public const int StepsPerFenceMethod = 64;

    public const int FailoverDomains = 20_000;

    public const int Groups = 20_000;

    public const int ResourcesPerGroup = 1000;

    /// <summary>Resources in all groups together.</summary>
    public const int Resources = 250_000;

    /// <summary>Levels of a resource tree.</summary>
    public const int ResourceTreeDepth = 64;

    /// <summary>Parameters of one resource, fence device or fence step.</summary>
    public const int Parameters = 256;

    /// <summary>Characters of a parameter's value.</summary>
    public const int ParameterValueLength = 32_768;

    /// <summary>Characters of a path or a command line.</summary>
    public const int PathLength = 1024;

    public const int QuorumHeuristics = 10;

    /// <summary>Nodes that have room on a quorum disk: the highest id.</summary>
    public const int QuorumDiskSlots = 64;

    /// <summary>Characters of a name.</summary>
    public const int NameLength = 255;

    public const int DependenciesPerGroup = 100;

    public const int EventScripts = 64;

    /// <summary>Kinds of events that one script is told of.</summary>
    public const int EventsPerScript = 100;

    public const int StatusChecksPerResource = 16;

    public const int AccessGrants = 10_000;

    /// <summary>
    /// Levels of objects and arrays in the JSON form: two for each level of a resource tree, with room for a snapshot around it.
    /// </summary>
    internal const int JsonDepth = 256;
}
