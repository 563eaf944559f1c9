namespace ClusterTools.Core.Configuration;

/// <summary>Why an edit can't be made.</summary>
public enum EditRefusal
{
    /// <summary>Something that it names is not there.</summary>
    NotFound,

    /// <summary>Its name is taken.</summary>
    AlreadyExists,

    /// <summary>Something else needs it.</summary>
    InUse,

    /// <summary>What it asks for makes no sense.</summary>
    Invalid,
}
