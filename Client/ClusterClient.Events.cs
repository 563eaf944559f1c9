using System.Text;
using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <content>The live event stream.</content>
public sealed partial class ClusterClient
{
    // The server gives a sign of life every 15 seconds.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    // A cluster that nobody answers for is waited for this long, so that a stream outlives a restart of all its daemons.
    private static readonly TimeSpan Absence = TimeSpan.FromMinutes(2);

    /// <summary>Events as they come, until cancelled; goes on at another server when the one it listens to dies.</summary>
    /// <param name="query">Such as <c>kinds=journal&amp;group=web</c>; empty: everything.</param>
    /// <param name="after">Id of the last event received before; null: from now on.</param>
    /// <param name="receive">Called for each, one after the other.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ClusterApiException">The right to read was taken away, or the query is wrong.</exception>
    /// <exception cref="ClusterUnreachableException">No server has answered for two minutes.</exception>
    public async Task FollowEventsAsync(string query, string? after, Action<StreamEvent> receive, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            await FollowAsync(query, after, receive, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    private async Task FollowAsync(string query, string? after, Action<StreamEvent> receive, CancellationToken cancellationToken)
    {
        string? last = after;
        DateTime? lostAt = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var request = new ClusterRequest(HttpMethod.Get, "/v1/events" + (query.Length == 0 ? "" : "?" + query))
                {
                    Stream = true,
                    LastEventId = last,
                };
                using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
                lostAt = null;
                await ReadAsync(
                    response,
                    item =>
                    {
                        last = item.Id ?? last;
                        receive(item);
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException or InvalidOperationException
                && !cancellationToken.IsCancellationRequested)
            {
                // The server is gone; the next one goes on after the last event that came.
                lostAt ??= DateTime.UtcNow;
            }
            catch (ClusterException e) when (e.Code is ClusterUnreachableException.NoServerAnswered or ProblemCodes.Stopping
                or ProblemCodes.TooManyStreams or ProblemCodes.NoConfiguration)
            {
                lostAt ??= DateTime.UtcNow;
                if (after is null && last is null && e is not ClusterApiException { Code: ProblemCodes.Stopping }
                    || DateTime.UtcNow - lostAt > Absence)
                {
                    throw;
                }

                await Task.Delay(BetweenTries, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ReadAsync(HttpResponseMessage response, Action<StreamEvent> receive, CancellationToken cancellationToken)
    {
        // Reading can't be cancelled by a token on every platform; closing what is read from works on all.
        using CancellationTokenRegistration closing = cancellationToken.Register(response.Dispose);
        using var text = new StreamReader(await response.Content.ReadAsStreamAsync().ConfigureAwait(false), Encoding.UTF8);
        string? id = null;
        string kind = "message";
        var data = new StringBuilder();
        while (true)
        {
            Task<string?> reading = text.ReadLineAsync();
            if (!reading.IsCompleted
                && await Task.WhenAny(reading, Task.Delay(Silence, cancellationToken)).ConfigureAwait(false) != reading)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new IOException($"The server has been silent for {Silence.TotalSeconds:0} s.");
            }

            string? line;
            try
            {
                line = await reading.ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }

            if (line is null)
            {
                throw new IOException("The server has closed the stream.");
            }

            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    var item = new StreamEvent(id, kind, data.ToString(), json);
                    End(item);
                    receive(item);
                }

                (id, kind) = (null, "message");
                data.Clear();
            }
            else if (line.StartsWith("id:", StringComparison.Ordinal))
            {
                id = Value(line, 3);
            }
            else if (line.StartsWith("event:", StringComparison.Ordinal))
            {
                kind = Value(line, 6);
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Append(data.Length > 0 ? "\n" : "").Append(Value(line, 5));
            }
        }
    }

    private static string Value(string line, int from) =>
        line.Length > from && line[from] == ' ' ? line.Substring(from + 1) : line.Substring(from);

    private static void End(StreamEvent item)
    {
        if (item.Kind != "end")
        {
            return;
        }

        StreamEnd end = item.Read<StreamEnd>();
        throw end.Code == "access-revoked"
            ? new ClusterApiException(new Problem
            {
                Code = ProblemCodes.UnknownCertificate,
                Status = 403,
                Detail = "The right to read was taken away while events were followed.",
                Remedy = end.Remedy,
            })
            : new IOException(end.Remedy);
    }
}
