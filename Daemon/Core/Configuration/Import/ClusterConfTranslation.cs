using System.Collections.Immutable;
using System.Globalization;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>One translation of a classic file into the model: this part reads the file as a whole, and the values of its attributes.</summary>
internal sealed partial class ClusterConfTranslation(Func<string, string?> installed)
{
    private static readonly string[] KnownSections = ["cman", "totem", "fence_daemon", "clusternodes", "fencedevices", "rm"];

    private readonly ProblemList _problems = new(groupWarnings: true);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfElement> _sections = new(StringComparer.Ordinal);

    /// <summary>Paths of what lacks something because of an error.</summary>
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);

    private bool _hasUnknownSection;

    public ImportResult Translate(ConfElement root)
    {
        if (root.Name != "cluster")
        {
            return ImportResult.Refused("", $"The root element is <{ConfElementReader.Shown(root.Name)}>, not <cluster>.",
                "Give a cluster.conf: an XML file with <cluster> as its root.", root.Line);
        }
        NoText(root, "");
        foreach (var child in root.Children)
        {
            Section(child);
        }

        _lines["name"] = _lines["version"] = _lines["nodes"] = _lines["expectedVotes"] = _lines["twoNode"] = root.Line;
        var name = Text(root, "name");
        if (name is null)
        {
            _problems.Error("name", "The cluster has no name.", "Add name=\"…\" to <cluster>.", root.Line);
        }
        if (root.Take("config_version") is null)
        {
            _problems.Warning("version", "The cluster has no config_version; 1 is taken.", "Add config_version=\"1\" to <cluster>, and raise it with every change.", root.Line);
        }
        var configuration = new ClusterConfiguration
        {
            Name = name ?? "unnamed",
            Version = Number(root, "config_version", "version", 1, 1, long.MaxValue - 1),
            Timing = Timing(root),
            FenceDevices = FenceDevices(),
            Nodes = Nodes(),
        };
        configuration = Votes(configuration);
        configuration = Groups(configuration);
        Leftovers(root, "cluster", "");

        TellLongLimits();
        var validated = ConfigurationValidation.Validate(configuration);
        var fencingIsWrong = validated.Any(p => p.Severity == ProblemSeverity.Error && p.Path.Contains("/fenceMethods", StringComparison.Ordinal));
        foreach (var problem in validated)
        {
            var line = LineOf(problem.Path) ?? root.Line;
            if (problem is { Severity: ProblemSeverity.Warning, Path: "twoNode" })
            {
                if (!fencingIsWrong)
                {
                    _problems.Foremost(problem.Path, problem.Message, problem.Remedy, line);
                }
            }
            else if (!Follows(problem, configuration))
            {
                _problems.Add(problem with { Line = line });
            }
        }
        return new ImportResult(_problems.HasErrors ? null : configuration, _problems.ToImmutable()) { Groups = _groupsInOrder.ToImmutable() };
    }

    /// <summary>Whether the problem is there only because of an error that was told already, at the line where it is.</summary>
    private bool Follows(ConfigurationProblem problem, ClusterConfiguration configuration)
    {
        var path = problem.Path;
        if (path == "nodes" && configuration.Nodes.IsEmpty)
        {
            return _problems.HasErrorAt("nodes") || (_hasUnknownSection && !_sections.ContainsKey("clusternodes"));
        }
        if (path.EndsWith("/device", StringComparison.Ordinal))
        {
            return _problems.HasErrorAt("fenceDevices") || (_hasUnknownSection && !_sections.ContainsKey("fencedevices"));
        }
        return (path == "name" && _problems.HasErrorAt("name")) || _incomplete.Contains(path);
    }

    public void Tell(ProblemSeverity severity, string path, string message, string remedy, int line) =>
        _problems.Add(new ConfigurationProblem(severity, path, message, remedy, line));

    /// <summary>What an attribute's switch says: 1/0, yes/no, on/off, true/false.</summary>
    public bool Switch(ConfAttribute attribute, string path, bool fallback)
    {
        if (IsSwitch(attribute.Value) is { } value)
        {
            return value;
        }
        _problems.Error(path, $"{attribute.Name}=\"{ConfElementReader.Shown(attribute.Value)}\" is neither on nor off.",
            "Write 1 or 0 (yes and no, on and off, true and false are understood too).", attribute.Line);
        return fallback;
    }

    private static bool? IsSwitch(string value) => value.Trim().ToLowerInvariant() switch
    {
        "1" or "yes" or "on" or "true" or "y" or "enabled" => true,
        "0" or "no" or "off" or "false" or "n" or "disabled" => false,
        _ => null,
    };

    private void Section(ConfElement section)
    {
        if (KnownSections.Contains(section.Name))
        {
            if (!_sections.TryAdd(section.Name, section))
            {
                Again(_sections[section.Name], section);
            }
        }
        else if (section.Name == "quorumd" && _quorumDisk is null)
        {
            _quorumDisk = section;
        }
        else if (ClassicOptions.Sections.TryGetValue(section.Name, out var loss))
        {
            Lost(section.Name, $"'<{section.Name}>'", loss, section.Line, ClassicOptions.Remedy(section.Name));
        }
        else
        {
            _hasUnknownSection = true;
            UnknownElement(section, "", KnownSections.Concat(ClassicOptions.Sections.Keys.Order(StringComparer.Ordinal)));
        }
    }

    /// <summary>The classic programs looked attributes up wherever they stand, and found the first. Of two &lt;rm&gt; they ran a mixture that nobody can have meant.</summary>
    private void Again(ConfElement first, ConfElement second)
    {
        if (second.Name == "rm")
        {
            _problems.Error(second.Name, $"<{second.Name}> stands there twice, first on line {first.Line}.", "Put both into one.", second.Line);
            return;
        }
        var differ = new List<string>();
        foreach (var attribute in second.Attributes)
        {
            if (first.Attributes.Find(a => a.Name == attribute.Name) is not { } before)
            {
                first.Attributes.Add(attribute);
            }
            else if (before.Value != attribute.Value)
            {
                differ.Add(attribute.Name);
            }
        }
        first.Children.AddRange(second.Children);
        _problems.Warning(ClassicOptions.PathOf(second.Name),
            $"<{second.Name}> stands there twice, first on line {first.Line}; both are read as one, as in the classic cluster."
                + (differ.Count > 0 ? $" What the first says of {string.Join(", ", differ.Select(d => ConfElementReader.Shown(d)))} holds." : ""),
            "Put both into one.", second.Line);
    }

    private ConfElement? Known(string section) => _sections.GetValueOrDefault(section);

    private static string? Text(ConfElement element, string attribute) =>
        element.Take(attribute)?.Value.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>The name, or null after an error: what has no name is left out.</summary>
    private string? Name(ConfElement element, string attribute, string path)
    {
        if (Text(element, attribute) is { } name)
        {
            if (name.Length <= ConfigurationLimits.NameLength)
            {
                return name;
            }
            _problems.Error(path, $"The {attribute} of a <{element.Name}> has {name.Length:N0} characters; the limit is {ConfigurationLimits.NameLength}.", "Shorten it.", element.Line);
            return null;
        }
        _problems.Error(path, $"A <{element.Name}> has no {attribute}.", $"Add {attribute}=\"…\".", element.Line);
        return null;
    }

    private long Number(ConfElement element, string attribute, string path, long fallback, long least, long most)
    {
        if (element.Take(attribute) is not { } given)
        {
            return fallback;
        }
        _lines[path] = given.Line;
        if (!long.TryParse(given.Value.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            _problems.Error(path, $"{attribute}=\"{ConfElementReader.Shown(given.Value)}\" is not a whole number.", $"Write a number, such as {attribute}=\"{Math.Max(fallback, least)}\".", given.Line);
            return fallback;
        }
        if (value < least || value > most)
        {
            _problems.Error(path, value < 0 ? $"{attribute}=\"{value}\" is negative." : $"{attribute}=\"{value}\" is out of range.",
                most >= int.MaxValue ? $"Write {least} or greater." : $"Write {least} to {most}.", given.Line);
            return fallback;
        }
        return value;
    }

    private bool Flag(ConfElement element, string attribute, string path, bool fallback)
    {
        if (element.Take(attribute) is not { } given)
        {
            return fallback;
        }
        _lines[path] = given.Line;
        return Switch(given, path, fallback);
    }

    private int? LineOf(string path)
    {
        for (var at = path; ; at = at[..at.LastIndexOf('/')])
        {
            if (_lines.TryGetValue(at, out var line))
            {
                return line;
            }
            if (!at.Contains('/', StringComparison.Ordinal))
            {
                return null;
            }
        }
    }

    private static ImmutableSortedDictionary<string, T>.Builder Sorted<T>() => ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
}
