using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>
/// Events with every text in them within its limit and in one plain line: what an executor answers before it is proposed, and every event
/// again before it is folded in, since another member may have proposed it. What names something is cut so that it names nothing.
/// </summary>
public static class BoundedEvent
{
    /// <summary>The event with nothing in it that is too long.</summary>
    public static ClusterEvent Of(ClusterEvent e) => e switch
    {
        ActionCompleted it => it with { Message = Words(it.Message) },
        FenceCompleted it => it with { Message = Words(it.Message) },
        MonitorFailed it =>
            it with { Group = Name(it.Group), Resource = Name(it.Resource), Node = Name(it.Node), Message = Words(it.Message) },
        MonitorUnknown it =>
            it with { Group = Name(it.Group), Resource = Name(it.Resource), Node = Name(it.Node), Message = OrNull(it.Message, Words) },
        Probed it => it with { Found = Found(it.Found) },
        FenceProven it => it with
        {
            Target = Name(
                it.Target), Executor = Name(
                    it.Executor), Message = Words(it.Message), Method = OrNull(it.Method, Name), ConfirmedBy = OrNull(it.ConfirmedBy, Who),
        },
        EventScriptCompleted it => it with { Message = Words(it.Message), Decisions = Decisions(it.Decisions) },
        GuestNoticed it => it with { Group = Name(it.Group), Node = Name(it.Node) },
        GuestTold it => it with { Group = Name(it.Group), Node = Name(it.Node), Facts = it.Facts with { Id = Name(it.Facts.Id) } },
        NodeLeft it => it with { Node = Name(it.Node) },
        WatchdogArmed it => it with { Node = Name(it.Node) },
        StateHashed it => it with { Node = Name(it.Node), Hash = Name(it.Hash) },
        Request it => Of(it),
        _ => e,
    };

    /// <summary>A name as it may stand in a sentence, whatever somebody asked for by it.</summary>
    public static string Shown(string name) => PlainText.CutName(PlainText.Escape(name), TextLimits.Name);

    /// <summary>What an agent, a script or a device has said, as it may stand in the state.</summary>
    public static string Words(string words) => PlainText.CutWords(PlainText.Escape(words), TextLimits.AgentWords);

    private static Request Of(Request e)
    {
        string who = Who(e.Who);
        string id = PlainText.CutName(e.RequestId, TextLimits.Id);
        return e switch
        {
            GroupRequest it => it with { RequestId = id, Who = who, Group = Name(it.Group), Node = OrNull(it.Node, Name) },
            ClusterStopRequest it => it with { RequestId = id, Who = who, Reason = OrNull(it.Reason, Reason) },
            ArmingRequest it => it with { RequestId = id, Who = who, Reason = OrNull(it.Reason, Reason) },
            LevelRequest it => it with { RequestId = id, Who = who, Reason = OrNull(it.Reason, Reason) },
            NodeRequest it =>
                it with
                {
                    RequestId = id,
                    Who = who,
                    Node = Name(it.Node),
                    Reason = OrNull(it.Reason, Reason),
                    Target = OrNull(it.Target, Name),
                },
            ConfigurationRequest it => it with { RequestId = id, Who = who, Reason = OrNull(it.Reason, Reason) },
            MessageWritten it => it with
            {
                RequestId = id,
                Who = who,
                Message = PlainText.CutWords(PlainText.Escape(it.Message), TextLimits.Message),
                Group = OrNull(it.Group, Name),
                Node = OrNull(it.Node, Name),
            },
            CancelRequest it => it with { RequestId = id, Who = who, Operation = PlainText.CutName(it.Operation, TextLimits.Id) },

            // Their names and contents are judged where they are applied, and refused: one character too many is enough for that.
            UserEvent it =>
                it with
                {
                    RequestId = id,
                    Who = who,
                    Name = Name(it.Name),
                    Data = OrNull(it.Data, data => PlainText.CutName(data, Cluster.MaxUserEventData)),
                },
            RunbookRequest it =>
                it with
                {
                    RequestId = id,
                    Who = who,
                    Name = Name(it.Name),
                    Content = OrNull(it.Content, content => PlainText.CutName(content, Cluster.MaxRunbookLength)),
                },
            _ => e,
        };
    }

    private static ImmutableArray<FoundResource> Found(ImmutableArray<FoundResource> found) => found.IsDefault
        ? []
        : [.. found.Select(f => f with { Group = Name(f.Group), Resource = Name(f.Resource), Message = Words(f.Message) })];

    private static ImmutableArray<EventScriptDecision> Decisions(ImmutableArray<EventScriptDecision> decisions) => decisions.IsDefault
        ? []
        : [.. decisions.Take(Cluster.MaxScriptDecisions).Select(d => d with { Group = Name(d.Group), Node = OrNull(d.Node, Name) })];

    private static string Name(string name) => PlainText.CutName(name, TextLimits.Name);

    private static string Who(string who) => PlainText.CutWords(PlainText.Escape(who), TextLimits.Who);

    private static string Reason(string reason) => PlainText.CutWords(PlainText.Escape(reason), TextLimits.Reason);

    private static string? OrNull(string? text, Func<string, string> bounded) => text is null ? null : bounded(text);
}
