using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>Why something is as it is. The state keeps what is the case; the words are made of it when somebody reads them.</summary>
public sealed record Cause
{
    /// <summary>Nothing has been decided.</summary>
    public static Cause None { get; } = CauseKind.None.With();

    [JsonConverter(typeof(CauseKindConverter))]
    public required CauseKind Kind { get; init; }

    /// <summary>What it speaks of, such as a node and a resource, in the order of the kind's phrase.</summary>
    public ImmutableArray<string> Of { get; init; } = [];

    /// <summary>What it goes back to, told first; null: it says all.</summary>
    public Cause? First { get; init; }

    /// <summary>This and what follows from it, or comes with it.</summary>
    public Cause Then(Cause next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return this == None ? next : next with { First = next.First is null ? this : Then(next.First) };
    }

    /// <summary>What somebody said, or else what is the case.</summary>
    public static Cause Said(string? words, Cause otherwise) => words is null ? otherwise : CauseKind.InTheirWords.With(words);

    /// <summary>In words, with the failure that it speaks of, or that came before it, in the agent's.</summary>
    public string Explain(GroupFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return this == None ? failure.ToString()
            : Told(failure) ?? $"{this} ({failure})";
    }

    /// <summary>In words.</summary>
    public override string ToString() => First is null ? Kind.Words(Of) : $"{First}; {Kind.Words(Of)}";

    public bool Equals(Cause? other) =>
        other is not null && Kind == other.Kind && Of.AsSpan().SequenceEqual(other.Of.AsSpan()) && First == other.First;

    public override int GetHashCode() => HashCode.Combine(Kind, Of.Length, Of.IsEmpty ? "" : Of[0], First);

    /// <summary>In words that tell what failed and what the agent said; null: it speaks of something else.</summary>
    private string? Told(GroupFailure failure) =>
        First is not null ? First.Told(failure) is { } first ? $"{first}; {Kind.Words(Of)}" : null
        : Kind.Tells == failure.What && Of[0] == failure.Resource ? Kind.Words(Of, $": {failure.Said}")
        : null;
}
