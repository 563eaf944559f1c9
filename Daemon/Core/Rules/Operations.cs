using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What was asked for, from its beginning to its end.</summary>
internal static class Operations
{
    public static void Begin(Draft draft, Request e, OperationKind kind, string target)
    {
        ImmutableQueue<string> order = draft.State.OperationOrder;
        ImmutableSortedDictionary<string, OperationState> operations = draft.State.Operations;
        while (operations.Count >= Cluster.MaxOperations)
        {
            order = order.Dequeue(out string oldest);
            operations = operations.Remove(oldest);
        }

        draft.State = draft.State with
        {
            OperationOrder = order.Enqueue(e.RequestId),
            Operations = operations.Add(e.RequestId, new OperationState
            {
                Id = e.RequestId,
                Who = e.Who,
                Kind = kind,
                Target = BoundedEvent.Shown(target),
                Phase = OperationPhase.Running,
                Began = draft.Index,
                BeganAt = draft.WallTime,
            }),
        };
        if (e is not (MessageWritten or RunbookRequest or UserEvent))
        {
            draft.Journal(
                JournalSeverity.Information, JournalKind.Request, $"{e.Who} asks to {kind.Words(BoundedEvent.Shown(target))}.", who: e.Who);
        }
    }

    public static void Succeed(Draft draft, Request e, string message, bool quiet = false)
    {
        if (quiet)
        {
            Set(draft, draft.State.Operations[e.RequestId], true, message);
            return;
        }

        End(draft, e.RequestId, true, message);
    }

    public static void Refuse(Draft draft, Request e, string message) =>
        End(draft, draft.State.Operations[e.RequestId] with { Refused = true }, false, message, asked: true);

    /// <summary>The operation of a group, if there is one, has ended and is taken off it.</summary>
    public static void EndOf(Draft draft, GroupState group, bool success, string message)
    {
        if (group.Operation is { } id)
        {
            End(draft, id, success, message);
            draft.SetGroup(draft.State.Groups[group.Name] with { Operation = null });
        }
    }

    /// <summary>The operation of a node, if there is one, has ended and is taken off it.</summary>
    public static void EndOf(Draft draft, NodeState node, bool success, string message)
    {
        if (node.Operation is { } id)
        {
            End(draft, id, success, message);
            draft.SetNode(draft.State.Nodes[node.Name] with { Operation = null });
        }
    }

    /// <summary>
    /// Ends an operation that is running; null: there is none. Asked: somebody took it back, and nothing is wrong with the cluster.
    /// </summary>
    public static void End(Draft draft, string? id, bool success, string message, bool asked = false)
    {
        if (id is null || !draft.State.Operations.TryGetValue(id, out OperationState? operation)
            || operation.Phase != OperationPhase.Running)
        {
            return;
        }

        End(draft, operation, success, message, asked);
    }

    private static void End(Draft draft, OperationState operation, bool success, string message, bool asked)
    {
        Set(draft, operation, success, message);
        draft.Journal(
            success || asked ? JournalSeverity.Information : JournalSeverity.Error,
            success ? JournalKind.OperationSucceeded : JournalKind.OperationFailed,
            $"{operation.Kind.Sentence(operation.Target)}: {message}",
            who: operation.Who);
    }

    private static void Set(Draft draft, OperationState operation, bool success, string message) => draft.State = draft.State with
    {
        Operations = draft.State.Operations.SetItem(operation.Id, operation with
        {
            Phase = success ? OperationPhase.Succeeded : OperationPhase.Failed,
            Message = PlainText.CutWords(PlainText.Escape(message), TextLimits.Outcome),
            Ended = draft.Index,
            EndedAt = draft.WallTime,
        }),
    };
}
