using ClusterTools.Engines.Corosync.Native;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// Reads what the arbiter says, every second and whenever it is asked to, on a thread of its own: a corosync that is stopped holds up
/// nobody else. The arbiter itself is asked by corosync-qdevice(8), and by nobody here.
/// </summary>
internal sealed class ArbiterWatch(Troubles troubles, Action<Action<Protocol, long>> tell) : IDisposable
{
    private const int Interval = 1_000;

    /// <summary>A word that is older than this is none.</summary>
    private const int Stale = 5_000;

    /// <summary>For so long it may take at first until it says something.</summary>
    private const int Patience = 30_000;

    private Reading? reading;
    private uint node;

    /// <summary>This node, as corosync names it; 0: that is not known yet.</summary>
    public uint Node
    {
        set
        {
            node = value;
            reading?.Node = value;
        }
    }

    /// <summary>As it was heard last; null: there is no arbiter.</summary>
    public QuorumArbiterStatus? Status => reading?.Status;

    /// <summary>Whether there is one from now on.</summary>
    public void Use(bool isUsed)
    {
        if (isUsed != reading is not null)
        {
            reading?.Dispose();
            reading = isUsed ? new Reading(troubles, tell) { Node = node } : null;
        }
    }

    /// <summary>What it says is to be read now.</summary>
    /// <param name="question">Is told with the answer.</param>
    public void Ask(AskArbiter question) => reading?.Ask(question.Number);

    public void Dispose() => Use(false);

    private sealed class Reading : IDisposable
    {
        private readonly Troubles troubles;
        private readonly Action<Action<Protocol, long>> tell;
        private readonly long since = BootClock.Now;
        private readonly ManualResetEventSlim news = new(true);
        private readonly Lock gate = new();
        private long question;
        private volatile uint node;
        private (QuorumArbiterStatus Status, long At)? heard;
        private ulong handle;
        private bool hasVoted;
        private volatile bool ends;

        public Reading(Troubles troubles, Action<Action<Protocol, long>> tell)
        {
            (this.troubles, this.tell) = (troubles, tell);
            new Thread(Run) { Name = "arbiter", IsBackground = true }.Start();
        }

        public uint Node
        {
            set => node = value;
        }

        public QuorumArbiterStatus Status
        {
            get
            {
                lock (gate)
                {
                    return heard is { } last && BootClock.Now - last.At < Stale ? last.Status : new QuorumArbiterStatus(
                        ArbiterWord.Unknown, "Corosync does not say what the arbiter says. Look whether it runs.");
                }
            }
        }

        public void Ask(long number)
        {
            Interlocked.Exchange(ref question, number);
            news.Set();
        }

        // The thread may be held by a corosync that is stopped: nobody waits for it.
        public void Dispose()
        {
            ends = true;
            news.Set();
        }

        private void Run()
        {
            while (true)
            {
                news.Wait(Interval);
                news.Reset();
                if (ends)
                {
                    break;
                }

                long number = Interlocked.Read(ref question);
                if (node != 0)
                {
                    QuorumArbiterStatus said = Read();
                    lock (gate)
                    {
                        heard = (said, BootClock.Now);
                    }

                    tell((of, now) => of.OnArbiter(number, said.Word, now));
                    TellPeople(said);
                }
            }

            Close();
            news.Dispose();
        }

        private void TellPeople(QuorumArbiterStatus said)
        {
            long now = BootClock.Now;
            if (said.Trouble is null)
            {
                hasVoted = true;
                troubles.End("arbiter", "The arbiter gives this node its vote again.");
            }
            else if (hasVoted || now - since > Patience)
            {
                troubles.Say("arbiter", said.Trouble, now);
            }
        }

        private QuorumArbiterStatus Read()
        {
            CorosyncResult result = handle == 0 ? LibVoteQuorum.Initialize(out handle, 0) : CorosyncResult.Ok;
            LibVoteQuorum.Info info = default;
            if (result != CorosyncResult.Ok || (result = LibVoteQuorum.GetInfo(handle, node, out info)) != CorosyncResult.Ok)
            {
                Close();
                return new QuorumArbiterStatus(ArbiterWord.Unknown, $"Corosync can't be asked what the arbiter says ({result}).");
            }

            return !info.Flags.HasFlag(LibVoteQuorum.State.DeviceIsRegistered | LibVoteQuorum.State.DeviceIsAlive)
                ? new QuorumArbiterStatus(
                    ArbiterWord.Unknown, "corosync-qdevice does not run here. Look why (journalctl -u corosync-qdevice), and start it.")
                : info.Flags.HasFlag(LibVoteQuorum.State.DeviceVotes) ? new QuorumArbiterStatus(ArbiterWord.Here, null)
                : new QuorumArbiterStatus(
                    ArbiterWord.Elsewhere,
                    "The arbiter gives its vote to the other node, or can't be reached from here (corosync-qdevice-tool -s tells which).");
        }

        private void Close()
        {
            if (handle != 0)
            {
                _ = LibVoteQuorum.Finalize(handle);
                handle = 0;
            }
        }
    }
}
