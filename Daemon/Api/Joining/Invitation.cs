using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <summary>A machine that may join.</summary>
internal sealed class Invitation
{
    private readonly Lock gate = new();
    private JoinProgress progress = new() { Phase = JoinPhase.Invited, Message = "The machine has not asked yet." };
    private bool used;

    /// <summary>The node that it will be.</summary>
    public required string Node { get; init; }

    /// <summary>As it was asked for.</summary>
    public required NodeInvitationRequest Request { get; init; }

    /// <summary>Who has invited it, for the journal.</summary>
    public required string Who { get; init; }

    /// <summary>When it is over, by this process's own clock (<see cref="Environment.TickCount64"/>).</summary>
    public required long Expires { get; init; }

    public JoinProgress Progress
    {
        get
        {
            lock (gate)
            {
                return progress;
            }
        }
    }

    /// <summary>Takes it: nobody else can from now on.</summary>
    public bool TryUse()
    {
        lock (gate)
        {
            return !used && (used = true);
        }
    }

    /// <summary>Nothing came of it; it can be used still.</summary>
    public void GiveBack()
    {
        lock (gate)
        {
            used = false;
        }
    }

    public void Say(JoinPhase phase, string message)
    {
        lock (gate)
        {
            progress = new JoinProgress { Phase = phase, Message = message };
        }
    }
}
