using System.Globalization;

namespace ClusterTools.Core.Tests.Scenarios.Commands;

/// <summary>
/// What comes back of actions. A TARGET is what an action is for: a group, or fence:NODE, probe:NODE, ask:NODE, script:NAME.
/// What runs is GROUP/RESOURCE, with =broken, =unknown or =cannot behind it where a node can't say that it runs.
/// </summary>
internal sealed class AnswerCommands(ScenarioCluster cluster)
{
    private static readonly (string Word, FoundAnswer Meant)[] Answers =
        [("=broken", FoundAnswer.Broken), ("=unknown", FoundAnswer.Unknown), ("=cannot", FoundAnswer.CannotRun)];

    private readonly Dictionary<string, ActionId> kept = new(StringComparer.Ordinal);

    private ClusterState Current => cluster.Current;

    [ScenarioCommand(
        "run [quiet|probes|fences|groups|GROUP]",
        "Everything that is under way, or that of one kind or group, goes well to its end.",
        """
        enable batch
        run batch
        """)]
    public void Run(string[] words) => cluster.RunAll(words.ElementAtOrDefault(1));

    [ScenarioCommand("ok TARGET", "What is under way for it went well.", """
        restart web
        ok web
        """)]
    [ScenarioCommand("fail TARGET [MESSAGE]", "It failed.", """
        restart web
        fail web the file system is busy.
        """)]
    public void End(string[] words) =>
        cluster.Complete(cluster.Pending(words[1]), words[0] == "ok", string.Join(' ', words[2..]), running: false);

    [ScenarioCommand("unknown GROUP [MESSAGE]", "A node can't tell what became of it.", """
        restart web
        unknown web
        """)]
    [ScenarioCommand("cannot GROUP [MESSAGE]", "The node can't run this at all.", """
        restart web
        cannot web it is not installed.
        """)]
    [ScenarioCommand("not-begun GROUP [MESSAGE]", "It was not even begun.", """
        restart web
        not-begun web the disk is full.
        """)]
    public void EndOtherwise(string[] words)
    {
        var action = (ResourceAction)cluster.Pending(words[1]);
        cluster.Output.Add($"{StateText.Of(action)}: {words[0]}");
        cluster.Commit(new ActionCompleted(action.Id, false, words.Length > 2 ? string.Join(' ', words[2..]) : "no bus.", words[0] switch
        {
            "unknown" => ActionAnswer.Unknown,
            "cannot" => ActionAnswer.CannotRun,
            _ => ActionAnswer.NotBegun,
        }));
    }

    [ScenarioCommand("cuts fence:NODE AT TOOK", "A fencing is proven at that time, after so many milliseconds.", """
        view n2 n3
        cuts fence:n1 61300 1300
        """)]
    public void Cuts(string[] words)
    {
        var fence = (FenceDeviceAction)cluster.Pending(words[1]);
        long took = long.Parse(words[3], CultureInfo.InvariantCulture);
        cluster.Output.Add($"{StateText.Of(fence)}: ok at {words[2]}, took {took} ms");
        cluster.Empty(fence.Target);
        cluster.Commit(new FenceCompleted(fence.Id, true, "done.", Took: took), time: long.Parse(words[2], CultureInfo.InvariantCulture));
    }

    [ScenarioCommand("pretends fence:NODE", "Its agent says that it is done, and that it cuts nothing off.", """
        view n2 n3
        pretends fence:n1
        """)]
    public void Pretends(string[] words)
    {
        var fence = (FenceDeviceAction)cluster.Pending(words[1]);
        cluster.Output.Add($"{StateText.Of(fence)}: ok, by an agent that cuts nothing off");
        cluster.Commit(new FenceCompleted(fence.Id, true, "done.", NoProof: true));
    }

    [ScenarioCommand(
        "proven NODE[/LIFE] BY [METHOD] [confirmed=WHO] [took=MILLISECONDS]",
        "A node that had no quorum brings along that it has proven the other down, or that somebody vouched for it.",
        """
        view n1 n2
        proven n3 n1
        """)]
    public void Proven(string[] words)
    {
        (string node, long life) = InItsLife(words[1]);
        cluster.Empty(node);
        string? Option(string name) => words.FirstOrDefault(w => w.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
        cluster.Commit(new FenceProven(
            node, life, words[2], "it is off.", words.Skip(3).FirstOrDefault(w => !w.Contains('=')),
            Option("confirmed="), long.Parse(Option("took=") ?? "0", CultureInfo.InvariantCulture)));
    }

    [ScenarioCommand("keep TARGET", "Remembers what is under way for it, for an answer that comes late.", """
        restart web
        keep web
        """)]
    public void Keep(string[] words) => kept[words[1]] = cluster.Pending(words[1]).Id;

    [ScenarioCommand("late TARGET ok|fail", "The answer to what was kept comes now.", """
        restart web
        keep web
        enable batch
        late web ok
        """)]
    public void Late(string[] words)
    {
        ActionId id = kept[words[1]];
        bool success = words[2] == "ok";
        cluster.Commit(id.Operation switch
        {
            ActionOperation.FenceOff or ActionOperation.FenceOn => new FenceCompleted(id, success, "late."),
            ActionOperation.Start or ActionOperation.Stop or ActionOperation.Migrate => new ActionCompleted(id, success, "late."),
            ActionOperation.Probe or ActionOperation.Ask => cluster.Found(id.Target, id),
            ActionOperation.EventScript => new EventScriptCompleted(id, success, "late.", []),
            _ => throw new InvalidOperationException($"Unknown operation {id.Operation}."),
        });
    }

    [ScenarioCommand(
        "says SCRIPT [GROUP=NODE|GROUP:OPERATION...]",
        "An event script has answered: where groups go, what is to be done with them. Anything else is nonsense.",
        """
        configure
          script watch events=user.*
        event nightly
        says watch batch:enable
        """)]
    public void Says(string[] words)
    {
        var call = (EventScriptAction)cluster.Pending($"script:{words[1]}");
        string answer = string.Join(' ', words[2..]);
        cluster.Output.Add($"{StateText.Of(call)}: {answer}");
        cluster.Commit(words[2..].All(static w => w.Contains('=', StringComparison.Ordinal) || w.Contains(':', StringComparison.Ordinal))
            ? new EventScriptCompleted(call.Id, true, "", [.. words[2..].Select(Decision)])
            : new EventScriptCompleted(call.Id, false, $"it says {answer}.", []));
    }

    [ScenarioCommand("world NODE [GROUP/RESOURCE...]", "What really runs on a node, whatever the cluster thinks.", """
        world n2 batch/app:batch
        view n1 n2/2 n3
        probe n2
        """)]
    public void World(string[] words)
    {
        string node = words[1];
        cluster.Empty(node);
        foreach (string what in words[2..])
        {
            (string word, FoundAnswer meant) = Answers.FirstOrDefault(a => what.EndsWith(a.Word, StringComparison.Ordinal));
            string[] parts = what[..^(word?.Length ?? 0)].Split('/', 2);
            cluster.World[(node, parts[0], parts[1])] = word is null ? FoundAnswer.Runs : meant;
        }
    }

    [ScenarioCommand(
        "probe NODE|all [clean|found GROUP/RESOURCE...]",
        "A node answers what runs there: what the world says, nothing, or that.",
        """
        view n1 n2/2 n3
        probe n2 found batch/app:batch=unknown
        """)]
    public void Probe(string[] words)
    {
        string[] nodes = words[1] == "all" ? [.. Current.Nodes.Values.Where(n => n.Probe is not null).Select(n => n.Name)] : [words[1]];
        foreach (string node in nodes)
        {
            if (words.Length > 2)
            {
                World(["world", node, .. words[2] switch
                {
                    "clean" => [],
                    "found" => words[3..],
                    _ => throw new FormatException($"A probe is clean or found, not '{words[2]}'."),
                }]);
            }

            ProbeAction probe = Current.Nodes[node].Probe ?? throw new FormatException($"{node} is not asked.");
            cluster.Commit(cluster.Found(node, probe.Id));
        }
    }

    [ScenarioCommand("monitor-fail GROUP RESOURCE [NODE[/LIFE]]", "A status check finds it failed.", "monitor-fail web app:web")]
    public void MonitorFail(string[] words)
    {
        string? owner = Current.Groups.TryGetValue(words[1], out GroupState? group) ? group.Owner : null;
        (string node, long life) = InItsLife(words.Length > 3 ? words[3] : owner ?? "nobody");
        cluster.Commit(new MonitorFailed(words[1], words[2], node, life, "it does not answer."));
    }

    [ScenarioCommand(
        "monitor-unknown GROUP RESOURCE [DEPTH]", "A status check, the usual one or one at a depth, got no answer.",
        "monitor-unknown web app:web 10")]
    [ScenarioCommand("monitor-answered GROUP RESOURCE [DEPTH]", "It gets answers again.", """
        monitor-unknown web app:web
        monitor-answered web app:web
        """)]
    public void MonitorUnknown(string[] words)
    {
        GroupState group = Current.Groups[words[1]];
        int depth = words.Length > 3 ? int.Parse(words[3], CultureInfo.InvariantCulture) : 0;
        string key = depth == 0 ? words[2] : $"{words[2]} at depth {depth}";
        int asked = group.Instance.Checks.TryGetValue(key, out UnansweredCheck? check) ? check.Asked : 0;
        bool answered = words[0] == "monitor-answered";
        (asked, string? message) = answered ? (asked, null) : (asked + 1, "it took too long.");
        cluster.Commit(new MonitorUnknown(words[1], words[2], group.Owner!, group.OwnerIncarnation, depth, asked, message));
    }

    [ScenarioCommand(
        "noticed GROUP NODE runs|gone|moved", "A host has seen a guest begin or end there, or be moved away, that nobody had asked for.",
        """
        configure
          group guest
            vm:guest migrate=live
        run
        world n2 guest/vm:guest
        noticed guest n2 runs
        run
        """)]
    public void Noticed(string[] words)
    {
        (string node, long life) = InItsLife(words[2]);
        cluster.Commit(new GuestNoticed(
            words[1], node, life, words[3] == "runs", Current.Groups[words[1]].ProbeVersion, words[3] == "moved"));
    }

    /// <summary>A node in the life that is named, or in its present one.</summary>
    private (string Node, long Life) InItsLife(string word)
    {
        string[] parts = word.Split('/');
        return (parts[0], parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture)
            : Current.Nodes.TryGetValue(parts[0], out NodeState? at) ? at.Incarnation
            : 0);
    }

    private static EventScriptDecision Decision(string word) => word.Contains('=', StringComparison.Ordinal)
        ? new EventScriptDecision(word.Split('=')[0], word.Split('=')[1] is { Length: > 0 } node ? node : null)
        : new EventScriptDecision(word.Split(':')[0], null, Enum.Parse<GroupOperation>(word.Split(':')[1], ignoreCase: true));
}
