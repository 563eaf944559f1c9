using System.Collections.Immutable;
using System.Globalization;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Makes settings of a file's text, and tells of everything that does not fit into them.</summary>
internal sealed partial class CorosyncReader(string path)
{
    public const string Cipher = "aes256";
    public const string Hash = "sha256";
    public const string Provider = "corosync_votequorum";

    /// <summary>Problems that are told; of a file that is no corosync.conf at all, nobody reads more.</summary>
    private const int MaxProblems = 200;

    private readonly List<CorosyncProblem> problems = [];
    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);

    public CorosyncReading Read(string text)
    {
        CorosyncSection root = CorosyncParser.Parse(text, problems.Add);
        if (root.Sections.Where(section => section.Name == "nodelist").Skip(1).FirstOrDefault() is { } again)
        {
            problems.Add(CorosyncProblem.Error("nodelist", "There is more than one list of nodes.", "Put all nodes into one.")
                with { Line = again.Line });
        }

        CorosyncSection totem = Section(root, "totem"), nodes = Section(root, "nodelist");
        CorosyncSection quorum = Section(root, "quorum"), logging = Section(root, "logging");
        bool toFile = Switch(logging, "to_logfile", false);
        string? logFile = Text(logging, "logfile");
        var settings = new CorosyncSettings
        {
            ClusterName = Text(totem, "cluster_name") ?? "",
            Version = Number(totem, "config_version", long.MaxValue) ?? 0,
            Timing = Timing(totem),
            CryptoModel = Crypto(totem),
            KeyFile = KeyFile(totem),
            Links = [.. Sections(totem, "interface").Select(Link)],
            Nodes = [.. Sections(nodes, "node").Select(Node)],
            TwoNode = Integer(quorum, "two_node") is > 0,
            WaitForAll = Integer(quorum, "wait_for_all") is { } wait ? wait > 0 : null,
            LastManStanding = Integer(quorum, "last_man_standing") is > 0,
            LastManStandingWindow = Integer(quorum, "last_man_standing_window"),
            Device = Device(quorum),
            LogToSyslog = Switch(logging, "to_syslog", true),
            LogFile = toFile ? logFile ?? "" : null,
        };
        Fixed(totem, "version", "2", "Set it to 2, which is the only one.");
        Fixed(totem, "transport", "knet", "Set it to knet; stop corosync on all nodes for that.", orMissing: true);
        Fixed(quorum, "provider", Provider, $"Set it to {Provider}.");
        ExpectedVotes(quorum, settings);
        Rest(root, "");
        // What is not even a number is not told again as one that is out of range.
        HashSet<string> told =
            [.. problems.Where(problem => problem.Severity == CorosyncProblemSeverity.Error).Select(problem => problem.Place)];
        problems.AddRange(CorosyncCheck.Problems(settings).Where(problem => !told.Contains(problem.Place)));
        return new CorosyncReading(settings, Ordered());
    }

    private ImmutableArray<CorosyncProblem> Ordered()
    {
        CorosyncProblem[] all = [.. problems.Select(problem => problem with { File = path, Line = problem.Line ?? LineOf(problem.Place) })];
        ImmutableArray<CorosyncProblem> ordered = [.. all.OrderBy(problem => problem.Line ?? int.MaxValue)];
        if (ordered.Length <= MaxProblems)
        {
            return ordered;
        }

        // Whether there are errors must not depend on where they stand.
        ordered = [.. all.OrderBy(problem => problem.Severity).ThenBy(problem => problem.Line ?? int.MaxValue).Take(MaxProblems)];
        return ordered.Add(new CorosyncProblem(
            CorosyncProblemSeverity.Warning, "", $"There are {all.Length - MaxProblems} more problems.", "Mend these first.", path));
    }

    private int? LineOf(string place)
    {
        for (string at = place; at.Length > 0; at = at[..Math.Max(0, at.LastIndexOf('.'))])
        {
            if (lines.TryGetValue(at, out int line))
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>Sections of a name, which corosync takes as one.</summary>
    private CorosyncSection Section(CorosyncSection parent, string name)
    {
        CorosyncSection[] all = [.. parent.Sections.Where(section => section.Name == name)];
        if (all.Length == 0)
        {
            return new CorosyncSection(name, parent.Place.Length == 0 ? name : $"{parent.Place}.{name}", null);
        }

        lines.TryAdd(all[0].Place, all[0].Line!.Value);
        foreach (CorosyncSection more in all.Skip(1))
        {
            all[0].Items.AddRange(more.Items);
            all[0].Sections.AddRange(more.Sections);
        }

        parent.Sections.RemoveAll(section => section.Name == name && section != all[0]);
        return all[0];
    }

    private CorosyncSection[] Sections(CorosyncSection parent, string name)
    {
        CorosyncSection[] all = [.. parent.Sections.Where(section => section.Name == name)];
        for (int i = 0; i < all.Length; i++)
        {
            all[i].Place = $"{all[i].Place}.{i.ToString(CultureInfo.InvariantCulture)}";
            lines.TryAdd(all[i].Place, all[i].Line!.Value);
        }

        return all;
    }

    /// <summary>A value of a key, which is the last of several; null when there is none.</summary>
    private string? Text(CorosyncSection section, string key)
    {
        (string Key, string Value, int Line)[] found = [.. section.Items.Where(item => item.Key == key)];
        if (found.Length == 0)
        {
            return null;
        }

        string place = $"{section.Place}.{key}";
        lines[place] = found[^1].Line;
        if (found.Length > 1)
        {
            problems.Add(CorosyncProblem.Warning(
                place, $"It is set {found.Length} times; '{CorosyncParser.Short(found[^1].Value)}', the last, holds.",
                "Take the others out."));
        }

        section.Items.RemoveAll(item => item.Key == key);
        return found[^1].Value;
    }

    private long? Number(CorosyncSection section, string key, long most)
    {
        string? text = Text(section, key);
        if (text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= most))
        {
            return text is null ? null : long.Parse(text, CultureInfo.InvariantCulture);
        }

        problems.Add(CorosyncProblem.Error(
            $"{section.Place}.{key}", $"'{CorosyncParser.Short(text)}' is not a whole number from 0 to {most}.", "Write one."));
        return null;
    }

    private int? Integer(CorosyncSection section, string key) => (int?)Number(section, key, int.MaxValue);

    /// <summary>A time or number of which corosync takes 0 as not said.</summary>
    private int? Positive(CorosyncSection section, string key) => Integer(section, key) is { } value and > 0 ? value : null;

    private bool Switch(CorosyncSection section, string key, bool unsaid)
    {
        string? text = Text(section, key);
        if (text is not (null or "yes" or "no"))
        {
            problems.Add(CorosyncProblem.Error($"{section.Place}.{key}", $"It is '{CorosyncParser.Short(text)}'.", "Set it to yes or no."));
        }

        return text is null ? unsaid : text == "yes";
    }

    private void Fixed(CorosyncSection section, string key, string value, string remedy, bool orMissing = false)
    {
        string? text = Text(section, key);
        if (text != value && !(text is null && orMissing))
        {
            problems.Add(CorosyncProblem.Error(
                $"{section.Place}.{key}", text is null ? "It is missing." : $"It is '{CorosyncParser.Short(text)}'.", remedy));
        }
    }

    /// <summary>What nobody took.</summary>
    private void Rest(CorosyncSection section, string name)
    {
        foreach ((string key, string value, int line) in section.Items)
        {
            string place = section.Place.Length == 0 ? key : $"{section.Place}.{key}";
            if (CorosyncUnsupported.Problem($"{name}{key}", place, value) is { } problem)
            {
                problems.Add(problem with { Line = line });
            }
        }

        foreach (CorosyncSection inner in section.Sections)
        {
            if (lines.ContainsKey(inner.Place))
            {
                Rest(inner, $"{name}{inner.Name}.");
            }
            else if (inner.Name.Length > 0)
            {
                problems.Add(CorosyncUnsupported.Problem(inner));
            }
        }
    }
}
