using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;
using Microsoft.AspNetCore.Http;

namespace ClusterTools.Api;

/// <summary>One client's event stream. What can't be sent in time ends the stream; the client comes back with the last id.</summary>
internal sealed class EventStream(
    ApiRequest request, StateFeed feed, ApiServerOptions options, string[] kinds, string? group, string? node) : IDisposable
{
    private const int Backlog = 1024;

    // Characters that wait to be sent. One item may be longer; then nothing waits behind it.
    private const int LongestBacklog = 256 * 1024;

    private const int LongestText = 64 * 1024;

    private readonly Channel<string> items = Channel.CreateBounded<string>(new BoundedChannelOptions(Backlog) { SingleReader = true });
    private readonly SemaphoreSlim room = new(0, 1);
    private Contract.StreamEnd? end;
    private int waiting;

    /// <summary>Sends until the client leaves, its right ends, or it is too slow.</summary>
    /// <param name="after">Journal entries after this sequence number.</param>
    /// <param name="fromIndex">And from this event index on.</param>
    public async Task RunAsync(long after, long fromIndex)
    {
        HttpResponse response = request.Http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        using var running = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, request.Stopping);
        ClusterState state = request.Node.State;
        Put("hello", new Contract.StreamBegin
        {
            Node = request.Node.Name,
            Epoch = state.Epoch,
            Index = state.Index,
            Quorum = (Contract.Quorum)state.Quorum,
            ConfigurationVersion = state.Configuration.Version,
        });
        using IDisposable following = feed.Follow(OnChange);

        // The state, and the caller's role, may have changed in between.
        OnChange(StateFeed.Difference(state, request.Node.State));
        Task reading = kinds.Contains("journal") ? ReadJournalAsync(after, fromIndex, running.Token) : Task.CompletedTask;
        try
        {
            await SendAsync(running.Token).ConfigureAwait(false);
        }
        finally
        {
            await running.CancelAsync().ConfigureAwait(false);
            items.Writer.TryComplete();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => room.Dispose();

    private void OnChange(StateDifference difference)
    {
        CheckAccess(difference.State);
        if (kinds.Contains("operation"))
        {
            foreach (OperationState operation in difference.Operations)
            {
                bool wanted = (group is null && node is null)
                    || (operation.Kind.IsOfGroup && operation.Target == group)
                    || (operation.Kind.IsOfNode && operation.Target == node);
                if (wanted)
                {
                    Put("operation", StateViews.Operation(difference.State, operation));
                }
            }
        }

        if (kinds.Contains("state"))
        {
            bool wanted = (group is null && node is null && difference.State.Index != difference.From.Index)
                || (group is not null && difference.Change.Groups.Contains(group))
                || (node is not null && difference.Change.Nodes.Contains(node));
            if (wanted)
            {
                Put("state", difference.Change);
            }
        }
    }

    private void CheckAccess(ClusterState state)
    {
        if (!request.Caller.StillMay(state, AccessRole.Viewer))
        {
            End("access-revoked", "The certificate's grant was taken out of the configuration, or the certificate has expired. "
                + "Ask an administrator of the cluster.");
        }
    }

    private async Task ReadJournalAsync(long after, long fromIndex, CancellationToken cancellationToken)
    {
        // Resumed by index in another node's journal, the place to begin at is not known beforehand.
        long last = fromIndex > 0 ? -1 : after;
        await foreach (JournalRecord record in request.Node.Journal.FollowAsync(after, cancellationToken).ConfigureAwait(false))
        {
            JournalEntry entry = record.Entry;
            if (last >= 0 && record.Sequence > last + 1)
            {
                var gap = new Contract.StreamGap { Missing = record.Sequence - last - 1 };
                await PutInTurnAsync(Item("gap", gap, null), cancellationToken).ConfigureAwait(false);
            }

            last = record.Sequence;
            if (entry.Index >= fromIndex && (group is null || entry.Group == group) && (node is null || entry.Node == node))
            {
                string id = $"{request.Node.Name}:{record.Sequence}:{entry.Index}";

                // Entries can wait, unlike notices: the journal keeps them for a slow client.
                await PutInTurnAsync(Item("journal", StateViews.JournalEntry(record), id), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        Task<bool> more = items.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            bool open;
            try
            {
                open = await more.WaitAsync(options.Heartbeat, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // An expired certificate is noticed here at the latest.
                CheckAccess(request.Node.State);
                await WriteAsync(":\n\n", cancellationToken).ConfigureAwait(false);
                continue;
            }

            while (text.Length < LongestText && items.Reader.TryRead(out string? item))
            {
                text.Append(item);
                Taken(item.Length);
            }

            if (end is { } last)
            {
                // What was gathered may show what the caller must no longer see.
                await WriteAsync(Item("end", last, null), cancellationToken).ConfigureAwait(false);
                return;
            }

            await WriteAsync(text.ToString(), cancellationToken).ConfigureAwait(false);
            text.Clear();
            if (!open)
            {
                return;
            }

            more = items.Reader.WaitToReadAsync(cancellationToken).AsTask();
        }
    }

    private Task WriteAsync(string text, CancellationToken cancellationToken) =>
        ClientWriter.WriteAsync(request.Http, Encoding.UTF8.GetBytes(text), options.ClientLimit, cancellationToken);

    private async Task PutInTurnAsync(string item, CancellationToken cancellationToken)
    {
        // Half of the room is for what can't wait.
        while (Volatile.Read(ref waiting) > LongestBacklog / 2)
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        Interlocked.Add(ref waiting, item.Length);
        await items.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
    }

    private void Taken(int length)
    {
        if (Interlocked.Add(ref waiting, -length) <= LongestBacklog / 2 && room.CurrentCount == 0)
        {
            room.Release();
        }
    }

    private void Put<T>(string kind, T value)
    {
        string item = Item(kind, value, null);
        if (Interlocked.Add(ref waiting, item.Length) - item.Length > LongestBacklog || !items.Writer.TryWrite(item))
        {
            End("too-slow", "More happened than the connection could carry. Connect again with the last id that was received.");
        }
    }

    private void End(string code, string remedy)
    {
        Interlocked.CompareExchange(ref end, new Contract.StreamEnd { Code = code, Remedy = remedy }, null);
        items.Writer.TryComplete();
    }

    private static string Item<T>(string kind, T value, string? id) =>
        $"{(id is null ? "" : $"id: {id}\n")}event: {kind}\ndata: {JsonSerializer.Serialize(value, ApiJson.Strict.GetTypeInfo<T>())}\n\n";
}
