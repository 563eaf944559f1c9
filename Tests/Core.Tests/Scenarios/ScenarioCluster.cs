using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// The cluster that a scenario plays: commits events, keeps what really runs where, and says in words what came of it. What must
/// hold of every state is checked after every event.
/// </summary>
/// <param name="promises">Whether that is checked.</param>
internal sealed class ScenarioCluster(bool promises)
{
    public const string Who = "admin";

    private const int MostActions = 500;

    private readonly SortedDictionary<string, SortedDictionary<string, string>> watched = new(StringComparer.Ordinal);
    private ClusterState state = ClusterState.Empty;
    private ClusterState? alone;
    private long epoch;
    private long index;
    private long privateIndex;
    private int requests;

    /// <summary>What came out since the last block of commands.</summary>
    public List<string> Output { get; } = [];

    /// <summary>Broken promises, with the command that showed them.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>What really runs, and how a node that is asked answers for it.</summary>
    public SortedDictionary<(string Node, string Group, string Resource), FoundAnswer> World { get; } = [];

    /// <summary>The line that is being run.</summary>
    public string Command { get; set; } = "";

    /// <summary>In force from the first view on. How often a node is lost counts where a scenario says so.</summary>
    public ClusterConfiguration Configuration { get; set; } = new()
    {
        Name = "scenario",
        Version = 0,
        Timing = new ClusterTiming { FlapLimit = 0 },
    };

    /// <summary>What was agreed at the end.</summary>
    public ClusterState Agreed => state;

    /// <summary>What was agreed, or the private copy of a node that has no quorum.</summary>
    public ClusterState Current => alone ?? state;

    /// <summary>Whether a view that is quorate now comes after one that was not.</summary>
    public bool WasWithoutQuorum => alone is not null || state.Quorum != Quorum.Quorate;

    /// <summary>A view of the engine; the first brings the configuration.</summary>
    public void View(ImmutableSortedDictionary<string, long> members, Quorum quorum, bool continuous, QuorumDevice device)
    {
        ImmutableArray<ClusterAction> before = Cluster.Plan(Current);
        if (quorum == Quorum.None)
        {
            string self = members.Keys.Single();
            privateIndex = Math.Max(privateIndex, index);
            Accept(Cluster.WithoutQuorum(state with { Device = device }, self, members[self], ++privateIndex), before, privately: true);
            return;
        }

        var view = new ViewEvent(quorum == Quorum.Quorate ? ++epoch : epoch, members, quorum, continuous)
        {
            // Without a device the Core counts for itself, as the engine would have.
            Votes = device.Votes == 0 ? null
                : new VoteCount(members.Keys.Sum(m => Configuration.Nodes[m].Votes), Configuration.TotalVotes, device),
        };
        if (quorum == Quorum.Contested)
        {
            privateIndex = Math.Max(privateIndex, index);
            // The same node as before: the arbiter says something else.
            ClusterState from = alone is { Quorum: Quorum.Contested } && alone.Members.SequenceEqual(members) ? alone : state;
            Accept(Cluster.Apply(from, ++privateIndex, view), before, privately: true);
            return;
        }

        alone = null;
        ClusterState was = state;
        Accept(Cluster.Apply(state, ++index, view), before, privately: false);
        if (promises)
        {
            SameFromCopy(Cluster.Apply(StateChecks.Reread(was), index, view));
            Again(view);
        }

        if (state.Configuration.Version == 0)
        {
            Commit(new ConfigurationRequest("first", "init", Configuration));
        }
    }

    /// <summary>The request's id: said as id=, or a new one.</summary>
    public string Request(string[] words) => words.FirstOrDefault(w => w.StartsWith("id=")) is { } id ? id[3..] : $"r{++requests}";

    /// <summary>From now on what changes in its record is told after every command.</summary>
    public void Watch(string name) => watched[name] = StateRecord.Fields(Current, name);

    /// <summary>Tells what has changed in what is watched.</summary>
    public void TellWatched()
    {
        foreach (string name in watched.Keys.ToArray())
        {
            SortedDictionary<string, string> was = watched[name];
            SortedDictionary<string, string> now = StateRecord.Fields(Current, name);
            string[] changed =
            [
                .. was.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                    .Where(f => was.GetValueOrDefault(f) != now.GetValueOrDefault(f)).Select(f => $"{f}={now.GetValueOrDefault(f)}"),
            ];
            if (changed.Length > 0)
            {
                Output.Add($"~ {name}: {string.Join(' ', changed)}");
                watched[name] = now;
            }
        }
    }

    public void RunAll(string? what)
    {
        for (int i = 0; i < MostActions; i++)
        {
            ClusterAction? next = Cluster.Plan(Current).FirstOrDefault(a => what switch
            {
                null or "quiet" => true,
                "probes" => a is ProbeNodeAction,
                "fences" => a is FenceDeviceAction,
                "groups" => a is ResourceAction or MigrationAction,
                _ => (a is ResourceAction r && r.Group == what) || (a is MigrationAction m && m.Group == what),
            });
            if (next is null)
            {
                return;
            }

            Complete(next, true, "", running: true);
        }

        Violate($"After {MostActions} actions there is still something to do.");
    }

    /// <summary>What is under way for a group, or for fence:, probe:, ask: or script: and a name.</summary>
    public ClusterAction Pending(string target) =>
        Cluster.Plan(Current).FirstOrDefault(a => a switch
        {
            ResourceAction r => r.Group == target,
            MigrationAction m => m.Group == target,
            FenceDeviceAction f => target == $"fence:{f.Target}",
            ProbeNodeAction p => target == $"{(p.Id.Operation == ActionOperation.Ask ? "ask" : "probe")}:{p.Node}",
            EventScriptAction s => target == $"script:{s.Script.Name}",
            _ => false,
        }) ?? throw new FormatException($"Nothing is under way for {target}.");

    /// <summary>An action ends, and the World with it.</summary>
    public void Complete(ClusterAction action, bool success, string message, bool running)
    {
        Output.Add($"{StateText.Of(action)}: {(action is ProbeNodeAction ? Seen(action.Node) : success ? "ok" : "failed")}");
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
                    World.Remove(key);
                }
                else
                {
                    World[key] = success ? FoundAnswer.Runs : FoundAnswer.Broken;
                }

                Commit(new ActionCompleted(r.Id, success, success ? "" : message.Length > 0 ? message : "exit code 1."), running);
                break;
            case MigrationAction m:
                if (success && World.Remove((m.Node, m.Group, m.Resource.Id), out FoundAnswer moved))
                {
                    World[(m.To, m.Group, m.Resource.Id)] = moved;
                }

                Commit(
                    new ActionCompleted(
                        m.Id, success, success ? "in 2 s, standing still for 40 ms." : message.Length > 0 ? message : "no way there."),
                    running);
                break;
            case FenceDeviceAction f:
                if (success && f.Id.Operation == ActionOperation.FenceOff && LastOff(f))
                {
                    Empty(f.Target);
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

    /// <summary>What a node answers when it is asked what runs there.</summary>
    public Probed Found(string node, ActionId id) => new(
        id,
        Cluster.FunctionalLevel,
        [
            .. World.Where(w => w.Key.Node == node).Select(w => new FoundResource(w.Key.Group, w.Key.Resource, w.Value, w.Value switch
            {
                FoundAnswer.Unknown => "status unknown.",
                FoundAnswer.CannotRun => "not installed.",
                _ => "",
            })),
        ]);

    /// <summary>Nothing runs there any more.</summary>
    public void Empty(string node)
    {
        foreach (var key in World.Keys.Where(k => k.Node == node).ToArray())
        {
            World.Remove(key);
        }
    }

    /// <summary>One event, applied as every member would, and once more.</summary>
    public void Commit(ClusterEvent e, bool running = false, long? time = null, string? before = null)
    {
        if (before is not null)
        {
            Output.Add(before);
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
        if (promises)
        {
            SameFromCopy(Cluster.Apply(StateChecks.Reread(was), was.Epoch, at, envelope));
            Again(e, envelope, at);
        }
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
        string[] seen = [.. World.Where(w => w.Key.Node == node).Select(w => $"{w.Key.Group}/{w.Key.Resource}{Suffix(w.Value)}")];
        return seen.Length == 0 ? "nothing runs" : string.Join(", ", seen);
    }

    private static string Suffix(FoundAnswer answer) => answer switch
    {
        FoundAnswer.Runs => "",
        FoundAnswer.Broken => " broken",
        FoundAnswer.Unknown => " unknown",
        _ => " can't run",
    };

    private void Accept(
        ClusterState next, ImmutableArray<ClusterAction> before, bool privately, bool running = false, ActionId? answered = null)
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

        Output.AddRange(next.Journal.Select(StateText.Of));
        if (next.Ignored > was.Ignored)
        {
            Output.Add("ignored");
        }

        ImmutableArray<ClusterAction> after = Cluster.Plan(next);
        if (!running)
        {
            Output.AddRange(after.Where(a => before.All(b => b.Id != a.Id)).Select(a => $"> {StateText.Of(a)}"));
        }

        // What has just been answered is gone too, and needs no words.
        foreach (ClusterAction gone in before.Where(b => b.Id != answered && after.All(a => a.Id != b.Id)))
        {
            Output.Add($"no more: {StateText.Of(gone)}");
        }

        foreach (string violation in promises ? [.. StateChecks.Of(next), .. StateChecks.Untold(was, next)] : Array.Empty<string>())
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

    private void Again(ViewEvent view)
    {
        string again = StateChecks.Json(Cluster.Apply(state, index, view with { Continuous = true }));
        if (again != StateChecks.Json(state))
        {
            Violate($"The same view again changes something.{StateChecks.Difference(StateChecks.Json(state), again)}");
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

    private void Violate(string what) => Violations.Add($"after '{Command}': {what}");
}
