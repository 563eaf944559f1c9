using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>What is to be said of the file, each with its line; what nothing has taken is told.</summary>
internal sealed class ImportProblems
{
    private readonly ProblemList _problems = new(groupWarnings: true);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    public bool HasErrors => _problems.HasErrors;

    public int Errors => _problems.Errors;

    public bool HasErrorAt(string path) => _problems.HasErrorAt(path);

    public void Error(string path, string message, string remedy, int line) => _problems.Error(path, message, remedy, line);

    public void Warning(string path, string message, string remedy, int line) => _problems.Warning(path, message, remedy, line);

    public void Foremost(string path, string message, string remedy, int line) => _problems.Foremost(path, message, remedy, line);

    public void Add(ConfigurationProblem problem) => _problems.Add(problem);

    public ImmutableArray<ConfigurationProblem> ToImmutable() => _problems.ToImmutable();

    /// <summary>Places in the model, and the line that they come from.</summary>
    public void Place(int line, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            _lines[path] = line;
        }
    }

    /// <summary>The same, unless the place has a line already.</summary>
    public bool TryPlace(int line, string path) => _lines.TryAdd(path, line);

    /// <summary>The line that a place comes from, or what it stands in; null: none is known.</summary>
    public int? LineOf(string path) => _lines.Nearest(path);

    /// <summary>The classic manager took a reference's attributes from the shared resource alone.</summary>
    public void ReferenceLeftovers(ConfElement element, string place, string path)
    {
        foreach (var attribute in element.Leftovers())
        {
            if (ClassicOptions.Loss(place, attribute.Name) is { } loss)
            {
                Lost(path, $"The attribute '{attribute.Name}' of <{element.Name}>", loss, attribute.Line,
                    ClassicOptions.Remedy($"{place}/{attribute.Name}"));
            }
            else
            {
                Warning(path,
                    $"The attribute '{attribute.Name.Shown()}' stands beside a ref and is ignored: what the shared resource says holds.",
                    "Put it into the shared resource.", attribute.Line);
            }
        }
    }

    /// <summary>A known part of the file that asks for something that does not happen here.</summary>
    public void Lost(string path, string what, string loss, int line, string? remedy = null) =>
        Warning(path, $"{what} has no effect here: {loss}.", remedy ?? ClassicOptions.Remedy(""), line);

    public void UnknownElement(ConfElement element, string path, IEnumerable<string> known) =>
        Error(path, $"The element <{element.Name.Shown()}> is not known here.",
            $"Correct or remove it; known here are: {string.Join(", ", known)}.", element.Line);

    public void NoChildren(ConfElement element, string path)
    {
        NoText(element, path);
        foreach (var child in element.Children)
        {
            Error(path, $"The element <{child.Name.Shown()}> is not known in <{element.Name}>, which holds no elements.",
                "Remove it, or put it where it belongs.", child.Line);
        }
    }

    public void NoText(ConfElement element, string path)
    {
        if (element.TextLine > 0)
        {
            Warning(path, $"There is text within <{element.Name.Shown()}>; it is ignored and means nothing.",
                "Put it into a comment, or into the attribute it belongs to.", element.TextLine);
        }
    }

    /// <summary>Tells of every attribute that nothing has taken.</summary>
    public void Leftovers(ConfElement element, string place, string path)
    {
        if (element.Told)
        {
            return;
        }
        foreach (var attribute in element.Leftovers())
        {
            var name = attribute.Name.Shown();
            if (ClassicOptions.Loss(place, attribute.Name) is { } loss)
            {
                // A switch that is off asks for nothing that could be lost.
                if (AttributeReader.IsSwitch(attribute.Value) != false)
                {
                    Lost(path, $"The attribute '{name}' of <{element.Name}>", loss, attribute.Line,
                        ClassicOptions.Remedy($"{place}/{attribute.Name}"));
                }
            }
            else
            {
                Warning(path,
                    $"The attribute '{name}' of <{element.Name}> is not understood and is ignored: whatever it asks for does not happen.",
                    "Correct its spelling, or remove it.", attribute.Line);
            }
        }
    }

    public void Twice(string path, string what, string name, ConfElement second) =>
        Error(path, $"The {what} '{name.Shown()}' stands there twice, first on line {LineOf(path)}.",
            "Remove one of them, or give it another name.", second.Line);
}
