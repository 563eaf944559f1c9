namespace ClusterTools.Client;

/// <summary>Who answered what was asked in a call, as far as that says how much the answer is worth.</summary>
internal sealed class AnswerOrigin
{
    private static readonly AsyncLocal<AnswerOrigin?> Asked = new();

    /// <summary>A node that answered and has no quorum: of others it tells what was known last. Null: none did.</summary>
    public string? WithoutQuorum { get; private set; }

    /// <summary>Begins a call: what comes of it is noted here.</summary>
    public static AnswerOrigin Begin() => Asked.Value = new AnswerOrigin();

    /// <summary>Notes whose answer this is.</summary>
    public static void Note(HttpResponseMessage response)
    {
        if (Asked.Value is { } origin && Header(response, "Cluster-Quorum") == "none")
        {
            origin.WithoutQuorum = Header(response, "Cluster-Node") ?? "the node that answers";
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
