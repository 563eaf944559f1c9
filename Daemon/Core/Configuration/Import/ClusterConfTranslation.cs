using System.Collections.Immutable;
using System.Globalization;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>One translation of a classic file into the model: this part reads what stands around nodes and groups.</summary>
internal sealed partial class ClusterConfTranslation(Func<string, string?> installed)
{
    private static readonly string[] KnownSections = ["cman", "totem", "fence_daemon", "clusternodes", "fencedevices", "rm"];

    private readonly ProblemList _problems = new();
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfElement> _sections = new(StringComparer.Ordinal);
    private bool _hasQuorumDisk;

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
            Timing = Timing(),
            FenceDevices = FenceDevices(),
            Nodes = Nodes(),
        };
        configuration = Votes(configuration);
        configuration = Groups(configuration);
        Leftovers(root, "cluster", "");

        foreach (var problem in ConfigurationValidation.Validate(configuration))
        {
            // Said already, at the line of <cluster>.
            if (problem.Path == "name" && name is null)
            {
                continue;
            }
            _problems.Add(problem with { Line = LineOf(problem.Path) ?? root.Line });
        }
        return new ImportResult(_problems.HasErrors ? null : configuration, _problems.ToImmutable()) { Groups = _groupsInOrder.ToImmutable() };
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
                _problems.Error(section.Name, $"<{section.Name}> stands there twice, first on line {_sections[section.Name].Line}.", "Put both into one.", section.Line);
            }
            return;
        }
        if (ClassicOptions.Sections.TryGetValue(section.Name, out var loss))
        {
            _hasQuorumDisk |= section.Name == "quorumd";
            _problems.Warning(section.Name, $"<{section.Name}> is known and has no effect: {loss}.", "Nothing, if you can do without it.", section.Line);
            if (section.Name == "quorumd")
            {
                QuorumDisk(section);
            }
            return;
        }
        UnknownElement(section, "", KnownSections.Concat(ClassicOptions.Sections.Keys.Order(StringComparer.Ordinal)));
    }

    private void QuorumDisk(ConfElement section)
    {
        foreach (var element in section.Children)
        {
            if (element.Name != "heuristic")
            {
                UnknownElement(element, section.Name, ["heuristic"]);
                continue;
            }
            _problems.Warning(section.Name,
                $"The heuristic '{ConfElementReader.Shown(Text(element, "program") ?? "")}' is not run: a node that fails it keeps its votes and its groups.",
                "Watch the same thing by a resource or a status check of the groups that need it.", element.Line);
        }
    }

    private ConfElement? Known(string section) => _sections.GetValueOrDefault(section);

    private ClusterTiming Timing()
    {
        var timing = new ClusterTiming();
        if (Known("totem") is { } totem)
        {
            _lines["timing/token"] = totem.Line;
            timing = timing with { Token = (int)Number(totem, "token", "timing/token", timing.Token, 0, int.MaxValue) };
            Leftovers(totem, "totem", "timing");
            foreach (var child in totem.Children)
            {
                if (child.Name == "interface")
                {
                    _problems.Warning("timing", "<interface> is known and has no effect: addresses and ports are configured with the network.", "Nothing, if you can do without it.", child.Line);
                }
                else
                {
                    UnknownElement(child, "timing", ["interface"]);
                }
            }
        }
        if (Known("fence_daemon") is { } daemon)
        {
            _lines["timing/postFailDelay"] = _lines["timing/postJoinDelay"] = daemon.Line;
            // Their unit is the second; a time beyond ours is left to validation, which names the range.
            timing = timing with
            {
                PostFailDelay = Milliseconds(daemon, "post_fail_delay", "timing/postFailDelay", timing.PostFailDelay),
                PostJoinDelay = daemon.Take("post_join_delay")?.Value.Trim() == "-1"
                    ? Forever(daemon, timing.PostJoinDelay)
                    : Milliseconds(daemon, "post_join_delay", "timing/postJoinDelay", timing.PostJoinDelay),
            };
            Leftovers(daemon, "fence_daemon", "timing");
            NoChildren(daemon, "timing");
        }
        return timing;
    }

    private int Forever(ConfElement daemon, int fallback)
    {
        _problems.Error("timing/postJoinDelay", "post_join_delay=\"-1\" waits for ever, which is not supported: the cluster would hang for a node that never comes.",
            "Write the seconds to wait, at most 600.", daemon.Take("post_join_delay")!.Line);
        return fallback;
    }

    private int Milliseconds(ConfElement element, string attribute, string path, int fallback) =>
        (int)Math.Min(Number(element, attribute, path, fallback / 1000, 0, int.MaxValue) * 1000, int.MaxValue);

    private ClusterConfiguration Votes(ClusterConfiguration configuration)
    {
        var sum = configuration.Nodes.Values.Sum(n => n.Votes);
        if (Known("cman") is not { } cman)
        {
            return configuration;
        }
        _lines["expectedVotes"] = _lines["twoNode"] = cman.Line;
        var twoNode = Flag(cman, "two_node", "twoNode", fallback: false);
        var expected = cman.Take("expected_votes") is null ? 0 : (int)Number(cman, "expected_votes", "expectedVotes", sum, 0, int.MaxValue);
        if (cman.Take("expected_votes") is not null && expected == 0)
        {
            _problems.Error("expectedVotes", "expected_votes is 0.", "Write the sum of the nodes' votes, or leave it out.", cman.Line);
        }
        if (twoNode && expected is not (0 or 1))
        {
            _problems.Error("expectedVotes", $"two_node=\"1\" stands together with expected_votes=\"{expected}\".",
                "Write expected_votes=\"1\" with two_node=\"1\", or remove two_node.", cman.Line);
        }
        if (_hasQuorumDisk && expected != 0 && expected != sum)
        {
            var quorum = (sum / 2) + 1;
            _problems.Warning("expectedVotes",
                $"expected_votes=\"{expected}\" counts the quorum disk, which is not there yet: quorum is {quorum} of the nodes' {sum} votes."
                    + (configuration.Nodes.Count == 2 && !twoNode ? " The loss of one of the two nodes stops the cluster." : ""),
                configuration.Nodes.Count == 2 && !twoNode
                    ? "Write two_node=\"1\" expected_votes=\"1\" to let fencing decide who survives."
                    : "Nothing, if that is enough.",
                cman.Line);
            expected = 0;
        }
        Leftovers(cman, "cman", "");
        foreach (var child in cman.Children)
        {
            if (child.Name == "multicast")
            {
                _problems.Warning("", "<multicast> is known and has no effect: addresses of the network are configured with the network.", "Nothing, if you can do without it.", child.Line);
            }
            else
            {
                UnknownElement(child, "", ["multicast"]);
            }
        }
        if (!twoNode && expected > 0 && expected < sum)
        {
            _problems.Warning("expectedVotes",
                $"expected_votes=\"{expected}\" is less than the nodes' {sum} votes; as in the classic cluster the higher number counts: quorum is {(sum / 2) + 1}.",
                "Remove expected_votes.", cman.Line);
            expected = 0;
        }
        // The sum need not be written down, where it would have to be changed with every node.
        return configuration with { TwoNode = twoNode, ExpectedVotes = twoNode || expected == 0 || expected == sum ? null : expected };
    }

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

    /// <summary>A time as the classic manager writes it: seconds, or with s, m, h or d behind it.</summary>
    private long? Seconds(ConfAttribute given, string path)
    {
        var text = given.Value.Trim();
        var unit = text.Length > 1 ? char.ToLowerInvariant(text[^1]) : '0';
        var factor = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        var digits = factor == 0 ? text : text[..^1];
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 31_536_000)
        {
            return Math.Min(value * Math.Max(factor, 1), 31_536_000);
        }
        _problems.Error(path,
            value < 0 ? $"{given.Name}=\"{ConfElementReader.Shown(text)}\" is negative." : $"{given.Name}=\"{ConfElementReader.Shown(given.Value)}\" is not a time.",
            "Write seconds, such as \"300\", or \"5m\".", given.Line);
        return null;
    }

    private void UnknownElement(ConfElement element, string path, IEnumerable<string> known) =>
        _problems.Error(path, $"The element <{ConfElementReader.Shown(element.Name)}> is not known here.",
            $"Correct or remove it; known here are: {string.Join(", ", known)}.", element.Line);

    private void NoChildren(ConfElement element, string path)
    {
        NoText(element, path);
        foreach (var child in element.Children)
        {
            _problems.Error(path, $"The element <{ConfElementReader.Shown(child.Name)}> is not known in <{element.Name}>, which holds no elements.", "Remove it, or put it where it belongs.", child.Line);
        }
    }

    private void NoText(ConfElement element, string path)
    {
        if (element.TextLine > 0)
        {
            _problems.Warning(path, $"There is text within <{ConfElementReader.Shown(element.Name)}>; it is ignored and means nothing.", "Put it into a comment, or into the attribute it belongs to.", element.TextLine);
        }
    }

    /// <summary>Tells of every attribute that nothing has taken.</summary>
    private void Leftovers(ConfElement element, string place, string path)
    {
        if (element.Told)
        {
            return;
        }
        foreach (var attribute in element.Leftovers())
        {
            var name = ConfElementReader.Shown(attribute.Name);
            if (ClassicOptions.Loss(place, attribute.Name) is { } loss)
            {
                // A switch that is off asks for nothing that could be lost.
                if (IsSwitch(attribute.Value) != false)
                {
                    _problems.Warning(path, $"The attribute {name} of <{element.Name}> is known and has no effect: {loss}.", "Nothing, if you can do without it.", attribute.Line);
                }
            }
            else
            {
                _problems.Warning(path, $"The attribute {name} of <{element.Name}> is not understood and is ignored: whatever it asks for does not happen.",
                    "Correct its spelling, or remove it.", attribute.Line);
            }
        }
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
