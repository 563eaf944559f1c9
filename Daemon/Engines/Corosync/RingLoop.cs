using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Engines.Corosync.Storage;
using ClusterTools.Engines.Corosync.Wire;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// The one thread that talks to corosync and to the protocol: what comes from the ring, the disk, the consumer, the clock and callers goes
/// in, one after the other, and what the protocol wants done is done.
/// </summary>
internal sealed class RingLoop : IProcessGroupListener, IDisposable
{
    /// <summary>What libcpg keeps on the stack when it dispatches is a MiB alone.</summary>
    private const int StackSize = 4 * 1024 * 1024;

    /// <summary>Messages that are handled before anything else gets its turn.</summary>
    private const int MostAtOnce = 64;

    /// <summary>Bytes of frames that go out as one message.</summary>
    private const int MostTogether = 64 * 1024;

    private const int RetryInterval = 100;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly Troubles troubles;
    private readonly Protocol protocol;
    private readonly DiskWriter disk;
    private readonly DiskWatch quorumDisk;
    private readonly ArbiterWatch arbiter;
    private readonly WakeEvent wake = new();
    private readonly Lock gate = new();
    private readonly ConcurrentQueue<Action> tasks = new();
    private readonly Channel<EngineEvent> events = Channel.CreateUnbounded<EngineEvent>(new() { SingleReader = true });
    private readonly Dictionary<long, TaskCompletionSource<long>> outcomes = [];
    private readonly List<(long Asked, TaskCompletionSource<bool> Outcome)> confirming = [];
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Frame> outbox = new();
    private readonly Thread thread;
    private ProcessGroup? group;

    /// <summary>What the ring did not take yet.</summary>
    private byte[]? unsent;

    private Gathering gathering = new(default, 0);
    private Fragments fragments = new();
    private Peer self;
    private EngineTrouble? unavailable;
    private long handed;
    private long handled;
    private CorosyncEngineOptions options;
    private long told;
    private long stored;
    private long toldStored;
    private long proposals;
    private long committed;
    private long confirmed;
    private bool leavesRing;
    private volatile bool isConnected;
    private volatile bool stops;

    public RingLoop(CorosyncEngineOptions options, DiskLog log, StoredLog found, Troubles troubles)
    {
        this.options = options;
        this.troubles = troubles;
        committed = found.Committed;
        protocol = new Protocol(
            new ProtocolOptions
            {
                Self = options.Setup.Self,
                AnswerLimit = options.AnswerLimit,
                FormDelay = options.FormDelay,
                PresenceInterval = options.PresenceInterval,
            },
            found);
        disk = new DiskWriter(log, OnStored, () => Interlocked.Read(ref committed), options.BeforeWrite);
        quorumDisk = new DiskWatch(options.Setup.Self, protocol, troubles, Tell);
        arbiter = new ArbiterWatch(troubles, Tell);
        thread = new Thread(Run, StackSize) { Name = "corosync", IsBackground = true };
        thread.Start();
    }

    /// <summary>What the consumer is to be given.</summary>
    public ChannelReader<EngineEvent> Events => events.Reader;

    /// <summary>This life takes no part any more.</summary>
    public bool IsOver => over.Task.IsCompleted;

    /// <summary>Is done when nothing more will happen; fails with what made it end.</summary>
    public Task Ended => ended.Task;

    /// <summary>Why this life was declared lost; null: it was not.</summary>
    public string? LostReason { get; private set; }

    public long Confirmed => Interlocked.Read(ref confirmed);

    public EngineTrouble? Trouble => Volatile.Read(ref unavailable) ?? disk.Trouble;

    /// <summary>The consumer is done with one more event.</summary>
    public void Handled()
    {
        if (Interlocked.Increment(ref handled) == Interlocked.Read(ref handed))
        {
            wake.Set();
        }
    }

    /// <summary>Something is said to the protocol when its turn comes.</summary>
    public void Tell(Action<Protocol, long> tell)
    {
        tasks.Enqueue(() => tell(protocol, BootClock.Now));
        wake.Set();
    }

    /// <summary>Likewise; is done when it was said, or fails with what the protocol has against it.</summary>
    public Task TellAsync(Action<Protocol, long> tell)
    {
        TaskCompletionSource said = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell((of, now) =>
        {
            try
            {
                tell(of, now);
                said.SetResult();
            }
            catch (ArgumentException e)
            {
                said.SetException(e);
            }
        });
        return FirstAsync(said.Task, over.Task);

        static async Task FirstAsync(Task one, Task other)
        {
            Task first = await Task.WhenAny(one, other).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
    }

    /// <summary>Something is asked for; the answer is the index of what is committed.</summary>
    public Task<long> AskAsync(Action<Protocol, long, long> ask)
    {
        if (!isConnected)
        {
            return Task.FromException<long>(
                new NotQuorateException(
                    $"{options.Setup.Self.Node} is in no ring: {Trouble?.Why ?? "it is starting."} Nothing was changed."));
        }

        TaskCompletionSource<long> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell((of, now) =>
        {
            long number = ++proposals;
            outcomes.Add(number, outcome);
            ask(of, number, now);
        });
        if (over.Task.IsCompleted || stops)
        {
            outcome.TrySetException(NotHere());
        }

        return outcome.Task;
    }

    /// <summary>Whether this process is in an open view now; false: it was declared lost.</summary>
    public Task<bool> ConfirmAsync()
    {
        TaskCompletionSource<bool> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Tell((of, now) =>
        {
            confirming.Add((now, outcome));
            of.AskPresence(now);
        });
        if (over.Task.IsCompleted)
        {
            outcome.TrySetResult(false);
        }

        return outcome.Task;
    }

    /// <summary>Takes no part any more.</summary>
    public Task LeaveAsync()
    {
        if (isConnected)
        {
            Tell(static (of, now) => of.LeaveNow(now));
        }
        else
        {
            // There is nothing to leave, and the thread may be held by a corosync that is stopped.
            stops = true;
            Finish(null);
        }

        return over.Task;
    }

    public QuorumDiskStatus? Disk
    {
        get
        {
            lock (gate)
            {
                return quorumDisk.Status(BootClock.Now);
            }
        }
    }

    public void UseDisk(QuorumDiskSetup? setup) => Tell((_, now) => quorumDisk.Use(setup, now));

    public QuorumArbiterStatus? Arbiter
    {
        get
        {
            lock (gate)
            {
                return arbiter.Status;
            }
        }
    }

    public void UseArbiter(bool isUsed) => Tell((_, now) =>
    {
        arbiter.Use(isUsed);
        protocol.UseArbiter(isUsed, now);
    });

    /// <summary>The times of these from now on.</summary>
    public void UseTimes(CorosyncEngineOptions next) => Tell((_, _) =>
    {
        options = next;
        protocol.UseTimes(next.AnswerLimit, next.PresenceInterval);
    });

    public void SetScore(int score) => Tell((_, now) => quorumDisk.SetScore(score, now));

    public long? LastHeard(Member member)
    {
        lock (gate)
        {
            return protocol.LastHeard(member);
        }
    }

    public void OnMembers(IReadOnlyList<Peer> members)
    {
        fragments.Keep(members.ToHashSet());
        gathering.OnMembers(members, BootClock.Now);
        Say(new Frame.Here(NewWord(), gathering.Without));
    }

    public void OnBytes(Peer from, ReadOnlySpan<byte> bytes)
    {
        try
        {
            // Not corosync's memory any more from here on: what is taken out of it needs no copy of its own.
            Frame frame = Frame.Decode(bytes.ToArray());
            foreach (Frame each in frame is Frame.Several several ? several.Frames : [frame])
            {
                OnFrame(from, each);
            }
        }
        catch (InvalidDataException e) when (from != self)
        {
            Refuse(from, e.Message);
        }
    }

    private void OnFrame(Peer from, Frame frame)
    {
        RingId? ring = null;
        switch (frame)
        {
            case Frame.Here here:
                ring = gathering.OnHere(from, here.Word, here.Without);
                break;
            case Frame.LeftOut left:
                ring = gathering.OnWithout(left.Peer);
                break;
            case Frame.Part part when fragments.Add(from, part) is { } whole:
                protocol.OnMessage(from, MessageCodec.Decode(whole), BootClock.Now);
                break;
        }

        if (gathering.IsLeftOut)
        {
            protocol.GiveUp("its daemon did not say that it was there", BootClock.Now);
        }
        else if (ring is { } name)
        {
            protocol.OnRing(name, self, [.. gathering.Awaited], BootClock.Now);
        }
    }

    /// <summary>Whoever speaks what is none of ours, all of us hear alike, and go on without it.</summary>
    private void Refuse(Peer from, string why)
    {
        if (gathering.Awaited.Contains(from))
        {
            troubles.Say(
                $"stranger {from}",
                $"Process {from.Process} of corosync's node {from.Node} has said something in the group '{options.Group}' that is not "
                    + $"understood here: {why} It is gone on without. Look what it is; all nodes need the same version of clusterd.",
                BootClock.Now);
            Say(new Frame.LeftOut(from));
        }
    }

    public void Dispose()
    {
        stops = true;
        wake.Set();
        if (thread.Join(EndLimit))
        {
            wake.Dispose();
        }
        else
        {
            // A corosync that is stopped holds the thread; whoever waits for this life, and a new one that wants the disk, can't.
            Finish(null);
        }
    }

    private static UInt128 NewWord()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt128(bytes);
    }

    private NotQuorateException NotHere() => new($"{options.Setup.Self.Node} takes no part in the cluster any more. Nothing was changed.");

    private void OnStored(long number)
    {
        Interlocked.Exchange(ref stored, number);
        wake.Set();
    }

    private void Run()
    {
        try
        {
            options.OnThread?.Invoke();
            Do();
            while (!stops && !IsOver)
            {
                Turn();
                int wait = Wait();
                if (wait != 0)
                {
                    wake.Wait(group?.Descriptor, wait);
                }
            }

            End(null);
        }
        catch (Exception e)
        {
            // Whatever it is, this life can't go on, and its owner has to learn why.
            End(e as LogLostException ?? (Exception)new EngineFailedException(e.Message, e));
        }
    }

    private void Turn()
    {
        try
        {
            Connect();
            lock (gate)
            {
                Hear();
                TellWhatHasHappened();
            }

            Send();
        }
        catch (RingUnavailableException e)
        {
            Disconnect(e.Message);
        }
    }

    private void Connect()
    {
        if (group is not null)
        {
            return;
        }

        // A corosync that is stopped blocks this: nobody else may wait for it.
        group = ProcessGroup.Join(options.Group, this);
        self = group.Self;
        arbiter.Node = self.Node;
        gathering = new Gathering(self, options.AnswerLimit);
        fragments = new Fragments();
        isConnected = true;
        Volatile.Write(ref unavailable, null);
        troubles.End("corosync", "Corosync answers again.");
    }

    private void Disconnect(string why)
    {
        ProcessGroup? gone = group;
        isConnected = false;
        lock (gate)
        {
            group = null;
            outbox.Clear();
            unsent = null;
            gathering = new Gathering(self, options.AnswerLimit);
            if (unavailable is null)
            {
                Volatile.Write(ref unavailable, new EngineTrouble(BootClock.Now, why));
            }

            troubles.Say("corosync", why, BootClock.Now);
            protocol.OnApart(BootClock.Now);
            TellWhatHasHappened();
        }

        // Likewise, so it comes last.
        gone?.Dispose();
    }

    private void Hear()
    {
        for (int i = 0; i < MostAtOnce && group!.Dispatch(); i++)
        {
            Do();
        }
    }

    private void TellWhatHasHappened()
    {
        // Read before the tasks: what the consumer has asked for while it handled something (Bar) is known before that counts as handled.
        long done = Interlocked.Read(ref handled);
        while (tasks.TryDequeue(out Action? task))
        {
            task();
        }

        long now = BootClock.Now;
        long onDisk = Interlocked.Read(ref stored);
        if (onDisk > toldStored)
        {
            toldStored = onDisk;
            protocol.OnStored(onDisk, now);
        }

        if (done > told)
        {
            told = done;
            protocol.OnHandled(done, now);
        }

        foreach (Peer late in gathering.OnTime(now))
        {
            Say(new Frame.LeftOut(late));
        }

        protocol.OnTime(now);
        Do();
        quorumDisk.Tell(now);
    }

    private void Do()
    {
        foreach (Deed deed in protocol.TakeDeeds())
        {
            Do(deed);
        }

        Interlocked.Exchange(ref committed, protocol.Commit);
        Interlocked.Exchange(ref confirmed, protocol.Confirmed);
        foreach ((long asked, TaskCompletionSource<bool> outcome) in confirming)
        {
            if (protocol.Confirmed >= asked)
            {
                outcome.TrySetResult(true);
            }
        }

        confirming.RemoveAll(c => c.Outcome.Task.IsCompleted);
    }

    private void Do(Deed deed)
    {
        switch (deed)
        {
            case Multicast said:
                foreach (Frame.Part part in fragments.Cut(MessageCodec.Encode(said.Message)))
                {
                    Say(part);
                }

                break;
            case DiskWrite write:
                disk.Write(write);
                break;
            case WriteMark mark:
                quorumDisk.Write(mark);
                break;
            case AskArbiter question:
                arbiter.Ask(question);
                break;
            case Deliver given:
                Interlocked.Increment(ref handed);
                events.Writer.TryWrite(given.Event);
                break;
            case ProposalCommitted done when outcomes.Remove(done.Number, out var outcome):
                outcome.TrySetResult(done.Index);
                break;
            case ProposalFailed failed when outcomes.Remove(failed.Number, out var outcome):
                outcome.TrySetException(failed.Error);
                break;
            case LeaveRing:
                leavesRing = true;
                break;
            case EndLife end:
                LostReason = end.Reason is { } reason ? $"{options.Setup.Self.Node} was declared lost: {reason}." : null;
                over.TrySetResult();
                break;
            case LogDiffers differs:
                throw new LogLostException(differs.Reason);
        }
    }

    private void Say(Frame frame) => outbox.Enqueue(frame);

    private void Send()
    {
        if (leavesRing)
        {
            leavesRing = false;
            Disconnect("Nothing comes back from corosync. Look whether it runs and is not stopped (systemctl status corosync).");
            return;
        }

        while (group is not null && (unsent ??= NextToSend()) is { } bytes && group.TrySend(bytes))
        {
            unsent = null;
        }
    }

    /// <summary>What waits goes out together: a message of the group costs the same for little and for much.</summary>
    private byte[]? NextToSend()
    {
        List<Frame> taken = [];
        int size = 0;
        while (outbox.TryPeek(out Frame? next) && (taken.Count == 0 || size + next.Size <= MostTogether))
        {
            size += next.Size;
            taken.Add(outbox.Dequeue());
        }

        return taken.Count switch { 0 => null, 1 => taken[0].Encode(), _ => new Frame.Several(taken).Encode() };
    }

    /// <summary>How long there is nothing to do, in milliseconds.</summary>
    private int Wait()
    {
        if (group is null)
        {
            return RetryInterval;
        }

        if (unsent is not null)
        {
            return 1;
        }

        long? due = new[] { protocol.Due, gathering.Due }.Min();
        return due is { } time ? (int)Math.Clamp(time - BootClock.Now, 0, 60_000) : -1;
    }

    private void End(Exception? error)
    {
        Finish(error);
        group?.Dispose();
        group = null;
    }

    /// <summary>Everybody who waits for something is told that nothing more will come.</summary>
    private void Finish(Exception? error)
    {
        lock (gate)
        {
            Release();
        }

        events.Writer.TryComplete();
        if (error is null)
        {
            ended.TrySetResult();
        }
        else
        {
            ended.TrySetException(error);
        }

        disk.Dispose();
        quorumDisk.Dispose();
        arbiter.Dispose();
    }

    private void Release()
    {
        over.TrySetResult();
        while (tasks.TryDequeue(out Action? task))
        {
            task();
        }

        foreach (TaskCompletionSource<long> outcome in outcomes.Values)
        {
            outcome.TrySetException(new UnknownOutcomeException("The daemon ended while the entry was under way."));
        }

        foreach ((_, TaskCompletionSource<bool> outcome) in confirming)
        {
            outcome.TrySetResult(false);
        }
    }
}
