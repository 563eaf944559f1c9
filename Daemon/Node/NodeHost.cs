using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Fencing;

namespace ClusterTools.Node;

/// <summary>How a life of a node ended.</summary>
public enum NodeEnd
{
    /// <summary>It was told to stop at once; groups go on running and the others will miss it.</summary>
    Cancelled,

    /// <summary>It left the cluster without groups.</summary>
    Left,

    /// <summary>It is away for planned maintenance; its groups go on running.</summary>
    Maintenance,

    /// <summary>It was declared lost and has stopped everything; it may join in a new life.</summary>
    Expelled,

    /// <summary>Its state differed from the others'; its groups go on running while it joins in a new life.</summary>
    Reload,

    /// <summary>
    /// An event could not be handled, or the engine failed: the journal says what, and what to do. It has stopped everything.
    /// </summary>
    Failed,
}

/// <summary>One life of a node: the replica driven by an engine, executors and a clock.</summary>
public sealed partial class NodeHost : IClusterNode, IAsyncDisposable
{
    // Entries between two snapshots: a joiner replays at most this many and the margin.
    private const long SnapshotInterval = 1_000;

    private static readonly TimeSpan ProposeLimit = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly NodeSettings settings;
    private readonly string stateFolder;
    private readonly Replica replica;
    private readonly IClusterEngine engine;
    private readonly ResourceAgentExecutor agents;
    private readonly FenceAgentExecutor fencing;
    private readonly FenceDeviceQuestions fenceQuestions;
    private readonly DiskAccess disks;
    private readonly ScriptRunner scripts;
    private readonly Dictionary<string, GroupWorker> workers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource ending = new();
    private readonly TaskCompletionSource<NodeEnd> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer timer;
    private readonly Action<string> reset;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterState state = ClusterState.Empty;
    private ClusterState shown = ClusterState.Empty;
    private readonly QuorumHeuristics heuristics;
    private readonly int level;
    private int actedLevel;
    private bool admittedShown;
    private Task running = Task.CompletedTask;
    private int inFlight;
    private readonly long startedAt = BootClock.Now;
    private int token;
    private int tokenToldOf;
    private long proposed;
    private long failedProposals;
    private long spawned;
    private long snapshotsSkipped;

    private NodeHost(
        NodeSettings settings, string stateFolder, long incarnation, Journal journal, ConfigurationArchive configurations,
        Func<EngineSetup, IClusterEngine> createEngine, Action<string> reset, ClusterConfiguration? bootstrap, IFolding? folding, int level)
    {
        this.level = level;
        actedLevel = LevelMemory.Check(stateFolder, level);
        this.settings = settings;
        token = settings.Token;
        this.stateFolder = stateFolder;
        this.reset = reset;
        Bootstrap = bootstrap;
        Journal = journal;
        Configurations = configurations;
        accepts = IsRecovering(stateFolder);
        knownVersion = configurations.Newest?.Version ?? 0;
        replica = new Replica(settings.Node, incarnation, folding)
        {
            ResetBefore = OwnReset.Read(stateFolder),
            Watchdog = settings.Watchdog?.TakenSeconds is { } seconds ? (seconds * 1000, token) : null,
        };
        engine = createEngine(new EngineSetup
        {
            Self = new Member(settings.Node, incarnation),
            Votes = VotesOf(bootstrap, []),
            AcceptAnyLog = accepts,
            MayBeNew = MayForm,
            Log = message => Say(JournalSeverity.Warning, "engine", message),
        });
        string run = Path.Combine(stateFolder, "run");
        Directory.CreateDirectory(run);
        var resourceAgents = new ResourceAgentOptions
        {
            StateFolder = Path.Combine(stateFolder, "agents"),
            AgentRunFolder = settings.Lab is null && Environment.IsPrivilegedProcess ? null : run,
            Environment = settings.AgentEnvironment.ToImmutableSortedDictionary(StringComparer.Ordinal)
                .SetItem("CLUSTERTOOLS_NODE", settings.Node)
                .SetItem("CLUSTERTOOLS_STATE", run),
            SpawnGate = MaySpawnAsync,
        };
        agents = new ResourceAgentExecutor(resourceAgents);
        scripts = new ScriptRunner(resourceAgents);
        fencing = new FenceAgentExecutor(new FenceAgentOptions());
        fenceQuestions = new FenceDeviceQuestions(fencing.RunAsync);
        disks = new DiskAccess(
            settings.Node, stateFolder, LeavesRunningAsync, CallForItselfAsync, (severity, text) => Say(severity, "node.disks", text));
        Agents = new AgentCatalogue(new InstalledAgents(resourceAgents), fencing);
        heuristics = new QuorumHeuristics(
            resourceAgents.Environment, engine.SetScore, text => Say(JournalSeverity.Warning, "quorum.heuristic", text));
        timer = new Timer(_ => OnTime());
        beat = settings.Watchdog is null ? null : new Timer(_ => OnBeat(), null, TimeSpan.Zero, BeatInterval);
    }

    public string Name => settings.Node;

    public long Incarnation => replica.Incarnation;

    public ClusterState State => Volatile.Read(ref state);

    public long Time
    {
        get
        {
            lock (gate)
            {
                return replica.TimeAt(BootClock.Now);
            }
        }
    }

    /// <summary>Token time in milliseconds, as this life goes by it now.</summary>
    private int Token => Volatile.Read(ref token);

    public void UseToken(int milliseconds)
    {
        lock (gate)
        {
            token = milliseconds;
            replica.UseToken(milliseconds);
        }

        engine.UseToken(milliseconds);
    }

    public QuorumDiskStatus? QuorumDisk => engine.Disk;

    public QuorumArbiterStatus? QuorumArbiter => engine.Arbiter;

    public CommitTrouble? Commits =>
        engine.Trouble is { } trouble
            ? new CommitTrouble(DateTimeOffset.UtcNow.AddMilliseconds(trouble.Since - BootClock.Now), trouble.Why)
            : null;

    public Journal Journal { get; }

    public ConfigurationArchive Configurations { get; }

    public AgentCatalogue Agents { get; }

    /// <summary>Completes when this life is over.</summary>
    public Task<NodeEnd> Ended => ended.Task;

    private ClusterConfiguration? Bootstrap { get; }

    /// <summary>Begins a new life of a node: ends what an earlier one left half done, and joins.</summary>
    /// <param name="settings">From the state folder.</param>
    /// <param name="stateFolder">This node's own.</param>
    /// <param name="journal">Kept over lives.</param>
    /// <param name="configurations">Kept over lives.</param>
    /// <param name="createEngine">What agrees with the other nodes on the order of events.</param>
    /// <param name="reset">Resets the machine (in a lab: ends all that the node runs); does not return in good order.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static Task<NodeHost> StartAsync(
        NodeSettings settings, string stateFolder, Journal journal, ConfigurationArchive configurations,
        Func<EngineSetup, IClusterEngine> createEngine, Action<string> reset, CancellationToken cancellationToken) =>
        StartAsync(settings, stateFolder, journal, configurations, createEngine, reset, null, Cluster.FunctionalLevel, cancellationToken);

    /// <summary>
    /// As the other, with something in the place of <see cref="Cluster"/>, and as a program that knows other levels: for tests of what it
    /// does when that fails, and of two versions side by side.
    /// </summary>
    internal static async Task<NodeHost> StartAsync(
        NodeSettings settings, string stateFolder, Journal journal, ConfigurationArchive configurations,
        Func<EngineSetup, IClusterEngine> createEngine, Action<string> reset, IFolding? folding, int level,
        CancellationToken cancellationToken)
    {
        ClusterConfiguration? bootstrap = await ReadBootstrapAsync(settings, stateFolder, configurations, cancellationToken)
            .ConfigureAwait(false);
        var host = new NodeHost(
            settings, stateFolder, NextIncarnation(stateFolder), journal, configurations, createEngine, reset, bootstrap, folding,
            level);
        if (host.agents.Damage is { } damage)
        {
            host.Say(JournalSeverity.Warning, "action.journal", damage);
        }

        foreach (InterruptedAction action in await host.agents.RecoverAsync(cancellationToken).ConfigureAwait(false))
        {
            host.Say(
                JournalSeverity.Warning, "action.interrupted",
                $"{(action.Operation is ResourceOperation.Probe or ResourceOperation.Monitor ? "Status check" : $"{action.Operation}")} "
                    + $"of {action.Resource} of group '{action.Group}' was under way when the daemon ended; "
                + $"{action.Ended} processes of it were ended. The agents are asked what became of it.");
        }

        // The first fence must not wait for code to be compiled.
        await host.fencing.WarmUpAsync(cancellationToken).ConfigureAwait(false);
        host.running = Task.Run(host.RunAsync, CancellationToken.None);
        return host;
    }

    /// <summary>Ends this life at once and leaves groups running: the others will declare it lost unless it left before.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        await timer.DisposeAsync().ConfigureAwait(false);
        await heuristics.DisposeAsync().ConfigureAwait(false);
        if (beat is not null)
        {
            await beat.DisposeAsync().ConfigureAwait(false);
        }

        await snapshot.ConfigureAwait(false);
        GroupWorker[] all;
        lock (gate)
        {
            all = [.. workers.Values];
        }

        foreach (GroupWorker worker in all)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(guestWatches.Values).ConfigureAwait(false);
        await guests.DisposeAsync().ConfigureAwait(false);
        await EndEngineAsync().ConfigureAwait(false);
        agents.Dispose();
        Agents.Dispose();
        fenceQuestions.Dispose();
        disks.Dispose();
        ending.Dispose();
    }

    public Task WaitForChangeAsync(CancellationToken cancellationToken) => Volatile.Read(ref changed).Task.WaitAsync(cancellationToken);

    public async Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken)
    {
        if (request is NodeRequest { Operation: NodeOperation.ConfirmDown } confirm && State.Quorum == Quorum.Contested)
        {
            return await ConfirmContestedAsync(confirm, cancellationToken).ConfigureAwait(false);
        }

        if (request is NodeRequest { Operation: NodeOperation.ConfirmDown } && State.Quorum == Quorum.None)
        {
            throw new NotQuorateException(
                "Without quorum one dead node changes nothing: make sure that all who are absent are dead, force quorum (which supersedes "
                    + "them), then confirm each.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending.Token);
        limit.CancelAfter(ProposeLimit);
        long index = await engine.ProposeAsync(Encode(request), limit.Token).ConfigureAwait(false);
        return await AppliedAsync(request.RequestId, index, limit.Token).ConfigureAwait(false);
    }

    public async Task<OperationState> ForceQuorumAsync(string requestId, string who, string reason, CancellationToken cancellationToken)
    {
        if (State.Operations.TryGetValue(requestId, out OperationState? known))
        {
            return known;
        }

        if (State.Quorum == Quorum.Quorate)
        {
            throw new QuorumNotNeededException($"Node {Name} is quorate: {Description.QuorumOf(State)}");
        }

        Say(JournalSeverity.Warning, "quorum.forced", $"{who} forces quorum on this node: {reason}");
        var message = new MessageWritten(
            requestId, who, JournalSeverity.Warning, $"{who} has forced quorum on {Name}: {reason}. Those absent rejoin as strangers.");
        long index = await engine.OpenEpochAsync(Encode(message), cancellationToken).ConfigureAwait(false);
        return await AppliedAsync(requestId, index, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(
        string? node, string? device, CancellationToken cancellationToken)
    {
        ClusterConfiguration configuration = State.Configuration;
        var calls =
            from target in configuration.Nodes.Values
            where node is null || target.Name == node
            from method in target.FenceMethods
            from step in method.Steps.DistinctBy(s => s.Device)
            where device is null || step.Device == device
            select (target, method, step);
        return await Task.WhenAll(calls.Select(async call =>
        {
            if (WatchdogDevice.Is(configuration.FenceDevices.GetValueOrDefault(call.step.Device)))
            {
                return WatchdogStatus(call.target.Name, call.method.Name, call.step.Device);
            }

            FenceResult result = await fenceQuestions.AskAsync(
                $"{configuration.Version}/{call.target.Name}/{call.method.Name}/{call.step.Device}",
                FenceRequestOf(
                    $"status/{Guid.NewGuid():N}", call.target.Name, call.step.Device, call.step.Parameters, FenceOperation.Status,
                    configuration.FenceDevices.GetValueOrDefault(call.step.Device), configuration.Timing.FenceTimeout),
                cancellationToken).ConfigureAwait(false);
            bool answers = result.ExitCode is 0 or 2 && !result.TimedOut;
            return new FenceDeviceStatus(
                call.target.Name, call.method.Name, call.step.Device, answers, answers ? result.ExitCode == 0 : null, result.Message);
        })).ConfigureAwait(false);
    }

    public IEnumerable<NodeMetric> Metrics()
    {
        yield return new NodeMetric("node_incarnation", "This life of the node.", false, Incarnation);
        yield return new NodeMetric("node_proposals_total", "Events this node has proposed.", true, Interlocked.Read(ref proposed));
        yield return new NodeMetric(
            "node_proposals_failed_total", "Proposals that were not committed.", true, Interlocked.Read(ref failedProposals));
        yield return new NodeMetric("node_agent_calls_total", "Calls of resource and fence agents.", true, Interlocked.Read(ref spawned));
        yield return new NodeMetric(
            "node_unknown_events_total", "Events of kinds that this clusterd does not know, ignored in this life.", true,
            Interlocked.Read(ref unknownEvents));
        yield return new NodeMetric("node_failed", "1 when this life has failed and stops what it runs.", false, failed ? 1 : 0);
        yield return new NodeMetric(
            "node_commits_failing_milliseconds", "For how long commits have not gone through; 0: they do.", false,
            engine.Trouble is { } trouble ? BootClock.Now - trouble.Since : 0);
        yield return new NodeMetric("node_actions_in_flight", "Agent calls that have not ended.", false, Volatile.Read(ref inFlight));
        yield return new NodeMetric("node_snapshot_bytes", "Size of the last snapshot of the cluster's state.", false, snapshotSize.Bytes);
        yield return new NodeMetric(
            "node_snapshots_skipped_total", "Snapshots left out since the one before was still being written.", true,
            Interlocked.Read(ref snapshotsSkipped));
        yield return new NodeMetric("node_view_age_milliseconds", "Since this node last saw itself in the view.", false,
            BootClock.Now - engine.LastConfirmed);
    }

    /// <summary>Counted in a file, so that no life has the number of an earlier one, even if the clock falls.</summary>
    private static long NextIncarnation(string stateFolder)
    {
        string file = Path.Combine(stateFolder, "incarnation");
        long next = Math.Max((NumberFile.Read(file) ?? 0) + 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        NumberFile.Write(file, next);
        return next;
    }

    private static VoteTable VotesOf(ClusterConfiguration? configuration, ImmutableSortedSet<string> without) => configuration is null
        ? new VoteTable(new Dictionary<string, int>(), 1, false)
        : new VoteTable(
            QuorumArithmetic.Votes(configuration, without), QuorumArithmetic.Total(configuration, without), configuration.TwoNode)
        {
            Device = configuration.QuorumDisk is { } disk ? new DeviceVotes(disk.Device, disk.VotesAmong(configuration)) : null,
        };

    private void UseQuorumDisk(ClusterConfiguration configuration)
    {
        QuorumDiskConfiguration? disk = configuration.Nodes.ContainsKey(Name) ? configuration.QuorumDisk : null;
        heuristics.Use(disk?.Heuristics ?? []);
        engine.UseDisk(disk is null ? null : new QuorumDiskSetup
        {
            Device = disk.Device,
            Cluster = configuration.Name,
            Slot = configuration.Nodes[Name].Id,
            Interval = disk.Interval,
            Silence = disk.Silence(),
            MinimumScore = disk.ScoreNeeded(),
        });
    }

    private async Task RunAsync()
    {
        try
        {
            await FollowAsync().ConfigureAwait(false);

            // The engine has nothing more to say: this node is leaving, or must still stop what runs here.
            await ended.Task.WaitAsync(ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            ended.TrySetResult(NodeEnd.Cancelled);
        }
    }

    /// <summary>Handles what the engine delivers until it has nothing more to say, or until one thing can't be handled.</summary>
    private async Task FollowAsync()
    {
        EngineEvent? handling = null;
        try
        {
            await foreach (EngineEvent e in engine.RunAsync(ending.Token).ConfigureAwait(false))
            {
                handling = e;
                Handle(e);
                handling = null;
            }
        }
        catch (Exception error) when (!(error is OperationCanceledException && ending.IsCancellationRequested))
        {
            Fail(error, handling);
        }
    }

    private void Handle(EngineEvent e)
    {
        lock (gate)
        {
            if (failed)
            {
                return;
            }

            long now = BootClock.Now;
            switch (e)
            {
                case SnapshotDelivered snapshot:
                    ClusterState state = ReadSnapshot(snapshot);
                    LookInto(state);
                    replica.OnSnapshot(state, now);
                    KeepConfiguration(null, null);
                    break;
                case Committed entry:
                    Handle(entry, now);
                    break;
                case Engines.ViewChanged view:
                    Handle(view, now);
                    break;
                case Expelled expelled:
                    replica.OnExpelled(expelled.Reason, now);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown engine event {e.GetType().Name}.");
            }

            SeeLevel();
            Act();
            AtInterval(e.Index);
        }
    }

    /// <summary>Nothing is done by rules that this program does not know, and those that it acts by it does not forget.</summary>
    private void SeeLevel()
    {
        int inForce = replica.State.FunctionalLevel;
        if (inForce > level)
        {
            throw new LevelUnknownException(inForce, level);
        }

        if (inForce > actedLevel)
        {
            LevelMemory.Remember(stateFolder, inForce);
            actedLevel = inForce;
        }
    }

    private static ClusterState ReadSnapshot(SnapshotDelivered snapshot)
    {
        if (snapshot.State.IsEmpty)
        {
            return ClusterState.Empty;
        }

        ClusterState read = JsonSerializer.Deserialize(snapshot.State.Span, CoreJson.Options.GetTypeInfo<ClusterState>())!;
        return read?.Index == snapshot.Index
            ? read
            : throw new JsonException($"It holds the state at index {read?.Index ?? 0}.");
    }

    private void Handle(Committed entry, long now)
    {
        ClusterConfiguration before = replica.State.Configuration;
        EventEnvelope envelope = EventReading.Read(entry.Payload);
        handledKind = EventReading.KindOf(envelope.Event);
        CountUnknown(envelope, entry.Index);
        replica.OnCommitted(entry.Epoch, entry.Index, envelope, now);
        if (!ReferenceEquals(before, replica.State.Configuration))
        {
            KeepConfiguration(envelope, before);
        }

        if (envelope.Event is StateHashed said)
        {
            Compare(said);
        }

        handledKind = null;
    }

    private void Handle(Engines.ViewChanged view, long now)
    {
        replica.OnView(
            view.Index,
            new ViewEvent(
                view.Epoch,
                view.Members.ToImmutableSortedDictionary(m => m.Node, m => m.Incarnation, StringComparer.Ordinal),
                view.Quorum switch
                {
                    ViewQuorum.Quorate => Quorum.Quorate,
                    ViewQuorum.Contested => Quorum.Contested,
                    ViewQuorum.NotQuorate => Quorum.None,
                    _ => throw new InvalidOperationException($"Unknown quorum {view.Quorum}."),
                },
                view.Continuous,
                view.Votes),
            now);
        Admit(view);
        if (view.Quorum == ViewQuorum.Quorate && view.Members.Any(m => m.Node == Name && m.Incarnation == Incarnation))
        {
            OwnReset.Forget(stateFolder);
        }
    }

    private void KeepConfiguration(EventEnvelope? envelope, ClusterConfiguration? before)
    {
        ClusterState committed = replica.State;
        if (committed.Configuration.Version == 0)
        {
            return;
        }

        PutBootstrapAway();
        if (committed.Configuration.Version <= knownVersion && !admitted)
        {
            // Read again at the start of a life: it is kept already, or is of a log that this node may have to refuse.
            return;
        }

        var request = envelope?.Event as ConfigurationRequest;
        Configurations.Keep(
            committed.Configuration,
            new KeptConfiguration
            {
                Version = committed.Configuration.Version,
                Index = committed.Index,
                WallTime = envelope?.WallTime ?? 0,
                Who = request?.Who,
                Reason = request?.Reason,
                Origin = request?.Origin ?? ConfigurationOrigin.Unknown,
            },
            before);
    }

    private void SayWhichToken(ClusterConfiguration configuration)
    {
        bool follows = settings.Engine == NodeEngine.Corosync && configuration.KeepsCorosync;
        if (!follows && configuration.Timing.Token != settings.Token && configuration.Timing.Token != tokenToldOf)
        {
            tokenToldOf = configuration.Timing.Token;
            Say(
                JournalSeverity.Warning, "node.token",
                $"This daemon goes by a token time of {SpanText.Of(settings.Token)}, from its {NodeSettings.FileName}; "
                    + $"the configuration says {SpanText.Of(configuration.Timing.Token)}. "
                + $"All daemons must have the same: to change it, stop all of them, set \"token\" in every {NodeSettings.FileName}, and "
                    + "start them again.");
        }
    }

    private void SayHowLongSilent(string node, long incarnation)
    {
        if (engine.LastHeard(new Member(node, incarnation)) is not { } heard)
        {
            return;
        }

        // What was heard before this daemon was there says nothing of when the node fell silent.
        long now = BootClock.Now;
        string since = heard < startedAt
            ? $"has not been heard since this daemon started, {SpanText.Of(now - startedAt)} ago"
            : $"was last heard {SpanText.Of(now - heard)} ago";
        Say(JournalSeverity.Information, "node.silent", $"Node {node} {since}.", node);
    }

    private void OnTime()
    {
        if (ending.IsCancellationRequested)
        {
            return;
        }

        lock (gate)
        {
            if (stopUnaided is { } limit)
            {
                ResetWhenDue(limit);
                return;
            }

            ActSafely();
        }
    }

    /// <summary>Carries out what the replica asks, in order. Nothing here waits: what takes time runs beside.</summary>
    private void Act()
    {
        long now = BootClock.Now;
        long next = replica.OnTime(now);
        foreach (Effect effect in replica.TakeEffects())
        {
            Do(effect);
        }

        if (!ReferenceEquals(shown, replica.Acting) || admittedShown != admitted)
        {
            // What is read again from the log at a start says how it was, not that there is quorum here now.
            (shown, admittedShown) = (replica.Acting, admitted);
            Volatile.Write(ref state, admitted || shown.Quorum != Quorum.Quorate ? shown : shown with { Quorum = Quorum.None });
            Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            ForgetWorkers();
            CompareGuests();
        }

        if (!ending.IsCancellationRequested)
        {
            timer.Change(Math.Clamp(next - now, 1, 60_000), Timeout.Infinite);
        }
    }

    private void Do(Effect effect)
    {
        switch (effect)
        {
            case Propose e:
                _ = ProposeAsync(e.Event);
                break;
            case RunResource e:
                _ = AnswerAlwaysAsync(
                    RunAsync(e.Action, e.Final),
                    $"The {(e.Action.Id.Operation == ActionOperation.Stop ? "stop" : "start")} of {e.Action.Resource.Id}",
                    m => new ActionCompleted(e.Action.Id, false, m, ActionAnswer.Unknown));
                break;
            case RunMigration e:
                _ = AnswerAlwaysAsync(
                    MigrateAsync(e), $"The migration of {e.Action.Resource.Id}",
                    m => new ActionCompleted(e.Action.Id, false, m, ActionAnswer.Unknown));
                break;
            case EndMigration e:
                EndMigration(e.Id);
                break;
            case RunProbe e:
                _ = AnswerAlwaysAsync(ProbeAsync(e), "The question what runs here", null);
                break;
            case RunFence e:
                _ = AnswerAlwaysAsync(
                    FenceAsync(e),
                    $"{(e.Action.Id.Operation == ActionOperation.FenceOn ? "Switching on" : "Switching off")} of {e.Action.Target}",
                    m => new FenceCompleted(e.Action.Id, false, m));
                break;
            case RunEventScript e:
                _ = AnswerAlwaysAsync(
                    RunAsync(e.Action, e.State), $"The call of event script '{e.Action.Script.Name}'",
                    m => new EventScriptCompleted(e.Action.Id, false, m, []));
                break;
            case MonitorGroup e:
                Worker(e.Group).Monitor(e.Resources);
                break;
            case TellSilence e:
                SayHowLongSilent(e.Node, e.Incarnation);
                break;
            case BarNodes e:
                engine.Bar(e.Nodes);
                break;
            case OpenEpoch e:
                _ = OpenEpochAsync(e.First);
                break;
            case ConfigurationInForce e:
                _ = AskAgentsAsync(e.Configuration);
                WatchGuests(e.Configuration);
                SayWhichToken(e.Configuration);
                UseQuorumDisk(e.Configuration);
                engine.UseArbiter(e.Configuration.ArbiterInForce is not null && e.Configuration.Nodes.ContainsKey(Name));
                if (admitted)
                {
                    // Who is not a member yet does that when it is asked what it runs.
                    _ = AnswerAlwaysAsync(disks.WhyNoneAsync(e.Configuration, ending.Token), "Getting at its disks", null);
                }

                break;
            case ChangeVotes e:
                _ = ProposeAsync(new Tick(), VotesOf(e.Configuration, e.Without));
                break;
            case NeedConfiguration:
                ProposeBootstrap();
                break;
            case Journalled e:
                Journal.Append(e.Entries);
                if (failed && e.Entries.Any(x => x.Kind == "node.reset.spared"))
                {
                    ended.TrySetResult(NodeEnd.Failed);
                }

                break;
            case ResetSelf e:
                ResetNow(e.Reason);
                if (failed)
                {
                    ended.TrySetResult(NodeEnd.Failed);
                }

                break;
            case LeaveCluster e:
                Leave(e.Cause);
                break;
            case StoppedAll:
                ended.TrySetResult(failed ? NodeEnd.Failed : NodeEnd.Expelled);
                break;
            default:
                throw new InvalidOperationException($"Unknown effect {effect.GetType().Name}.");
        }
    }

    private void Leave(LeaveCause cause)
    {
        switch (cause)
        {
            case LeaveCause.Left:
                _ = LeaveAsync(NodeEnd.Left);
                break;
            case LeaveCause.Maintenance when Volatile.Read(ref inFlight) == 0:
                _ = LeaveAsync(reloading ? NodeEnd.Reload : NodeEnd.Maintenance);
                break;
            case LeaveCause.Maintenance:
                // What is under way ends in an event, with which it is said again.
                break;
            default:
                throw new InvalidOperationException($"Unknown cause {cause}.");
        }
    }

    private async Task LeaveAsync(NodeEnd end)
    {
        if (ended.Task.IsCompleted)
        {
            return;
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
            limit.CancelAfter(ProposeLimit);
            await engine.LeaveAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Say(JournalSeverity.Warning, "engine", $"The cluster was not left at once ({e.Message}); "
                + "the others notice after the token time.");
        }

        ended.TrySetResult(end);
    }

    private void Say(JournalSeverity severity, string kind, string message, string? node = null) => Journal.Append(
    [
        new JournalEntry
        {
            Index = State.Index,
            Time = State.Time,
            Severity = severity,
            Kind = kind,
            Message = message,
            Node = node ?? Name,
        },
    ]);
}
