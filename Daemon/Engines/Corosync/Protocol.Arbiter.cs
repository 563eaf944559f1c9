using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// The arbiter of a pair. It remembers nothing of what is committed, so it opens no epoch: of two that are cut from each other it says
/// which one fences, and the proof of that is what opens an epoch, as without it.
/// </summary>
internal sealed partial class Protocol
{
    private bool hasArbiter;

    /// <summary>The last question, and whether there was an answer to it in this round.</summary>
    private long questions;
    private bool isAnswered;
    private ArbiterWord word;

    /// <summary>Until when an answer is waited for; null: none is.</summary>
    private long? wordDue;

    /// <summary>Alone of two, and the other's fate is not known.</summary>
    private bool IsContested =>
        log.Votes.TwoNode && hasSeenPeer && plan.Alive.Count == 1 && log.Votes.Votes.GetValueOrDefault(Self.Node) > 0;

    /// <summary>Whether there is an arbiter from now on.</summary>
    public void UseArbiter(bool isUsed, long time)
    {
        now = time;
        if (isUsed != hasArbiter)
        {
            hasArbiter = isUsed;
            if (phase == Phase.Outside)
            {
                Say(new Reconsider(round));
            }
        }
    }

    /// <summary>It was heard.</summary>
    /// <param name="number">The last question before that.</param>
    /// <param name="said">What it says.</param>
    /// <param name="time">Monotonic milliseconds.</param>
    public void OnArbiter(long number, ArbiterWord said, long time)
    {
        now = time;
        if (hasArbiter && number == questions)
        {
            Answer(said);
        }
    }

    private void Answer(ArbiterWord said)
    {
        (word, isAnswered, wordDue) = (said, true, null);
        if (phase == Phase.Outside && plan.Members.Count == 0 && IsContested)
        {
            TellContested();
        }
    }

    /// <summary>A new round: what the arbiter said of an earlier ring is not what it says of this one.</summary>
    private void ForgetWord() => (word, isAnswered, wordDue) = (ArbiterWord.Unknown, false, null);

    private void TellContested()
    {
        if (hasArbiter && !isAnswered)
        {
            // Corosync has had its answer before it lets anything be said in the new ring: this takes no time unless something is wrong.
            deeds.Add(new AskArbiter(++questions));
            wordDue = now + (options.AnswerLimit / 4);
            return;
        }

        QuorumDevice arbiter = hasArbiter && word != ArbiterWord.Unknown ? new QuorumDevice(1, word == ArbiterWord.Here) : default;
        TellWithoutQuorum([Self], ViewQuorum.Contested, plan.Count! with { Device = arbiter });
    }
}
