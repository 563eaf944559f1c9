using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// Plays a whole cluster for a scenario: commits events, keeps what really runs where, answers actions when told to, and says
/// in words what came of it. What must hold of every state is checked after every event.
/// </summary>
internal sealed class ScenarioRunner
{
    private const int MostActions = 500;
    private const string Who = "admin";

    private static readonly (string Word, FoundAnswer Meant)[] Answers = [("=broken", FoundAnswer.Broken), ("=unknown", FoundAnswer.Unknown), ("=cannot", FoundAnswer.CannotRun)];


    private readonly List<string> output = [];
    private readonly SortedDictionary<(string Node, string Group, string Resource), FoundAnswer> world = [];
    private readonly Dictionary<string, ActionId> kept = new(StringComparer.Ordinal);
    private ClusterConfiguration configuration = new() { Name = "scenario", Version = 0 };
    private ClusterState state = ClusterState.Empty;
    private ClusterState? alone;
    private string command = "";
    private long epoch;
    private long index;
    private long privateIndex;
    private int requests;

    /// <summary>Broken promises, with the command that showed them.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>What was agreed at the end.</summary>
    public ClusterState Agreed => state;

    private ClusterState Current => alone ?? state;

    /// <summary>Runs commands and gives what came out.</summary>
    public string Run(ReadOnlySpan<string> lines)
    {
        output.Clear();
        for (int i = 0; i < lines.Length; i++)
        {
            int from = i + 1;
            while (i + 1 < lines.Length && lines[i + 1].StartsWith(' '))
            {
                i++;
            }

            command = lines[from - 1];
            try
            {
                Run(command.Split(' ', StringSplitOptions.RemoveEmptyEntries), [.. lines[from..(i + 1)]]);
            }
            catch (Exception e) when (e is FormatException or IndexOutOfRangeException or KeyNotFoundException or ArgumentException)
            {
                throw new FormatException($"'{command}' can't be run: {e.Message}", e);
            }
        }

        return output.Count == 0 ? "(nothing)" : string.Join('\n', output);
    }

    private void Run(string[] words, string[] body)
    {
        switch (words[0])
        {
            case "cluster":
                configuration = ScenarioConfiguration.Change(configuration, body) with { Version = 1 };
                break;
            case "up":
                Up(words[1..]);
                break;
            case "view":
                View(words[1..]);
                break;
            case "configure":
                Configure(words, body);
                break;
            case "probe":
                Probe(words);
                break;
            case "world":
                World(words[1], words[2..]);
                break;
            case "run":
                RunAll(words.Length > 1 ? words[1] : null);
                break;
            case "ok":
                Answer(words[1..], true);
                break;
            case "fail":
                Answer(words[1..], false);
                break;
            case "cuts":
                Cuts((FenceDeviceAction)Pending(words[1]), at: long.Parse(words[2], CultureInfo.InvariantCulture), took: long.Parse(words[3], CultureInfo.InvariantCulture));
                break;
            case "pretends":
                Pretends((FenceDeviceAction)Pending(words[1]));
                break;
            case "keep":
                kept[words[1]] = Pending(words[1]).Id;
                break;
            case "late":
                Late(words[1], words[2] == "ok");
                break;
            case "unknown" or "cannot" or "not-begun":
                AnswerOtherwise(words);
                break;
            case "monitor-fail":
                MonitorFail(words);
                break;
            case "monitor-unknown":
                MonitorUnknown(words, "it took too long.");
                break;
            case "monitor-answered":
                MonitorUnknown(words, null);
                break;
            case "time":
                Time(words[1]);
                break;
            case "left":
                Commit(new NodeLeft(words[1], Current.Nodes[words[1]].Incarnation));
                break;
            case "proven":
                World(words[1], []);
                Commit(new FenceProven(words[1], Current.Nodes[words[1]].Incarnation, words[2], "it is off.", words.ElementAtOrDefault(3)));
                break;
            case "cancel":
                Commit(new CancelRequest(Request(words), Who, words[1]));
                break;
            case "stop-cluster":
                Commit(new ClusterStopRequest(Request(words), Who));
                break;
            case "runbook":
                Runbook(words);
                break;
            case "event":
                Commit(new UserEvent(Request(words), Who, words[1], words.Length > 2 ? string.Join(' ', words[2..].Where(w => !w.StartsWith("id="))) : null));
                break;
            case "says":
                Says(words);
                break;
            case "say":
                Commit(new MessageWritten(Request(words), Who, JournalSeverity.Information, string.Join(' ', words[1..].Where(w => !w.StartsWith("id=")))));
                break;
            case "state":
                Describe(words);
                break;
            case "explain":
                output.AddRange(Description.Group(Current, words[1]).ReplaceLineEndings("\n").Split('\n'));
                break;
            case "plan":
                output.AddRange(Cluster.Plan(Current).Select(StateText.Of));
                break;
            case "tree":
                output.AddRange(StateText.Tree(Current.Configuration.Groups.GetValueOrDefault(words[1]) ?? configuration.Groups[words[1]]).Split('\n'));
                break;
            case "quorum":
                output.Add(Description.QuorumOf(Current));
                break;
            case "deadlines":
                output.AddRange(Current.Deadlines.Select(d => $"{d.At} {d.Kind} {d.Key}".TrimEnd()));
                break;
            case "history":
                output.AddRange(Current.FenceHistory.Select(StateText.Of));
                break;
            case "operations":
                output.AddRange(Current.Operations.Values.Select(StateText.Of));
                break;
            case "ignored":
                output.Add($"{Current.Ignored} ignored so far");
                break;
            default:
                if (!GroupRequested(words) && !NodeRequested(words))
                {
                    throw new FormatException("There is no such command.");
                }

                break;
        }
    }

    // The short way to a running cluster, for scenarios that are about what comes after.
    private void Up(string[] nodes)
    {
        View(nodes.Length > 0 ? nodes : [.. configuration.Nodes.Keys]);
        RunAll("quiet");
        output.Clear();
        output.AddRange(StateText.Summary(Current));
    }

    private void View(string[] words)
    {
        var members = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        Quorum quorum = Quorum.Quorate;
        bool gap = alone is not null || state.Quorum != Quorum.Quorate;
        foreach (string word in words)
        {
            switch (word)
            {
                case "none":
                    quorum = Quorum.None;
                    break;
                case "contested":
                    quorum = Quorum.Contested;
                    break;
                case "gap":
                    gap = true;
                    break;
                case "continuous":
                    gap = false;
                    break;
                default:
                    string[] parts = word.Split('/');
                    long known = state.Nodes.TryGetValue(parts[0], out NodeState? node) ? node.Incarnation : 0;
                    members.Add(parts[0], parts.Length > 1 ? long.Parse(parts[1]) : Math.Max(1, known));
                    break;
            }
        }

        ImmutableArray<ClusterAction> before = Cluster.Plan(Current);
        if (quorum == Quorum.None)
        {
            string self = members.Keys.Single();
            privateIndex = Math.Max(privateIndex, index);
            Accept(Cluster.WithoutQuorum(state, self, members[self], ++privateIndex), before, privately: true);
            return;
        }

        var view = new ViewEvent(quorum == Quorum.Quorate ? ++epoch : epoch, members.ToImmutable(), quorum, !gap);
        if (quorum == Quorum.Contested)
        {
            privateIndex = Math.Max(privateIndex, index);
            Accept(Cluster.Apply(state, ++privateIndex, view), before, privately: true);
            return;
        }

        alone = null;
        ClusterState was = state;
        Accept(Cluster.Apply(state, ++index, view), before, privately: false);
        SameFromCopy(Cluster.Apply(StateChecks.Reread(was), index, view));
        string again = StateChecks.Json(Cluster.Apply(state, index, view with { Continuous = true }));
        if (again != StateChecks.Json(state))
        {
            Violate($"The same view again changes something.{StateChecks.Difference(StateChecks.Json(state), again)}");
        }

        if (state.Configuration.Version == 0)
        {
            Commit(new ConfigurationRequest("first", "init", configuration));
        }
    }

    private void Configure(string[] words, string[] body)
    {
        ClusterConfiguration next = ScenarioConfiguration.Change(Current.Configuration, body) with
        {
            Version = words.FirstOrDefault(w => w.StartsWith("version=")) is { } version ? long.Parse(version[8..]) : Current.Configuration.Version + 1,
        };
        Commit(new ConfigurationRequest(Request(words), Who, next));
    }

    private void Probe(string[] words)
    {
        string[] nodes = words[1] == "all" ? [.. Current.Nodes.Values.Where(n => n.Probe is not null).Select(n => n.Name)] : [words[1]];
        foreach (string node in nodes)
        {
            if (words.Length > 2)
            {
                World(node, words[2] switch
                {
                    "clean" => [],
                    "found" => words[3..],
                    _ => throw new FormatException($"A probe is clean or found, not '{words[2]}'."),
                });
            }

            AnswerProbe(node);
        }
    }

    private void AnswerProbe(string node)
    {
        ProbeAction probe = Current.Nodes[node].Probe ?? throw new FormatException($"{node} is not asked.");
        Commit(Found(node, probe.Id));
    }

    private Probed Found(string node, ActionId id) => new(
        id,
        Cluster.FunctionalLevel,
        [
            .. world.Where(w => w.Key.Node == node).Select(w => new FoundResource(w.Key.Group, w.Key.Resource, w.Value, w.Value switch
            {
                FoundAnswer.Unknown => "status unknown.",
                FoundAnswer.CannotRun => "not installed.",
                _ => "",
            })),
        ]);

    private void World(string node, string[] running)
    {
        foreach (var key in world.Keys.Where(k => k.Node == node).ToArray())
        {
            world.Remove(key);
        }

        foreach (string what in running)
        {
            string[] parts = what.Split('/', 2);
            FoundAnswer answer = FoundAnswer.Runs;
            foreach ((string word, FoundAnswer meant) in Answers)
            {
                if (parts[1].EndsWith(word, StringComparison.Ordinal))
                {
                    (parts[1], answer) = (parts[1][..^word.Length], meant);
                }
            }

            world[(node, parts[0], parts[1])] = answer;
        }
    }

    private void RunAll(string? what)
    {
        for (int i = 0; i < MostActions; i++)
        {
            ClusterAction? next = Cluster.Plan(Current).FirstOrDefault(a => what switch
            {
                null or "quiet" => true,
                "probes" => a is ProbeNodeAction,
                "fences" => a is FenceDeviceAction,
                "groups" => a is ResourceAction,
                _ => a is ResourceAction r && r.Group == what,
            });
            if (next is null)
            {
                return;
            }

            Complete(next, true, "", running: true);
        }

        Violate($"After {MostActions} actions there is still something to do.");
    }

    private ClusterAction Pending(string target) =>
        Cluster.Plan(Current).FirstOrDefault(a => a switch
        {
            ResourceAction r => r.Group == target,
            FenceDeviceAction f => target == $"fence:{f.Target}",
            ProbeNodeAction p => target == $"{(p.Id.Operation == ActionOperation.Ask ? "ask" : "probe")}:{p.Node}",
            EventScriptAction s => target == $"script:{s.Script.Name}",
            _ => false,
        }) ?? throw new FormatException($"Nothing is under way for {target}.");

    private void Answer(string[] words, bool success) => Complete(Pending(words[0]), success, string.Join(' ', words[1..]), running: false);

    private void Complete(ClusterAction action, bool success, string message, bool running)
    {
        output.Add($"{StateText.Of(action)}: {(action is ProbeNodeAction ? Seen(action.Node) : success ? "ok" : "failed")}");
        switch (action)
        {
            case ResourceAction r:
                var key = (r.Node, r.Group, r.Resource.Id);
                if (r.Id.Operation == ActionOperation.FinalScript)
                {
                    // It only tells people.
                }
                else if (success && r.Id.Operation == ActionOperation.Stop)
                {
                    world.Remove(key);
                }
                else
                {
                    world[key] = success ? FoundAnswer.Runs : FoundAnswer.Broken;
                }

                Commit(new ActionCompleted(r.Id, success, success ? "" : message.Length > 0 ? message : "exit code 1."), running);
                break;
            case FenceDeviceAction f:
                if (success && f.Id.Operation == ActionOperation.FenceOff && LastOff(f))
                {
                    World(f.Target, []);
                }

                Commit(new FenceCompleted(f.Id, success, success ? "done." : message.Length > 0 ? message : "no answer."), running);
                break;
            case ProbeNodeAction p:
                Commit(Found(p.Node, p.Id), running);
                break;
            case EventScriptAction s:
                Commit(new EventScriptCompleted(s.Id, success, message, []), running);
                break;
            default:
                throw new InvalidOperationException($"Unknown action {action.GetType().Name}.");
        }
    }

    // cuts fence:n1 61300 1300: done at that time, after so many milliseconds
    private void Cuts(FenceDeviceAction fence, long at, long took)
    {
        output.Add($"{StateText.Of(fence)}: ok at {at}, took {took} ms");
        World(fence.Target, []);
        Commit(new FenceCompleted(fence.Id, true, "done.", Took: took), time: at);
    }

    // Its agent says that it is done, and that it cuts nothing off.
    private void Pretends(FenceDeviceAction fence)
    {
        output.Add($"{StateText.Of(fence)}: ok, by an agent that cuts nothing off");
        Commit(new FenceCompleted(fence.Id, true, "done.", NoProof: true));
    }

    // unknown web it is not asked, cannot web, not-begun web
    private void AnswerOtherwise(string[] words)
    {
        var action = (ResourceAction)Pending(words[1]);
        string message = words.Length > 2 ? string.Join(' ', words[2..]) : "no bus.";
        output.Add($"{StateText.Of(action)}: {words[0]}");
        Commit(new ActionCompleted(action.Id, false, message, words[0] switch
        {
            "unknown" => ActionAnswer.Unknown,
            "cannot" => ActionAnswer.CannotRun,
            _ => ActionAnswer.NotBegun,
        }));
    }

    // A node with two power supplies goes down with the second.
    private bool LastOff(FenceDeviceAction fence)
    {
        FenceState under = Current.Fences[fence.Target];
        FenceMethod method = Current.Configuration.Nodes[fence.Target].FenceMethods[under.Method];
        return under.Step + 1 == method.Steps.Count(s => s.Action != FenceAction.On);
    }

    private string Seen(string node)
    {
        string[] seen = [.. world.Where(w => w.Key.Node == node).Select(w => $"{w.Key.Group}/{w.Key.Resource}{w.Value switch { FoundAnswer.Runs => "", FoundAnswer.Broken => " broken", FoundAnswer.Unknown => " unknown", _ => " can't run" }}")];
        return seen.Length == 0 ? "nothing runs" : string.Join(", ", seen);
    }

    private void Late(string target, bool success)
    {
        ActionId id = kept[target];
        Commit(id.Operation switch
        {
            ActionOperation.FenceOff or ActionOperation.FenceOn => new FenceCompleted(id, success, "late."),
            ActionOperation.Start or ActionOperation.Stop => new ActionCompleted(id, success, "late."),
            ActionOperation.Probe or ActionOperation.Ask => Found(id.Target, id),
            ActionOperation.EventScript => new EventScriptCompleted(id, success, "late.", []),
            _ => throw new InvalidOperationException($"Unknown operation {id.Operation}."),
        });
    }

    // says place web=n2 db:stop, or says place nonsense
    private void Says(string[] words)
    {
        var call = (EventScriptAction)Pending($"script:{words[1]}");
        bool understood = words[2..].All(w => w.Contains('=', StringComparison.Ordinal) || w.Contains(':', StringComparison.Ordinal));
        output.Add($"{StateText.Of(call)}: {string.Join(' ', words[2..])}");
        Commit(understood
            ? new EventScriptCompleted(call.Id, true, "", [.. words[2..].Select(w => w.Contains('=', StringComparison.Ordinal)
                ? new EventScriptDecision(w.Split('=')[0], w.Split('=')[1] is { Length: > 0 } node ? node : null)
                : new EventScriptDecision(w.Split(':')[0], null, Enum.Parse<GroupOperation>(w.Split(':')[1], ignoreCase: true)))])
            : new EventScriptCompleted(call.Id, false, $"it says {string.Join(' ', words[2..])}.", []));
    }

    private void MonitorFail(string[] words)
    {
        string? owner = Current.Groups.TryGetValue(words[1], out GroupState? group) ? group.Owner : null;
        string node = words.Length > 3 ? words[3] : owner ?? "nobody";
        Commit(new MonitorFailed(words[1], words[2], node, Current.Nodes.TryGetValue(node, out NodeState? at) ? at.Incarnation : 0, "it does not answer."));
    }

    private void MonitorUnknown(string[] words, string? message)
    {
        GroupState group = Current.Groups[words[1]];
        int asked = group.Instance.Checks.TryGetValue(words[2], out UnansweredCheck? check) ? check.Asked : 0;
        Commit(new MonitorUnknown(words[1], words[2], group.Owner!, group.OwnerIncarnation, 0, message is null ? asked : asked + 1, message));
    }

    private void Time(string word)
    {
        long to = word == "due"
            ? Current.Deadlines.First(d => d.Kind != DeadlineKind.Clock).At
            : word[0] is '+' or '-' ? Current.Time + long.Parse(word, CultureInfo.InvariantCulture) : long.Parse(word, CultureInfo.InvariantCulture);
        Commit(new Tick(), time: to, before: $"the time is {Math.Clamp(to, Current.Time, Current.Time + Cluster.MaxTimeJump)}");
    }

    private bool GroupRequested(string[] words)
    {
        GroupOperation? operation = words[0] switch
        {
            "enable" => GroupOperation.Enable,
            "disable" => GroupOperation.Disable,
            "stop" => GroupOperation.Stop,
            "relocate" => GroupOperation.Relocate,
            "restart" => GroupOperation.Restart,
            "freeze" => GroupOperation.Freeze,
            "unfreeze" => GroupOperation.Unfreeze,
            "convalesce" => GroupOperation.Convalesce,
            "home" => GroupOperation.Home,
            "clear" => GroupOperation.Clear,
            _ => null,
        };
        if (operation is { } known)
        {
            string? node = words.Length > 3 && words[2] is "on" or "to" ? words[3] : null;
            Commit(new GroupRequest(Request(words), Who, words[1], known, node, words.Contains("confirmed")));
        }

        return operation is not null;
    }

    private bool NodeRequested(string[] words)
    {
        NodeOperation? operation = words[0] switch
        {
            "drain" => NodeOperation.Drain,
            "pause" => NodeOperation.Pause,
            "leave" => NodeOperation.Leave,
            "maintenance" => NodeOperation.Maintenance,
            "resume" => words.Contains("nofailback") ? NodeOperation.ResumeWithoutFailback
                : words.Contains("immediate") ? NodeOperation.ResumeWithImmediateFailback
                : NodeOperation.Resume,
            "confirm-down" => NodeOperation.ConfirmDown,
            "fence-off" => NodeOperation.FenceOff,
            "fence-on" => NodeOperation.FenceOn,
            "fence-reboot" => NodeOperation.FenceReboot,
            _ => null,
        };
        if (operation is { } known)
        {
            string? target = words.Length > 3 && words[2] == "to" ? words[3] : null;
            Commit(new NodeRequest(Request(words), Who, words[1], known, Target: target));
        }

        return operation is not null;
    }

    private void Runbook(string[] words)
    {
        if (words.Length == 1)
        {
            output.AddRange(Current.Runbooks.Values.Select(r => $"{r.Name} version {r.Version} by {r.Who}: {(r.Content.Length > 40 ? $"{r.Content.Length} characters" : r.Content)}"));
            return;
        }

        string? content = words[2] switch
        {
            "remove" => null,
            "long" => new string('x', int.Parse(words[3], CultureInfo.InvariantCulture)),
            var text => text,
        };
        string? expected = words.FirstOrDefault(w => w.StartsWith("expected="))?[9..];
        Commit(new RunbookRequest(Request(words), Who, words[1], content, expected is null ? null : long.Parse(expected, CultureInfo.InvariantCulture)));
    }

    private string Request(string[] words) => words.FirstOrDefault(w => w.StartsWith("id=")) is { } id ? id[3..] : $"r{++requests}";

    private void Describe(string[] words)
    {
        if (words.Length == 1)
        {
            output.AddRange(StateText.Summary(Current));
        }
        else if (Current.Groups.TryGetValue(words[1], out GroupState? group))
        {
            output.AddRange(StateText.Details(group));
        }
        else
        {
            output.AddRange(StateText.Details(Current, Current.Nodes[words[1]]));
        }
    }

    private void Commit(ClusterEvent e, bool running = false, long? time = null, string? before = null)
    {
        if (before is not null)
        {
            output.Add(before);
        }

        ClusterState was = Current;
        long at = alone is null ? ++index : ++privateIndex;
        var envelope = new EventEnvelope { Origin = "n1", Incarnation = 1, Time = time ?? was.Time, Event = e };
        ActionId? answered = e switch
        {
            ActionCompleted a => a.Id,
            FenceCompleted a => a.Id,
            Probed a => a.Id,
            EventScriptCompleted a => a.Id,
            _ => null,
        };
        Accept(Cluster.Apply(was, was.Epoch, at, envelope), Cluster.Plan(was), alone is not null, running, answered);
        SameFromCopy(Cluster.Apply(StateChecks.Reread(was), was.Epoch, at, envelope));
        Again(e, envelope, at);
    }

    private void Accept(ClusterState next, ImmutableArray<ClusterAction> before, bool privately, bool running = false, ActionId? answered = null)
    {
        ClusterState was = privately == alone is not null ? Current : state;
        if (privately)
        {
            alone = next;
        }
        else
        {
            state = next;
        }

        output.AddRange(next.Journal.Select(StateText.Of));
        if (next.Ignored > was.Ignored)
        {
            output.Add("ignored");
        }

        ImmutableArray<ClusterAction> after = Cluster.Plan(next);
        if (!running)
        {
            output.AddRange(after.Where(a => before.All(b => b.Id != a.Id)).Select(a => $"> {StateText.Of(a)}"));
        }

        // What has just been answered is gone too, and needs no words.
        foreach (ClusterAction gone in before.Where(b => b.Id != answered && after.All(a => a.Id != b.Id)))
        {
            output.Add($"no more: {StateText.Of(gone)}");
        }

        foreach (string violation in StateChecks.Of(next))
        {
            Violate(violation);
        }

        foreach (ClusterAction action in after)
        {
            if (next.Quorum == Quorum.Contested && action is ResourceAction && before.All(b => b.Id != action.Id))
            {
                Violate($"A contested view decides more than fencing: {StateText.Of(action)}.");
            }
        }
    }

    private void SameFromCopy(ClusterState copy)
    {
        string expected = StateChecks.Json(Current);
        string actual = StateChecks.Json(copy);
        if (actual != expected)
        {
            Violate($"The same event on the state written and read gives something else.{StateChecks.Difference(expected, actual)}");
        }
    }

    private void Again(ClusterEvent e, EventEnvelope envelope, long at)
    {
        ClusterState again = Cluster.Apply(Current, Current.Epoch, at, envelope with { Time = Current.Time });
        if (e is not Tick && again.Ignored != Current.Ignored + 1)
        {
            Violate($"{e.GetType().Name} applied twice is not ignored.");
        }

        string expected = StateChecks.Json(Current);
        string actual = StateChecks.Json(again with { Ignored = Current.Ignored });
        if (actual != expected)
        {
            Violate($"{e.GetType().Name} applied twice changes something.{StateChecks.Difference(expected, actual)}");
        }
    }

    private void Violate(string what) => Violations.Add($"after '{command}': {what}");
}
