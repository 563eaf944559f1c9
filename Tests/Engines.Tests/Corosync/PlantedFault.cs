namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>Something that a node does wrong on purpose, so that it is seen that the checkers notice it.</summary>
public enum PlantedFault
{
    None,

    /// <summary>It says that something is on its disk before it is.</summary>
    SaysStoredTooEarly,

    /// <summary>It commits before the last member has said that it has stored.</summary>
    CommitsBeforeTheLast,

    /// <summary>It opens an epoch though it has promised another node that none of that number will be opened any more.</summary>
    ReusesEpochs,

    /// <summary>It does not take back on its disk what was never committed.</summary>
    KeepsTheTail,

    /// <summary>It says that it has taken part though its disk is new.</summary>
    HidesThatItsDiskIsNew,

    /// <summary>Who joins is given no snapshot.</summary>
    SendsNoSnapshot,

    /// <summary>It commits by the quorum disk without looking whether somebody else has claimed it meanwhile.</summary>
    DoesNotReadTheDiskBack,

    /// <summary>It forms by the quorum disk though that tells of what its log does not have.</summary>
    FormsThoughOlder,

    /// <summary>It uses the votes that are under way alone, without those that are in force.</summary>
    ForgetsTheVotesBefore,
}
