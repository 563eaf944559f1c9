namespace ClusterTools.Core.Configuration;

public enum AccessRole
{
    /// <summary>Reads everything but secrets.</summary>
    Viewer,

    /// <summary>Also runs group and node operations.</summary>
    Operator,

    /// <summary>Also changes the configuration and confirms nodes down.</summary>
    Administrator,
}
