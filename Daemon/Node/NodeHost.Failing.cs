using System.Text.Json;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Node;

// A life that can't go on: it says why, stops what it runs by the deadline of a node without quorum, and ends as Failed.
public sealed partial class NodeHost
{
    // Kinds that were told of; what a newer member proposes must not fill the memory.
    private const int MostUnknownKinds = 64;

    private readonly HashSet<string> unknownKinds = new(StringComparer.Ordinal);
    private long unknownEvents;
    private string? handledKind;
    private volatile bool failed;
    private long? stopUnaided;
    private Task? engineEnd;

    /// <summary>An event of a newer member's is counted and ignored, and told of once.</summary>
    private void CountUnknown(EventEnvelope envelope, long index)
    {
        if (envelope.Event is not UnknownEvent unknown)
        {
            return;
        }

        Interlocked.Increment(ref unknownEvents);
        if (unknownKinds.Count < MostUnknownKinds && unknownKinds.Add(unknown.Kind))
        {
            Say(
                JournalSeverity.Warning, "event.unknown",
                $"The event at index {index}, proposed by {envelope.Origin}, is of kind '{unknown.Kind}', which this clusterd does not "
                    + "know. It is ignored here, as are all "
                + "of its kind. Install on every node the clusterd that " + $"{envelope.Origin} runs.");
        }
    }

    /// <summary>
    /// Ends this life: the engine falls silent, so that the others notice, and what runs here is stopped by the deadline of a node without
    /// quorum. A second failure leaves the deadline alone.
    /// </summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="handling">What was being handled; null: the engine itself, or an effect.</param>
    private void Fail(Exception error, EngineEvent? handling)
    {
        lock (gate)
        {
            if (ended.Task.IsCompleted || ending.IsCancellationRequested)
            {
                return;
            }

            bool again = failed;
            failed = true;
            (string kind, string message) = Describe(error, handling);
            Say(JournalSeverity.Error, kind, message);
            _ = EndEngineAsync();
            if (again)
            {
                StopUnaided();
                return;
            }

            try
            {
                replica.OnFailed(BootClock.Now);
                Act();
            }
            catch (Exception second) when (second is not OutOfMemoryException)
            {
                Say(JournalSeverity.Error, "node.failed", $"What runs here can't be stopped in good order either: {Words(second)}.");
                StopUnaided();
            }
        }
    }

    private (string Kind, string Message) Describe(Exception error, EngineEvent? handling)
    {
        const string Consequence = "This daemon has failed: what runs here is stopped, and the daemon ends.";
        const string Newer = "Install the newest clusterd on every node and start it; if the event can't be handled then either, report "
            + "it with this line, and run "
            + "'clusterd recover' to go on with the newest configuration that the nodes know.";
        const string Damaged = "Stop every daemon of this cluster and put a copy of the log back, or run 'clusterd recover' to go on with "
            + "the newest configuration that the nodes know.";
        string what = handling switch
        {
            Committed entry =>
                $"The event at index {entry.Index} ({handledKind ?? "of a kind that can't be read"}, proposed by {entry.Origin.Node})",
            Engines.ViewChanged view => $"The change of members at index {view.Index}",
            SnapshotDelivered snapshot => $"The snapshot at index {snapshot.Index}",
            _ => "",
        };
        return (handling, error) switch
        {
            (_, LevelUnknownException) => ("node.outdated", $"{error.Message} {Consequence} Install the version that the other nodes run."),
            (_, LogLostException) => ("log.lost", $"{error.Message} {WhatIsKnown()}"),
            (null, EngineFailedException) =>
                ("engine.failed", $"The engine has failed: {DiskRemedy.With(error.InnerException ?? error)} {Consequence}"),
            (null, IOException or UnauthorizedAccessException) =>
                ("node.failed", $"A file of this node can't be read or written: {DiskRemedy.With(error)} {Consequence}"),
            (null, _) =>
                ("node.failed", $"Something failed that must not: {Words(error)}. {Consequence} Please report this line; "
                    + "a newer clusterd may mend it."),
            (SnapshotDelivered, JsonException) => ("node.failed", $"{what} can't be read: {Words(error)}. {Consequence} {Damaged}"),
            (Committed, JsonException) when handledKind is null =>
                ("node.failed", $"{what} can't be read: {Words(error)}. {Consequence} {Newer}"),
            _ => ("node.failed", $"{what} could not be handled: {Words(error)}. {Consequence} {Newer}"),
        };
    }

    // Where it was thrown is what a report needs; the whole trace is not for a journal.
    private static string Words(Exception error)
    {
        string? place = error.StackTrace?.Split('\n').Select(l => l.Trim())
            .FirstOrDefault(l => l.StartsWith("at ClusterTools.", StringComparison.Ordinal));
        return $"{error.GetType().Name}: "
            + $"{error.Message.ReplaceLineEndings(" ").TrimEnd('.')}{(place is null ? "" : $" ({place.Split(" in ")[0]})")}";
    }

    /// <summary>Even the private copy can't be folded: what is left is the deadline.</summary>
    private void StopUnaided()
    {
        if (stopUnaided is not null)
        {
            return;
        }

        Volatile.Write(ref state, replica.State with { Quorum = Quorum.None });
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        long now = BootClock.Now;
        stopUnaided = replica.StopUnaidedBy(now);
        if (stopUnaided is not { } by)
        {
            ended.TrySetResult(NodeEnd.Failed);
            return;
        }

        timer.Change(Math.Max(1, by - now), Timeout.Infinite);
    }

    private void ResetWhenDue(long limit)
    {
        long now = BootClock.Now;
        if (now < limit)
        {
            timer.Change(Math.Max(1, limit - now), Timeout.Infinite);
            return;
        }

        const string Reason = "this life of the node has failed, and what it runs could not be stopped in good order";
        if (!admitted && OwnReset.Read(stateFolder) is { } before)
        {
            Say(JournalSeverity.Error, "node.reset.spared", $"{Reason}. This node does not reset itself again: it did for \"{before}\". "
                + "Check by hand what runs here.");
        }
        else
        {
            ResetNow(Reason);
        }

        ended.TrySetResult(NodeEnd.Failed);
    }

    /// <summary>The machine goes down hard: what says why is on the disk by then, and a disk that is gone does not keep it up.</summary>
    private void ResetNow(string reason)
    {
        Say(JournalSeverity.Error, "node.reset", $"This node resets itself: {reason}.");
        OwnReset.Remember(stateFolder, reason);
        Journal.AwaitWritten(TimeSpan.FromMilliseconds(200));
        reset(reason);
    }

    private void ActSafely()
    {
        try
        {
            Act();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Fail(error, null);
        }
    }

    private Task EndEngineAsync() => engineEnd ??= engine.DisposeAsync().AsTask();
}
