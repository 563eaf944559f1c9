using System.Net.Http.Headers;

namespace ClusterTools.Client;

/// <summary>What is sent to one server after the other.</summary>
internal sealed class ClusterRequest
{
    /// <param name="method">The method.</param>
    /// <param name="path">With query.</param>
    public ClusterRequest(HttpMethod method, string path)
    {
        Method = method;
        Path = path;
    }

    public HttpMethod Method { get; }

    public string Path { get; }

    /// <summary>JSON or a cluster.conf.</summary>
    public byte[]? Body { get; set; }

    public string? RequestId { get; set; }

    /// <summary>The configuration's version that the change was made from.</summary>
    public long? ExpectedVersion { get; set; }

    public string? LastEventId { get; set; }

    /// <summary>How long the server may take beyond the ordinary, as it was asked to.</summary>
    public TimeSpan Wait { get; set; }

    /// <summary>Not every node has it: who does not is passed over.</summary>
    public bool TriesNextWhenNotFound { get; set; }

    /// <summary>Asked of this server alone, and once; null: of the servers in turn.</summary>
    public Uri? Only { get; set; }

    /// <summary>How long the only server that is asked may take; null: the ordinary time.</summary>
    public TimeSpan? Limit { get; set; }

    /// <summary>The answer has no end; its beginning is enough.</summary>
    public bool Stream { get; set; }

    public HttpRequestMessage Message(Uri server)
    {
        var message = new HttpRequestMessage(Method, new Uri(server, Path));
        if (Body is { Length: > 0 } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(body[0] == (byte)'<' ? "application/xml" : "application/json");

            // So that a body that is too large is refused before it is sent; otherwise it would cost a round trip.
            message.Headers.ExpectContinue = body.Length > 1024 * 1024;
        }

        if (RequestId is { } id)
        {
            message.Headers.Add("Request-Id", id);
        }

        if (ExpectedVersion is { } version)
        {
            message.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{version}\""));
        }

        if (LastEventId is { } last)
        {
            message.Headers.Add("Last-Event-ID", last);
        }

        return message;
    }
}
