using System.Collections.Frozen;
using System.Threading.Channels;

namespace ClusterTools.Engines.Local;

/// <summary>What this life of the node knows about itself; shared by its threads.</summary>
internal sealed class Standing(Member self)
{
    private readonly Lock gate = new();
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
    });
    private long lastConfirmed;
    private long handled;
    private long handledGeneration;
    private long progress;
    private long mayJudgeFrom;
    private long joinedAt = long.MaxValue;
    private bool idle;
    private volatile bool isMember;
    private volatile IReadOnlySet<string> barred = FrozenSet<string>.Empty;
    private volatile IReadOnlyDictionary<string, long> lifted = FrozenDictionary<string, long>.Empty;
    private volatile string? lostReason;
    private volatile bool left;

    public Member Self { get; } = self;

    /// <summary>When this node last saw itself in the view.</summary>
    public long LastConfirmed => Interlocked.Read(ref lastConfirmed);

    /// <summary>The last index whose event the consumer is done with.</summary>
    public long Handled => Interlocked.Read(ref handled);

    /// <summary>The last unlogged view, by generation, that the consumer is done with.</summary>
    public long HandledGeneration => Interlocked.Read(ref handledGeneration);

    public bool IsMember => isMember;

    /// <summary>Nodes that are being fenced.</summary>
    public IReadOnlySet<string> Barred => barred;

    /// <summary>When the bar of nodes that were fenced was lifted (<see cref="BootClock"/> milliseconds).</summary>
    public IReadOnlyDictionary<string, long> Lifted => lifted;

    /// <summary>Other nodes are being fenced from now on.</summary>
    public void Bar(IReadOnlySet<string> nodes, long now)
    {
        Dictionary<string, long> ended = new(lifted, StringComparer.Ordinal);
        foreach (string node in barred.Where(node => !nodes.Contains(node)))
        {
            ended[node] = now;
        }

        // First when, then that: nobody sees a bar that is over without knowing since when.
        lifted = ended;
        barred = nodes.ToHashSet();
    }

    /// <summary>Why this life is over; null: it is not.</summary>
    public string? LostReason => lostReason;

    public bool HasLeft => left;

    public bool IsOver => left || lostReason is not null;

    public bool MayJudge(long now) => now >= Interlocked.Read(ref mayJudgeFrom);

    /// <summary>This node was itself away for a while: those who were stopped with it get time to be heard again.</summary>
    public void PostponeJudgement(long until)
    {
        lock (gate)
        {
            mayJudgeFrom = Math.Max(mayJudgeFrom, until);
        }
    }

    /// <summary>Takes note of what the database says about this node, read no earlier than a time.</summary>
    public void See(long? memberIncarnation, long? joinerIncarnation, long readAt)
    {
        if (memberIncarnation == Self.Incarnation)
        {
            lock (gate)
            {
                if (!isMember)
                {
                    isMember = true;

                    // The consumer's limit begins with membership, not with the join.
                    progress = readAt;
                }

                lastConfirmed = Math.Max(lastConfirmed, readAt);
            }
        }
        else if (joinerIncarnation != Self.Incarnation && readAt > Interlocked.Read(ref joinedAt))
        {
            Lose(
                memberIncarnation > Self.Incarnation || joinerIncarnation > Self.Incarnation
                    ? $"A later daemon of {Self.Node} took the place of this one."
                    : $"{Self.Node} was declared lost by the others: it was silent for longer than the token time.");
        }
    }

    public void See(StoredState state, long readAt) => See(
        state.HasMember(Self) ? Self.Incarnation : Other(state.Members),
        state.HasJoiner(Self) ? Self.Incarnation : Other(state.Joiners),
        readAt);

    public void Lose(string reason)
    {
        if (!left && Interlocked.CompareExchange(ref lostReason, reason, null) is null)
        {
            isMember = false;
            Notify();
        }
    }

    public void Leave()
    {
        left = true;
        isMember = false;
        Notify();
    }

    /// <summary>The wish to join is in the database: from now on this life is there, or is over.</summary>
    public void Join() => Interlocked.Exchange(ref joinedAt, BootClock.Now);

    public void Handle(long index) => Interlocked.Exchange(ref handled, index);

    public void HandleGeneration(long generation) => Interlocked.Exchange(ref handledGeneration, generation);

    /// <summary>The consumer took an event or came back for the next.</summary>
    public void MakeProgress() => Interlocked.Exchange(ref progress, BootClock.Now);

    /// <summary>There may be something to deliver; from now on the consumer's limit counts.</summary>
    public void Notify()
    {
        lock (gate)
        {
            if (idle)
            {
                idle = false;
                progress = BootClock.Now;
            }

            news.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits for the next <see cref="Notify"/>; a consumer that waits here is not hung.</summary>
    public async ValueTask AwaitNewsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (news.Reader.TryRead(out _))
            {
                return;
            }

            idle = true;
        }

        try
        {
            await news.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
            {
                idle = false;
                progress = BootClock.Now;
            }
        }
    }

    /// <summary>For how long (ms) the consumer has made no progress though there may be something to take.</summary>
    public long StuckFor(long now)
    {
        lock (gate)
        {
            return idle ? 0 : Math.Max(0, now - progress);
        }
    }

    private long? Other(IReadOnlyList<Seat> seats)
    {
        foreach (Seat seat in seats)
        {
            if (seat.Node == Self.Node)
            {
                return seat.Incarnation;
            }
        }

        return null;
    }
}
