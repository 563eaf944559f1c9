using System.Net;
using System.Text.RegularExpressions;

namespace ClusterTools.Lab;

/// <summary>Asks an HTTP service all the time, as an impatient client would, and notes when it answered for which node.</summary>
public sealed partial class WebProbe : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient client;
    private readonly Uri url;
    private readonly CancellationTokenSource ending = new();
    private readonly Task asking;
    private readonly Lock gate = new();
    private readonly List<WebAnswer> changes = [];
    private WebAnswer last = new(0, null);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="url">The service.</param>
    public WebProbe(Uri url)
    {
        this.url = url;
        // A new connection for each request: an open one could hide the failover.
        client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            UseProxy = false,
            ConnectTimeout = Limit,
        })
        {
            Timeout = Limit,
            DefaultRequestHeaders = { ConnectionClose = true },
        };
        asking = Task.Run(AskAsync);
    }

    /// <summary>The last answer: when, in milliseconds since 1970, and which node served it.</summary>
    public WebAnswer Last
    {
        get
        {
            lock (gate)
            {
                return last;
            }
        }
    }

    /// <summary>Why the last question that was not answered well was not; null: there was none.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Waits until a node serves.</summary>
    /// <param name="node">The node.</param>
    /// <param name="after">Milliseconds since 1970; what was before does not count.</param>
    /// <param name="limit">For the wait.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The first answer of that node after the given time; null when the time was up.</returns>
    public async Task<WebAnswer?> WaitForAsync(string node, long after, TimeSpan limit, CancellationToken cancel)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timer.CancelAfter(limit);
        try
        {
            while (true)
            {
                Task next;
                lock (gate)
                {
                    if (changes.Find(c => c.Node == node && c.At >= after) is { } found)
                    {
                        return found;
                    }

                    if (last.Node == node && last.At >= after)
                    {
                        return last;
                    }

                    next = changed.Task;
                }

                await next.WaitAsync(timer.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await asking.ConfigureAwait(false);
        client.Dispose();
        ending.Dispose();
    }

    private async Task AskAsync()
    {
        try
        {
            while (true)
            {
                string? node = null;
                try
                {
                    using HttpResponseMessage response = await client.GetAsync(url, ending.Token).ConfigureAwait(false);
                    string text = await response.Content.ReadAsStringAsync(ending.Token).ConfigureAwait(false);
                    node = response.StatusCode == HttpStatusCode.OK && ServedBy().Match(text) is { Success: true } match
                        ? match.Groups[1].Value
                        : null;
                    LastFailure = node is null ? $"it answered {(int)response.StatusCode} {response.ReasonPhrase}" : LastFailure;
                }
                catch (Exception e) when (e is HttpRequestException or IOException
                    || (e is OperationCanceledException && !ending.IsCancellationRequested))
                {
                    // No answer is what a failover looks like.
                    LastFailure = e.Message;
                }

                if (node is not null)
                {
                    Note(new WebAnswer(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), node));
                }

                await Task.Delay(Pause, ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private void Note(WebAnswer answer)
    {
        lock (gate)
        {
            if (answer.Node != last.Node)
            {
                changes.Add(answer);
            }

            last = answer;
            TaskCompletionSource told = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            told.TrySetResult();
        }
    }

    [GeneratedRegex(@"Served by ([A-Za-z0-9._-]+)")]
    private static partial Regex ServedBy();
}

/// <summary>An answer of an HTTP service.</summary>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Node">The node that served it; null: none has.</param>
public sealed record WebAnswer(long At, string? Node);
