using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>One resource on its way from the classic file into the model.</summary>
/// <param name="type">What is known of its type.</param>
/// <param name="definition">Where its attributes stand: the element itself, or the shared resource it refers to.</param>
/// <param name="defaults">What &lt;resource-defaults&gt; says of its type.</param>
/// <param name="around">The resource it stands in; null for a group.</param>
/// <param name="path">Place in the model.</param>
/// <param name="read">Reads what its attributes say.</param>
internal sealed class ClassicResource(
    ClassicType type, ConfElement definition, ConfElement? defaults, ClassicResource? around, string path, AttributeReader read)
{
    public string Name { get; } = definition.Take(type.Primary)?.Value.Trim() ?? "";

    public string Path => path;

    /// <summary>What stands in the service around it.</summary>
    public required ServiceSurroundings Service { get; init; }

    /// <summary>File system ids of what is exported.</summary>
    public required ExportIds Exports { get; init; }

    public string Agent { get; set; } = type.Agent;

    public ImmutableSortedDictionary<string, string>.Builder Parameters { get; } =
        ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

    /// <summary>Its own attribute, or what it inherits; null when there is none or it is blank.</summary>
    public string? Value(string attribute)
    {
        if (Own(attribute) is { } own)
        {
            return own;
        }
        foreach (var (inherited, from) in type.Inherited)
        {
            if (inherited == attribute)
            {
                for (var outer = around; outer is not null; outer = outer.Around)
                {
                    foreach (var source in from)
                    {
                        var percent = source.IndexOf('%', StringComparison.Ordinal);
                        if ((percent < 0 || source.AsSpan(0, percent).SequenceEqual(outer.Type))
                            && outer.Own(source[(percent + 1)..]) is { } value)
                        {
                            return value;
                        }
                    }
                }
            }
        }
        return null;
    }

    /// <summary>A switch of its own; null when it is not there. What is no switch is an error.</summary>
    public bool? Switch(string attribute) => Given(attribute) is { } one ? read.Switch(one, path, fallback: false) : null;

    /// <summary>Its own attribute as it stands there, or the default of its type; counts as understood.</summary>
    public ConfAttribute? Given(string attribute) =>
        definition.Take(attribute) ?? (attribute == type.Primary || type.Unique.Contains(attribute) ? null : defaults?.Take(attribute));

    /// <summary>Names of its own attributes and of those that its type has defaults for.</summary>
    public IEnumerable<string> Attributes =>
        definition.Attributes.Concat(defaults?.Attributes ?? []).Select(a => a.Name).Distinct(StringComparer.Ordinal);

    /// <summary>The resource around of the given type; null: there is none.</summary>
    public ClassicResource? Within(string name) => around is null || around.Type == name ? around : around.Within(name);

    public void Warn(string message, string remedy) => TellOnce(ProblemSeverity.Warning, path, message, remedy);

    /// <summary>Its agent could not work with these parameters. The tree of the group is whole all the same.</summary>
    public void Refuse(string message, string remedy) => TellOnce(ProblemSeverity.Error, $"{path}/parameters", message, remedy);

    /// <summary>The classic manager would not have had it either: the tree of the group is not whole.</summary>
    public void RefuseWhole(string message, string remedy) => TellOnce(ProblemSeverity.Error, path, message, remedy);

    private ClassicResource? Around => around;

    private string Type => type.Name;

    private string? Own(string attribute) =>
        Given(attribute)?.Value is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    // A shared resource is read once per reference, its problems are told once.
    private void TellOnce(ProblemSeverity severity, string place, string message, string remedy)
    {
        if (!definition.Told)
        {
            read.Problems.Add(new ConfigurationProblem(
                severity, place, $"{type.Name} '{Name.Shown()}' {message}", remedy, definition.Line));
        }
    }
}
