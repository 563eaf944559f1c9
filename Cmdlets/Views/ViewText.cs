using System.Collections;
using System.Globalization;
using System.Management.Automation.Host;
using ClusterTools.Core;

namespace ClusterTools.Views;

/// <summary>Values as people read them: what the views in <c>Formats/</c> call. Nothing here is for scripts.</summary>
public static class ViewText
{
    private const string Good = "32";
    private const string Changing = "33";
    private const string Bad = "31";
    private const string Faint = "90";
    private const string Failed = "failed: ";

    // Windows PowerShell counts the characters of a colour as width, so its tables would be cut.
    private static readonly bool ColourFits = typeof(PSObject).Assembly.GetName().Version?.Major >= 6;

    /// <summary>
    /// A state, coloured where the host can show it and NO_COLOR is not set; the word itself says the same without colour.
    /// </summary>
    /// <param name="state">A value of one of the enumerations of states.</param>
    /// <param name="host">Whose screen it is.</param>
    public static string State(object? state, PSHost? host)
    {
        object? value = state is PSObject wrapped ? wrapped.BaseObject : state;
        return value is null ? "" : Paint(Word(value), Colour(value), host);
    }

    /// <summary>A state as people say it.</summary>
    internal static string Word(object state) => state is ResourcePhase.Doomed ? "To be stopped" : state.ToString();

    /// <summary>A state with what else a person must know of it, such as <c>Started, frozen</c>.</summary>
    /// <param name="state">A value of one of the enumerations of states.</param>
    /// <param name="more">Added when <paramref name="on"/> is true.</param>
    /// <param name="on">Whether it is so.</param>
    /// <param name="host">Whose screen it is.</param>
    public static string State(object? state, string more, bool on, PSHost? host) =>
        on ? $"{State(state, host)}, {Paint(more, Changing, host)}" : State(state, host);

    /// <summary>A group's state, with whether that is sure and whether it is frozen: <c>Started (not confirmed), frozen</c>.</summary>
    public static string GroupState(GroupStatus? group, PSHost? host) => group is null ? ""
        : $"{State(group.Phase, host)}{(group.LastKnown ? LastKnown(host) : "")}"
            + $"{(group.Unconfirmed ? $" ({Paint("not confirmed", Changing, host)})" : "")}"
                + $"{(group.Frozen ? $", {Paint("frozen", Changing, host)}" : "")}";

    /// <summary>A node's state, with whether that is what was known last: <c>Lost (last known)</c>.</summary>
    public static string NodeState(NodeStatus? node, PSHost? host) =>
        node is null ? "" : $"{State(node.Phase, host)}{(node.LastKnown ? LastKnown(host) : "")}";

    /// <summary>Failures without a quiet time between them: <c>3 within 2 min, of 10</c>.</summary>
    public static string Failures(GroupStatus? group) => group is null || group.Failures == 0 ? "none"
        : $"{group.Failures} within {Duration(group.FailingFor)}{(group.MaxFailures > 0 ? $", of {group.MaxFailures}" : "")}";

    private static string LastKnown(PSHost? host) => $" ({Paint("last known", Changing, host)})";

    /// <summary>
    /// What a node could not say of a group: <c>node2 can't tell (ip:web: probe returned 4), for 12 s, asked 5 times</c>.
    /// </summary>
    public static string Answer(GroupAnswer? answer) => answer is null ? ""
        : $"{answer.Node} {(answer.Answer == AnswerKind.CannotRun ? "can't run it" : "can't tell")} ({answer.Resource}: "
            + $"{answer.Message}), for {Duration(answer.For)}, asked {answer.Asked} times"
            + (answer.Blocks ? "; it is started nowhere until that is known" : "");

    /// <summary>How a group came where it is: <c>node1 to node2 at 2026-01-31 23:59:59, asked by alice: relocated by alice</c>.</summary>
    public static string Move(GroupMove? move) => move is null ? ""
        : $"{(move.From is { } from && from != move.To ? $"{from} to {move.To}" : move.To)}{At(move.At)}, "
            + $"{(move.Who is { } who ? $"asked by {who}" : "by the cluster itself")}: {move.Why}";

    /// <summary>What has failed: <c>start of fs:data failed on node1 at 2026-01-31 23:59:59: no such device</c>.</summary>
    public static string Failure(GroupFailure? failure) =>
        failure is null ? "" : $"{failure.What} on {failure.Node}{At(failure.At)}: {failure.Message}";

    private static string At(DateTimeOffset? at) => at is null ? "" : $" at {Time(at)}";

    /// <summary>One of two words, good or bad.</summary>
    public static string Outcome(bool good, string whenGood, string whenBad, PSHost? host) =>
        Paint(good ? whenGood : whenBad, good ? Good : Bad, host);

    /// <summary>A number of something bad: coloured unless it is 0.</summary>
    public static string Trouble(int count, PSHost? host) =>
        count == 0 ? "0" : Paint(count.ToString(CultureInfo.InvariantCulture), Bad, host);

    /// <summary>A text that is bad news.</summary>
    public static string Alarm(string? text, PSHost? host) => Paint(text ?? "", Bad, host);

    /// <summary>A heading.</summary>
    public static string Heading(string? text, PSHost? host) => Paint(text ?? "", "1", host);

    /// <summary>A span of time in two units at most: <c>350 ms</c>, <c>12 s</c>, <c>3 min 20 s</c>, <c>4 d 3 h</c>.</summary>
    /// <param name="time">Null: none.</param>
    public static string Duration(TimeSpan? time) => time is { } span ? SpanText.Of(span) : "";

    /// <summary>A number of bytes: <c>512 B</c>, <c>1.5 KiB</c>.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>A point in time on the reader's clock, as <c>2026-01-31 23:59:59</c>.</summary>
    public static string Time(DateTimeOffset? at) => at?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A point in time on the reader's clock, short: of today without the date.</summary>
    public static string ShortTime(DateTimeOffset? at) => at?.ToLocalTime() is { } local
        ? local.ToString(local.Date == DateTimeOffset.Now.Date ? "HH:mm:ss" : "MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : "";

    /// <summary>A severity that asks for attention; information is nothing to be said.</summary>
    public static string Attention(JournalSeverity severity, PSHost? host) =>
        severity == JournalSeverity.Information ? "" : State(severity, host);

    /// <summary>A mark for the context that is used when none is named.</summary>
    public static string Current(PSObject? context) => context?.Properties["Current"]?.Value is true ? "*" : "";

    /// <summary>An agent by its name; of a path what tells it from others.</summary>
    public static string Agent(string? agent)
    {
        string text = agent ?? "";
        int path = text.IndexOf('/');
        if (path < 0)
        {
            return text;
        }

        int end = text.IndexOf(' ', path);
        string file = end < 0 ? text.Substring(path) : text.Substring(path, end - path);
        return $"{text.Substring(0, path)}{file.Substring(file.LastIndexOf('/') + 1)}{(end < 0 ? "" : text.Substring(end))}";
    }

    /// <summary>What is wrong with a fence device; empty: it answers. What the other columns say is left out.</summary>
    public static string Trouble(FenceDeviceTest? test)
    {
        if (test is null || test.Answers)
        {
            return "";
        }

        string prefix = $"status of {test.Node} by {test.Device} ";
        string text = test.Message.StartsWith(prefix, StringComparison.Ordinal) ? test.Message.Substring(prefix.Length) : test.Message;
        int agent = text.StartsWith("(", StringComparison.Ordinal) ? text.IndexOf(") ", StringComparison.Ordinal) : -1;
        text = agent < 0 ? text : text.Substring(agent + 2);
        return text.StartsWith(Failed, StringComparison.Ordinal) ? text.Substring(Failed.Length) : text;
    }

    /// <summary>An agent's parameters, a line each, those that must be given first.</summary>
    public static string AgentParameters(IEnumerable<AgentParameter>? parameters) => string.Join("\n", (parameters ?? [])
        .Where(p => !p.Deprecated).OrderByDescending(p => p.Required)
        .Select(p => $"{p.Name}{(p.Required ? " (required)" : p.Default is { Length: > 0 } usual ? $" ({usual})" : "")}: "
            + $"{FirstLine(p.Description)}"));

    private static string FirstLine(string text)
    {
        string line = text.Trim().Split('\n')[0].Trim();
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return end > 0 ? line.Substring(0, end + 1) : line;
    }

    /// <summary>Names in one line; PowerShell gives one name as a text.</summary>
    public static string List(IEnumerable? items) =>
        items is null ? "" : items is string one ? one : string.Join(", ", items.Cast<object?>().Select(i => i?.ToString()));

    /// <summary>Parameters in one line, as <c>name=value</c>.</summary>
    public static string Parameters(IReadOnlyDictionary<string, string>? parameters) =>
        parameters is null
            ? ""
            : string.Join(" ", parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));

    /// <summary>How many there are of each, as <c>2 Started, 1 Disabled</c>.</summary>
    public static string Counts(IReadOnlyDictionary<string, int>? counts) =>
        counts is null ? "" : string.Join(", ", counts.OrderByDescending(c => c.Value).Select(c => $"{c.Value} {c.Key}"));

    /// <summary>What one group needs of another, and whether that is so: <c>db (Hard, Same node): 'db' is Started on node1</c>.</summary>
    public static string Dependency(GroupDependency? dependency, PSHost? host)
    {
        if (dependency is null)
        {
            return "";
        }

        string[] needs =
        [
            .. dependency.Require != DependencyMode.None ? [$"{dependency.Require}"] : Array.Empty<string>(),
            .. dependency.Colocation != Colocation.Any ? [$"{dependency.Colocation} node"] : Array.Empty<string>(),
        ];
        return $"{dependency.DependsOn} ({string.Join(", ", needs)}): "
            + $"{(dependency.Met ? dependency.Why : Paint("not met, " + dependency.Why, Changing, host))}";
    }

    /// <summary>Deeper status checks in one line: <c>depth 20 every 1 min</c>.</summary>
    public static string Checks(IEnumerable<StatusCheck>? checks) =>
        checks is null
            ? ""
            : string.Join(", ", checks.Select(c => $"depth {c.Depth} every {Duration(c.Interval)} (limit {Duration(c.Timeout)})"));

    /// <summary>What differs from one try, every node and no final action, in one line.</summary>
    public static string Limits(ActivationLimits? limits) => limits is null
        ? ""
        : string.Join(
            ", ",
            new[]
            {
                limits.StartRetries > 0 ? $"start retries {limits.StartRetries}" : null,
                limits.StopRetries > 0 ? $"stop retries {limits.StopRetries}" : null,
                limits.Failovers is { } failovers ? $"failovers {failovers}" : null,
                limits.StartFinal != FinalAction.Default ? $"after a failed start {limits.StartFinal}" : null,
                limits.StopFinal != FinalAction.Default ? $"after a failed stop {limits.StopFinal}" : null,
                limits.FinalScript is { } script ? $"first {script} (limit {Duration(limits.FinalScriptTimeout)})" : null,
            }.Where(l => l is not null));

    /// <summary>The members of a failover domain, best first, with their priorities where it is ordered.</summary>
    public static string Members(FailoverDomain? domain) => domain is null
        ? ""
        : string.Join(", ", domain.Members.Select(m => domain.Ordered ? $"{m.Node} ({m.Priority})" : m.Node));

    /// <summary>The cluster on one screen, in the manner of <c>crm_mon</c>: what is wrong stands in lines of its own.</summary>
    /// <param name="cluster">A <see cref="ClusterStatus"/>; what it has as members Nodes, Groups, Operations and Problems is shown
    /// too.</param>
    /// <param name="host">Whose screen it is.</param>
    /// <returns>Line by line.</returns>
    public static string[] Screen(PSObject? cluster, PSHost? host)
    {
        if (cluster?.BaseObject is not ClusterStatus status)
        {
            return [];
        }

        List<string> lines = [];
        if (status.Disarmed is { } disarmed)
        {
            lines.AddRange(Wrap(disarmed.Description, Width(host)).Select(l => Alarm(l, host)));
        }

        lines.Add($"{Heading($"Cluster {status.Name}", host)}: {State(status.Quorum, host)}");
        lines.AddRange(Wrap(status.QuorumDescription, Width(host) - 2).Select(l => "  " + l));
        lines.AddRange(status.Fencing.Select(f =>
            $"  {Alarm("FENCING", host)} {f.Target} for {Duration(f.For)}: "
                + $"{f.Why}{(f.LastError.Length > 0 ? $" (last error: {f.LastError})" : "")}"));
        lines.AddRange(status.FailedGroups.Select(g => $"  {Alarm("FAILED", host)} group {g}: Get-ClusterGroup {g} says why."));
        Section(lines, $"Nodes ({Counts(status.NodePhases)})", host, [
            .. Members<NodeStatus>(cluster, "Nodes")
                .Select(n => (
                    n.Name, (object?)n.Phase,
                    n.LastKnown ? $"(last known) {n.Why}" : n.Phase == NodePhase.Online ? List(n.Groups) : n.Why)),
        ]);
        Section(
            lines,
            status.GroupPhases.Count == 0 ? "Groups (none)" : $"Groups ({Counts(status.GroupPhases)})",
            host,
            [.. Members<GroupStatus>(cluster, "Groups").Select(g => (g.Name, (object?)g.Phase, Place(g)))]);
        Section(lines, "Operations under way", host, [
            .. Members<Operation>(cluster, "Operations")
                .Select(o => (OperationKind.Of(o.Kind).Sentence(o.Target), (object?)null, $"{o.Id}, by {o.Who}")),
        ], hideEmpty: true);
        Section(lines, "Newest warnings and errors", host, [
            .. Members<JournalEntry>(cluster, "Problems").Select(p => (Time(p.At), (object?)p.Severity, p.Message)),
        ], hideEmpty: true);
        lines.Add("");
        lines.Add($"Told by {status.Node}: configuration version {status.ConfigurationVersion}, event {status.Index}.");
        return [.. lines];
    }

    private static string Place(GroupStatus group) =>
        group.Owner is { } owner ? $"on {owner}{(group.LastKnown ? " (last known)" : "")}{(group.Frozen ? ", frozen" : "")}"
        : group.Phase is GroupPhase.Started or GroupPhase.Disabled ? (group.Frozen ? "frozen" : "")
        : group.Why;

    private static T[] Members<T>(PSObject of, string name) =>
        of.Properties[name]?.Value is IEnumerable items
            ? [.. items.Cast<object>().Select(i => i is PSObject wrapped ? wrapped.BaseObject : i).OfType<T>()]
            : [];

    // Columns are as wide as their widest word; a colour has no width.
    private static void Section(
        List<string> lines, string title, PSHost? host, (string Name, object? State, string Text)[] rows, bool hideEmpty = false)
    {
        if (hideEmpty && rows.Length == 0)
        {
            return;
        }

        lines.Add("");
        lines.Add(Heading(title, host));
        int name = rows.Select(r => r.Name.Length).DefaultIfEmpty(0).Max();
        int state = rows.Select(r => r.State?.ToString().Length ?? 0).DefaultIfEmpty(0).Max();
        int text = 2 + name + 2 + (state > 0 ? state + 2 : 0);
        foreach ((string Name, object? State, string Text) row in rows)
        {
            string[] wrapped = Wrap(row.Text, Width(host) - text);
            string begin = $"  {row.Name.PadRight(name)}  "
                + $"{State(row.State, host)}{new string(' ', text - 4 - name - (row.State?.ToString().Length ?? 0))}";
            lines.Add((begin + wrapped.FirstOrDefault()).TrimEnd());
            lines.AddRange(wrapped.Skip(1).Select(w => new string(' ', text) + w));
        }
    }

    private static int Width(PSHost? host)
    {
        try
        {
            return host?.UI?.RawUI?.BufferSize.Width is > 20 and int width ? width - 1 : 119;
        }
        catch (HostException)
        {
            // A host without a screen.
            return 119;
        }
    }

    private static string[] Wrap(string text, int width)
    {
        var lines = new List<string>();
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        lines.Add(line);
        return [.. lines];
    }

    /// <summary>What a version of the configuration changed, in one line.</summary>
    public static string Changes(ConfigurationChanges? changes)
    {
        if (changes is null)
        {
            return "";
        }

        string[] parts =
        [
            .. Kind("group", changes.Groups), .. Kind("node", changes.Nodes), .. Kind("device", changes.FenceDevices),
            .. Kind("domain", changes.Domains), .. Kind(
                "script", changes.EventScripts), .. Kind("grant", changes.Access), .. changes.Settings
                ? ["settings"]
                : Array.Empty<string>(),
        ];
        return string.Join("; ", parts);
    }

    private static IEnumerable<string> Kind(string kind, NameChanges names) =>
        names.Added.Select(n => $"+{kind} {n}").Concat(names.Changed.Select(n => $"~{kind} {n}")).Concat(
            names.Removed.Select(n => $"-{kind} {n}"));

    private static string Colour(object state) => state switch
    {
        NodePhase.Online or GroupPhase.Started or ResourcePhase.Running or OperationPhase.Succeeded or Quorum.Quorate => Good,
        NodePhase.Lost or NodePhase.Fencing or GroupPhase.Failed or ResourcePhase.Doomed or OperationPhase.Failed or Quorum.None
            or JournalSeverity.Error or ProblemSeverity.Error => Bad,
        NodePhase.Down or NodePhase.LeftCluster or GroupPhase.Stopped or GroupPhase.Disabled or ResourcePhase.Stopped => Faint,
        JournalSeverity.Information => "",
        CheckOutcome or RunbookState or string => ColourOf(state.ToString()),
        Enum => Changing,
        _ => "",
    };

    // Runbooks are scripts, and their states words.
    private static string ColourOf(string word) => word switch
    {
        "Passed" or "Done" => Good,
        "Failed" or "Interrupted" => Bad,
        "Skipped" or "NotBegun" or "DoneBefore" => Faint,
        "Running" or "Waiting" => Changing,
        _ => "",
    };

    private static string Paint(string text, string colour, PSHost? host) =>
        text.Length > 0 && colour.Length > 0 && ColourFits && host?.UI?.SupportsVirtualTerminal == true
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            ? $"\u001b[{colour}m{text}\u001b[0m"
            : text;
}
