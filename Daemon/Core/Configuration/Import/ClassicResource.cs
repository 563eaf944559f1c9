using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>One resource on its way from the classic file into the model.</summary>
/// <param name="type">What is known of its type.</param>
/// <param name="definition">Where its attributes stand: the element itself, or the shared resource it refers to.</param>
/// <param name="around">The resource it stands in; null at the top.</param>
/// <param name="path">Place in the model.</param>
/// <param name="problems">Where its problems go.</param>
internal sealed class ClassicResource(ClassicType type, ConfElement definition, ClassicResource? around, string path, ClusterConfTranslation problems)
{
    public string Name { get; } = definition.Take(type.Primary)?.Value.Trim() ?? "";

    public string Path => path;

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
                        if (outer.Own(source) is { } value)
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
    public bool? Switch(string attribute) =>
        definition.Take(attribute) is { } one ? problems.Switch(one, path, fallback: false) : null;

    public void Warn(string message, string remedy) => TellOnce(ProblemSeverity.Warning, message, remedy);

    public void Refuse(string message, string remedy) => TellOnce(ProblemSeverity.Error, message, remedy);

    private ClassicResource? Around => around;

    private string? Own(string attribute) =>
        definition.Take(attribute)?.Value is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    // A shared resource is read once per reference, its problems are told once.
    private void TellOnce(ProblemSeverity severity, string message, string remedy)
    {
        if (!definition.Told)
        {
            problems.Tell(severity, path, $"{type.Name} '{ConfElementReader.Shown(Name)}' {message}", remedy, definition.Line);
        }
    }
}
