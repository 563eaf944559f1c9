using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// A guest on its way between two hypervisors. They carry it out by themselves: it goes on when the daemon that asked for it dies.
/// </summary>
internal sealed class Migration(Daemon asked, MigrationAction action, Machine to)
{
    /// <summary>Who asked for it, and is told what came of it.</summary>
    public Daemon Asked { get; } = asked;

    public MigrationAction Action { get; } = action;

    public string Group => Action.Group;

    public Machine From => Asked.Machine;

    public Machine To { get; } = to;

    public long ToBoot { get; } = to.Boot;

    /// <summary>When it is given up.</summary>
    public required long Limit { get; init; }

    /// <summary>It will not come to the last step.</summary>
    public required bool Fails { get; init; }

    /// <summary>The answer says failed though it has moved.</summary>
    public bool Lies { get; set; }

    /// <summary>The last step was taken: it runs there, and here no more.</summary>
    public bool Moved { get; set; }

    public bool Over { get; set; }
}
