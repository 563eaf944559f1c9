namespace ClusterTools.Core.Configuration;

/// <summary>What is done with the subject of an edit.</summary>
public enum EditAction
{
    /// <summary>What is given is changed, the rest stays.</summary>
    Set,

    /// <summary>It is made; what is not given is as it is by default.</summary>
    Add,

    /// <summary>It is taken out.</summary>
    Remove,
}
