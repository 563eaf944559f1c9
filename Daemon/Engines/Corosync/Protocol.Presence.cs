namespace ClusterTools.Engines.Corosync;

/// <summary>Who is there: what each says now and then, and who has hung though its ring goes on.</summary>
internal sealed partial class Protocol
{
    /// <summary>When to say next that this process is there; null: it has been in no ring.</summary>
    private long? presenceDue;

    /// <summary>When it was said last, if that has not come back; null: it has.</summary>
    private long? saidPresence;

    private long openingAt;
    private long openedAt;

    /// <summary>When this process said the last of its words that has come back.</summary>
    private long confirming;

    /// <summary>When this process was last known to be in an open view.</summary>
    public long Confirmed { get; private set; }

    private long? PresenceDue => saidPresence is { } said ? said + options.AnswerLimit : presenceDue;

    private long? ConsumerDue => phase == Phase.Open && !IsIdle ? handledAt + options.AnswerLimit : null;

    /// <summary>Says now that this process is there, to learn whether it is.</summary>
    public void AskPresence(long time)
    {
        now = time;
        if (phase is not (Phase.Over or Phase.Apart))
        {
            SayPresence();
            if (IsTipped && IsHolder)
            {
                WriteMark();
            }
        }
    }

    /// <summary>
    /// A view that needs the quorum disk is confirmed by it, too: who holds it has read it, and the others have heard of that one.
    /// </summary>
    private void Confirm()
    {
        if (phase == Phase.Open)
        {
            long seen = plan.Holder is not { } holder ? confirming
                : !IsHolder ? heard.GetValueOrDefault(holder.Peer)
                : isClaimed ? reading!.Started : 0;
            Confirmed = Math.Max(Confirmed, Math.Min(confirming, seen));
        }
    }

    /// <returns>False: not even what this process has said itself comes back from the ring.</returns>
    private bool SayPresenceOrLeave()
    {
        if (saidPresence is null)
        {
            SayPresence();
            return true;
        }

        deeds.Add(new LeaveRing());
        OnApart(now);
        return false;
    }

    private void SayPresence()
    {
        saidPresence ??= now;
        presenceDue = now + options.PresenceInterval;
        Say(new Presence(round, now));
    }

    /// <summary>All that was said before this has been heard: who is silent is silent.</summary>
    private void OnOwnPresence(Presence said)
    {
        if (phase != Phase.Open)
        {
            return;
        }

        confirming = said.Said;
        Confirm();
        Peer[] hung =
        [
            .. MemberPeers().Where(p => Math.Max(heard.GetValueOrDefault(p), openedAt) + options.AnswerLimit < said.Said),
        ];
        if (hung.Length > 0)
        {
            ExpelAll(hung, "its daemon does not say that it is there");
        }
    }

    /// <summary>Whoever does not handle what is committed holds its node's groups and does nothing for them.</summary>
    private void GiveUpConsumer()
    {
        handledAt = now;
        string[] rest = [.. plan.Members.Where(m => m.Peer != self).Select(m => m.Node)];
        if (Joint(plan.Count!.Device.IsHere).All(votes => votes.IsHeldBy(rest)))
        {
            Say(new Expel(round, self, "its consumer is hung"));
        }
    }
}
