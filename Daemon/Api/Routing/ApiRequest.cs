using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTools.Api;

/// <summary>One request on its way, after the caller's right was found.</summary>
internal sealed class ApiRequest(
    HttpContext context, Route route, IReadOnlyDictionary<string, string> names, Caller? caller, IClusterNode node, ClusterState state,
    ClientLimits limits, CancellationToken stopping, CancellationToken aborted)
{
    private const int RequestIdLength = 64;

    private const int LongestPath = 100;

    // However slowly, a body must have come within this time: it may hold up others that want to send one.
    private static readonly TimeSpan BodyLimit = TimeSpan.FromSeconds(60);

    // Most clients look at the answer only after they have sent everything; what is longer than this is cut off.
    private const long DiscardLimit = 64 * 1024 * 1024;

    public HttpContext Http => context;

    public IClusterNode Node => node;

    /// <summary>As it was when the request came.</summary>
    public ClusterState State => state;

    /// <summary>Grows when an agent's metadata becomes known here.</summary>
    public int AgentMetadataVersion => state.Configuration.Version == 0 ? 0 : Node.Agents.Learned;

    /// <summary>Whether the agent's own metadata says that a parameter is a secret, where it is known here.</summary>
    public bool IsSecret(string agent, string parameter) => Node.Agents.IsSecret(agent, parameter);

    /// <summary>The server is stopping: what waits or watches ends, what was asked for already gets its answer.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>The client has gone, or the server can't wait for this any longer.</summary>
    public CancellationToken Aborted => aborted;

    public Caller Caller => caller ?? throw new InvalidOperationException($"{route.Pattern} has no caller.");

    /// <summary>A segment of the path, decoded.</summary>
    public string Name(string segment) => names[segment];

    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>Given without a value, or as true.</summary>
    public bool Flag(string name) => Query(name) switch
    {
        null or "false" or "0" => false,
        "" or "true" or "1" => true,
        _ => throw Problems.BadRequest($"Query parameter {name} is neither true nor false.", $"Use ?{name}=true or leave it out."),
    };

    /// <summary>A whole number in the query.</summary>
    public long? Number(string name, long least, long most)
    {
        if (Query(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw Problems.BadRequest(
                $"Query parameter {name} is not a whole number from {least} to {most}.", $"Correct {name} or leave it out.");
    }

    /// <summary>One of an enum's words in the query, as the wire writes them.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="remedy">Says which words there are.</param>
    public T? Word<T>(string name, string remedy)
        where T : struct, Enum
    {
        if (Query(name) is not { } text)
        {
            return null;
        }

        foreach (T value in Enum.GetValues<T>())
        {
            if (StateViews.Word(value) == text)
            {
                return value;
            }
        }

        throw Problems.BadRequest($"Query parameter {name} is not known.", remedy);
    }

    /// <summary>How long the caller wants to wait for the end; null: not at all.</summary>
    public TimeSpan? Wait(TimeSpan longest)
    {
        if (Query("wait") is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(Math.Min(seconds, longest.TotalSeconds))
            : throw Problems.BadRequest("Query parameter wait is not a number of seconds.", "Use ?wait=30 or leave it out.");
    }

    /// <exception cref="ApiException">A parameter is not known.</exception>
    public void CheckQuery()
    {
        foreach (string name in context.Request.Query.Keys)
        {
            if (!route.Query.Contains(name, StringComparer.Ordinal))
            {
                throw Problems.BadRequest(
                    $"Query parameter '{(name.Length > 50 ? name[..50] : name)}' is not known here.",
                    route.Query.Length == 0 ? "Leave it out." : $"Known are: {string.Join(", ", route.Query)}.");
            }
        }
    }

    /// <summary>What a body or an answer of this request holds of its client's budget.</summary>
    public HeldBytes Hold() => new(limits.Bytes, caller);

    /// <summary>The body's bytes.</summary>
    /// <param name="limit">Bytes; a longer body is refused.</param>
    /// <param name="held">Counts them, for as long as they are kept.</param>
    public async Task<ReadOnlyMemory<byte>> ReadBytesAsync(int limit, HeldBytes held)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit + DiscardLimit;
        }

        using var time = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        time.CancelAfter(BodyLimit);
        if (context.Request.ContentLength > limit)
        {
            // A client that sent Expect: 100-continue must not be told to continue.
            if (!context.Request.Headers.ContainsKey("Expect"))
            {
                await DiscardAsync(time.Token).ConfigureAwait(false);
            }

            throw Problems.TooLarge(limit);
        }

        var content = new ArrayBufferWriter<byte>();
        try
        {
            int read;
            do
            {
                // It grows with what has come, not with what was announced.
                int before = content.Capacity;
                Memory<byte> room = content.GetMemory(4096);
                held.Take(content.Capacity - before);
                read = await context.Request.Body.ReadAsync(room, time.Token).ConfigureAwait(false);
                content.Advance(read);
                if (content.WrittenCount > limit)
                {
                    content = new ArrayBufferWriter<byte>();
                    await DiscardAsync(time.Token).ConfigureAwait(false);
                    throw Problems.TooLarge(limit);
                }
            }
            while (read > 0);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            throw Problems.TooSlow();
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Problems.TooLarge(limit),
                StatusCodes.Status408RequestTimeout => Problems.TooSlow(),
                _ => Problems.BadRequest("The body is not well-formed HTTP.", "Check the client."),
            };
        }
        catch (IOException)
        {
            throw new ClientGoneException();
        }

        return content.WrittenMemory;
    }

    private async Task DiscardAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await context.Request.Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !aborted.IsCancellationRequested))
        {
            // Even longer, too slow, or gone: the connection is closed after the answer.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The body as JSON; an empty one is a fresh <typeparamref name="T"/>.</summary>
    public async Task<T> ReadAsync<T>(int limit)
        where T : new()
    {
        using HeldBytes held = Hold();
        ReadOnlyMemory<byte> content = await ReadBytesAsync(limit, held).ConfigureAwait(false);
        if (content.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return new T();
        }

        try
        {
            return JsonSerializer.Deserialize(content.Span, ApiJson.Strict.GetTypeInfo<T>())
                ?? throw Problems.BadRequest("The body says null.", "Send a JSON object, or no body.", 1);
        }
        catch (JsonException e)
        {
            // The serializer's own words name our types and quote the body; what a caller can use of them is the place.
            JsonFault found = JsonFault.Of(e);
            string path = e.Path is { Length: > 1 and <= LongestPath } known ? known : "";
            throw Problems.BadRequest(
                $"The body is not what is expected here{(path.Length > 0 ? $" ({path} does not fit)" : "")}. Column {found.Column}: "
                    + $"{found.Message}",
                $"Send an object with {Members<T>()} (docs/api.md), each at most once.",
                found.Line,
                path);
        }
    }

    /// <summary>The id under which a change is applied once: from the header, else from the body, else a new one.</summary>
    public string RequestId(string? fromBody)
    {
        string? fromHeader = context.Request.Headers.TryGetValue("Request-Id", out var values) ? values.ToString() : null;
        if (fromHeader is not null && fromBody is not null && fromHeader != fromBody)
        {
            throw Problems.BadRequest(
                "Header and body name different request ids.", "Give the request id in one place.", place: "requestId");
        }

        string? id = fromHeader ?? fromBody;
        if (id is null)
        {
            return Guid.NewGuid().ToString("N");
        }

        return id.Length is > 0 and <= RequestIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            ? id
            : throw Problems.BadRequest(
                "The request id is not well-formed.",
                $"Use 1 to {RequestIdLength} letters, digits, '-', '_', '.' and ':', or leave it out.", place: "requestId");
    }

    public async Task AnswerAsync<T>(T value, int status = StatusCodes.Status200OK)
    {
        using var answer = new AnswerBuffer(Hold());
        using (var writer = new Utf8JsonWriter(answer, ApiJson.Written))
        {
            JsonSerializer.Serialize(writer, value, ApiJson.Strict.GetTypeInfo<T>());
        }

        await SendAsync(answer, "application/json", status).ConfigureAwait(false);
    }

    public async Task AnswerAsync(byte[] content, string type)
    {
        using var answer = new AnswerBuffer(Hold());
        answer.Append(content);
        await SendAsync(answer, type, StatusCodes.Status200OK).ConfigureAwait(false);
    }

    private async Task SendAsync(AnswerBuffer answer, string type, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = answer.Length;
        foreach (ReadOnlyMemory<byte> piece in answer.Pieces)
        {
            await ClientWriter.WriteAsync(context, piece, limits.Client, aborted).ConfigureAwait(false);
        }
    }

    private static string Members<T>() =>
        string.Join(", ", ApiJson.Strict.GetTypeInfo<T>().Properties.Select(p => p.Name));
}
