namespace ClusterTools.Agents;

/// <summary>A program that <see cref="ProcessRunner"/> has started.</summary>
public abstract class ChildProcess
{
    private protected ChildProcess()
    {
    }

    /// <summary>Its process; its pid is also the id of its process group and session (Linux).</summary>
    public ProcessIdentity Identity { get; private protected set; }

    /// <summary>Completes when the program has ended; never faults.</summary>
    public abstract Task<ProcessOutcome> Completion { get; }
}
