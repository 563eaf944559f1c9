using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>
/// A program that tells why a start of an agent failed, for agents that tell it to the system's log alone. It changes nothing.
/// </summary>
internal sealed record StartDiagnosis
{
    private static readonly ImmutableSortedDictionary<string, StartDiagnosis> known =
        ImmutableSortedDictionary.Create<string, StartDiagnosis>(StringComparer.Ordinal)
        .Add("ocf:heartbeat:sfex", new StartDiagnosis
        {
            Program = "sfex_stat",
            Parameters = [("-i", "index"), (null, "device")],
            // Its last line says UNLOCKED for a lock that another node holds: what stands on the disk is in the lines before.
            Sentence = static (output, values) =>
                (Line(output, "status:"), Line(output, "nodename:")) switch
                {
                    ("lock", { Length: > 0 } node) =>
                        $"the lock on {values.GetValueOrDefault("device")} is {node}'s, who renews it or died with it",
                    ("unlock", _) => $"the lock on {values.GetValueOrDefault("device")} is free",
                    _ => null,
                },
        });

    /// <summary>Its name.</summary>
    public required string Program { get; init; }

    /// <summary>The agent's parameters that are its arguments where they are set, behind an option or alone.</summary>
    public required ImmutableArray<(string? Option, string Parameter)> Parameters { get; init; }

    /// <summary>What its output means for a resource with these parameters; null: nothing that is known.</summary>
    public required Func<string, ImmutableSortedDictionary<string, string>, string?> Sentence { get; init; }

    /// <summary>The one for an agent; null: none is known.</summary>
    public static StartDiagnosis? Find(string agent) => known.GetValueOrDefault(agent);

    /// <summary>The program's arguments for a resource.</summary>
    public ImmutableArray<string> Arguments(ImmutableSortedDictionary<string, string> values)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        foreach ((string? option, string parameter) in Parameters)
        {
            if (values.TryGetValue(parameter, out string? value) && value.Length > 0)
            {
                if (option is not null)
                {
                    arguments.Add(option);
                }

                arguments.Add(value);
            }
        }

        return arguments.ToImmutable();
    }

    private static string? Line(string output, string label) => output.Split('\n').Select(static line => line.Trim())
        .FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))?[label.Length..].Trim();
}
