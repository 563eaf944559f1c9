using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>What this node proposes, until it is committed, or cannot be.</summary>
internal sealed partial class Protocol
{
    private readonly SortedDictionary<long, Pending> pending = [];

    /// <summary>What is to be the first entry of an epoch that is opened against the arithmetic.</summary>
    private (long Number, ReadOnlyMemory<byte> Payload)? opening;

    /// <summary>Something is to be appended. What becomes of it is told by its number.</summary>
    public void Propose(long number, ReadOnlyMemory<byte> payload, VoteTable? votes, long time)
    {
        now = time;
        if (phase is Phase.Over or Phase.Apart or Phase.Outside || inView == 0)
        {
            deeds.Add(new ProposalFailed(number, NotInView()));
            return;
        }

        pending.Add(number, new Pending(payload, votes));
        if (phase == Phase.Open)
        {
            Say(number);
        }
    }

    /// <summary>An epoch is to be opened against the arithmetic, with this as its first entry.</summary>
    public void OpenEpoch(long number, ReadOnlyMemory<byte> payload, long time)
    {
        now = time;
        if (phase is Phase.Over or Phase.Apart || opening is not null)
        {
            deeds.Add(new ProposalFailed(number, NotInView()));
            return;
        }

        opening = (number, payload);
        Say(new Reconsider(round));
    }

    private NotQuorateException NotInView() => new($"{Self.Node} is in no quorate view. Nothing was changed.");

    private void Say(long number)
    {
        Pending said = pending[number];
        said.IsSaid = true;
        Say(new Proposal(round, number, said.Payload, said.Votes));
    }

    private void ProposeWhatWaits()
    {
        foreach ((long number, Pending waits) in pending)
        {
            if (waits.Appended is { } at && log.PositionAt(at.Index) != at)
            {
                // It was taken back everywhere, and can be appended anew.
                waits.Appended = null;
            }

            if (waits.Appended is null)
            {
                Say(number);
            }
        }
    }

    /// <summary>What was said in a round that has ended was appended by nobody.</summary>
    private void ProposeAgain(long number)
    {
        if (phase == Phase.Open && pending.TryGetValue(number, out Pending? lost) && lost.Appended is null)
        {
            Say(number);
        }
    }

    private void OnProposal(Peer from, Proposal said)
    {
        if (phase != Phase.Open)
        {
            return;
        }

        bool mine = from == self;
        if (said.Votes is { } votes && Refusal(votes) is { } refusal)
        {
            if (mine && pending.Remove(said.Number))
            {
                deeds.Add(new ProposalFailed(said.Number, new VotesRefusedException(refusal)));
            }

            return;
        }

        Append(new ProposedEntry(log.Last.Index + 1, inView, names[from], said.Payload, said.Votes));
        if (mine && pending.TryGetValue(said.Number, out Pending? own))
        {
            own.Appended = log.Last;
        }

        deadline ??= now + options.AnswerLimit;
    }

    private string? Refusal(VoteTable votes)
    {
        string[] members = [.. plan.Members.Where(m => m.Hello.IsFit).Select(m => m.Node)];
        // A device that was not claimed for this view gives nothing.
        bool isHeld = plan.Holder is not null && votes.Device?.Name == log.Votes.Device?.Name;
        return Joint(isHeld).Where(m => !m.IsVoid).Append(votes.Majority(log.Superseded, isHeld)).All(m => m.IsHeldBy(members))
            ? null
            : "The members hold no majority of both the old and the new votes. Bring more nodes up, or change the votes in smaller steps.";
    }

    /// <summary>The votes in force, and those that will be once what is under way is committed: both count until then.</summary>
    private IEnumerable<Majority> Joint(bool deviceIsHere) =>
        log.VotesSince(commit).Select(votes => votes.Majority(log.Superseded, deviceIsHere));

    private void Completed(LogPosition position)
    {
        foreach ((long number, Pending waits) in pending)
        {
            if (waits.Appended is { } at && at == position)
            {
                pending.Remove(number);
                deeds.Add(new ProposalCommitted(number, position.Index));
                return;
            }
        }
    }

    /// <summary>
    /// There is no quorum, or this life has ended: what may be with others by now is unknown, and of the rest nothing was done.
    /// </summary>
    private void FailProposals()
    {
        foreach ((long number, Pending waits) in pending)
        {
            deeds.Add(new ProposalFailed(number, waits.IsSaid
                ? new UnknownOutcomeException("The membership changed while the entry was under way.")
                : NotInView()));
        }

        pending.Clear();
    }

    private void FailOpening()
    {
        if (opening is { } asked)
        {
            opening = null;
            deeds.Add(new ProposalFailed(asked.Number, new NotQuorateException($"{Self.Node} can't go on alone. Nothing was changed.")));
        }
    }

    /// <summary>The first entry of an epoch that was opened against the arithmetic, on every member's disk with the view itself.</summary>
    private void AppendOpening()
    {
        if (plan.Opener is not { } opener)
        {
            return;
        }

        Append(new ProposedEntry(log.Last.Index + 1, plan.Epoch, opener.Hello.Self, opener.Hello.Opening!.Value, null));
        if (opener.Peer == self && opening is { } asked)
        {
            opening = null;
            pending.Add(asked.Number, new Pending(asked.Payload, null) { IsSaid = true, Appended = log.Last });
        }
    }

    private sealed class Pending(ReadOnlyMemory<byte> payload, VoteTable? votes)
    {
        public ReadOnlyMemory<byte> Payload => payload;

        public VoteTable? Votes => votes;

        public bool IsSaid { get; set; }

        /// <summary>Where this node has appended it.</summary>
        public LogPosition? Appended { get; set; }
    }
}
