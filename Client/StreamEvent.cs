using System.Text;

namespace ClusterTools.Client;

/// <summary>One event of the stream.</summary>
public sealed class StreamEvent
{
    private readonly IWireJson json;

    internal StreamEvent(string? id, string kind, string data, IWireJson json)
    {
        this.json = json;
        Id = id;
        Kind = kind;
        Data = data;
    }

    /// <summary>To go on after; null: this kind has none.</summary>
    public string? Id { get; }

    /// <summary>hello, journal, operation, state, gap.</summary>
    public string Kind { get; }

    /// <summary>JSON.</summary>
    public string Data { get; }

    /// <summary>The data as one of the contract's types.</summary>
    /// <exception cref="ClusterUnreachableException">It is none.</exception>
    public T Read<T>()
    {
        try
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(Data));
            return json.Read<T>(content);
        }
        catch (InvalidDataException e)
        {
            throw new ClusterUnreachableException(
                ClusterUnreachableException.AnswerNotUnderstood,
                $"An event of kind {Kind} is not understood: {e.Message}",
                "Check that this program is not older than the cluster's daemons.",
                e);
        }
    }
}
