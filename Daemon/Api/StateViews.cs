using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>The state as the wire shows it. Secrets are replaced here; nothing else writes parameters out.</summary>
internal static class StateViews
{
    public static Contract.ClusterStatus Cluster(ClusterState state, IClusterNode node) => new()
    {
        Name = state.Configuration.Name,
        Node = node.Name,
        Quorum = (Contract.Quorum)state.Quorum,
        QuorumDescription = Description.QuorumOf(state) + (Sentence(node.Commits) is { } sentence ? $" {sentence}" : ""),
        CommitsFailSince = node.Commits?.Since,
        Disarmed = state.Disarmed is { } disarmed
            ? new Contract.Disarmament
            {
                Who = disarmed.Who,
                Since = Wall(disarmed.SinceWall),
                Reason = disarmed.Reason,
                Description = Description.Disarmed(disarmed),
            }
            : null,
        Votes = QuorumArithmetic.Present(state),
        VotesExpected = QuorumArithmetic.Expected(state),
        VotesNeeded = QuorumArithmetic.Needed(state),
        LossesSurvived = state.Quorum == Quorum.Quorate ? QuorumArithmetic.LossesSurvived(state) : 0,
        TwoNode = state.Configuration.TwoNode,
        LastManStandingWindow = state.Configuration.VoteWindow is { } window ? Span(window) : null,
        QuorumDisk = QuorumDiskViews.Of(state, node.QuorumDisk),
        QuorumArbiter = QuorumArbiterViews.Of(state, node.QuorumArbiter),
        Members = [.. state.Members.Keys],
        Epoch = state.Epoch,
        Index = state.Index,
        Time = Span(state.Time),
        ConfigurationVersion = state.Configuration.Version,
        FunctionalLevel = state.FunctionalLevel,
        FunctionalLevelAvailable = FunctionalLevels.Available(state),
        NodePhases = Count(state.Nodes.Values.Select(Phase)),
        GroupPhases = Count(state.Groups.Values.Select(PhaseOf)),
        FailedGroups = [.. state.Groups.Values.Where(g => g.Phase == GroupPhase.Failed).Select(g => g.Name)],
        // What a quorum had begun does not go on without one.
        Fencing = state.Quorum == Quorum.None ? [] : [.. state.Fences.Values.Select(f => Fencing(state, f))],
        RunningOperations = state.Operations.Values.Count(o => o.Phase == OperationPhase.Running),
    };

    public static Contract.QuorumLoss[] Losses(ClusterState state) =>
    [
        .. QuorumLosses.Of(state).Select(l => new Contract.QuorumLoss
        {
            Lost = [.. l.Nodes, .. l.Disk ? new[] { $"quorum disk {state.Configuration.QuorumDisk?.Device}".TrimEnd() } : []],
            Survives = l.Survives,
            SurvivesInTurn = l.SurvivesInTurn,
            Votes = l.Votes,
            VotesNeeded = l.Needed,
            Stops = [.. l.Stops],
        }),
    ];

    /// <summary>That commits do not go through, and why; null: they do.</summary>
    public static string? Sentence(CommitTrouble? commits) => commits is null
        ? null
        : "COMMITS DO NOT GO THROUGH since "
            + $"{commits.Since.UtcDateTime.ToString("HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)}: {commits.Why}";

    public static Contract.NodeStatus Node(ClusterState state, NodeState node)
    {
        NodeConfiguration? configured = state.Configuration.Nodes.GetValueOrDefault(node.Name);
        return new Contract.NodeStatus
        {
            Name = node.Name,
            Id = configured?.Id ?? 0,
            Votes = configured?.Votes ?? 0,
            VotesUncounted = node.Vote is { IsTaken: true },
            Phase = Phase(node),
            Member = node.Member,
            LastKnown = state.Quorum == Quorum.None && !state.Members.ContainsKey(node.Name),
            Incarnation = node.Incarnation,
            Why = $"{node.Why}",
            Drain = (Contract.DrainGoal)node.Drain.Goal,
            DrainTo = node.Drain.To,
            Moved = [.. node.Drain.Moved],
            AtLeave = (Contract.FinalAction)node.Drain.AtLeave,
            ShutsDown = node.Drain.Shutdown is not null,
            ShutdownPolicy = (Contract.ShutdownPolicy)MachineShutdown.Policy(state.Configuration, node.Name),
            Weight = configured?.Weight ?? 0,
            CurrentWeight = FenceDelay.Weight(state, node.Name),
            FenceDelay = Span(configured?.FenceDelay ?? 0),
            FenceDelayMax = Span(configured?.FenceDelayMax ?? 0),
            MaintenanceRemaining = node.MaintenanceUntil is { } until ? Span(until - state.Time) : null,
            LostFor = node.LostAt is { } lost ? Span(state.Time - lost) : null,
            FunctionalLevel = node.Level,
            Groups = [.. node.Groups],
            FenceMethods = [.. configured?.FenceMethods.Select(m => m.Name) ?? []],
            Watchdog = node.Watchdog is { } armed ? Span(armed.Timeout) : null,
            Fencing = state.Fences.TryGetValue(node.Name, out FenceState? fence) ? Fencing(state, fence) : null,
            Operation = node.Operation,
        };
    }

    public static Contract.GroupStatus Group(ClusterState state, GroupState group, bool explain, Func<string, string, bool>? resources)
    {
        GroupConfiguration definition = group.Definition;
        long since = state.Time - definition.RestartExpireTime * 1000L;
        return new Contract.GroupStatus
        {
            Name = group.Name,
            Phase = (Contract.GroupPhase)PhaseOf(group),
            Goal = (Contract.GroupGoal)group.Goal,
            Owner = group.Owner,
            LastKnown = state.Quorum == Quorum.None && group.Owner is { } owner && !state.Members.ContainsKey(owner),
            Frozen = group.Frozen,
            Unfreezing = group.Unfreezing,
            ActiveOn = [.. group.ActiveOn],
            Domain = definition.Domain,
            Autostart = definition.Autostart,
            Recovery = (Contract.RecoveryPolicy)definition.Recovery,
            Exclusive = definition.Exclusive,
            Restarts = definition.MaxRestarts > 0 ? group.Recovery.Restarts.Count(t => t > since) : group.Recovery.Restarts.Length,
            Failures = FailureRun.Of(group, state.Time)?.Count ?? 0,
            FailingFor = FailureRun.Of(group, state.Time) is { } run ? Span(state.Time - run.Since) : null,
            MaxFailures = definition.MaxFailures,
            MaxRestarts = definition.MaxRestarts,
            RestartExpireTime = TimeSpan.FromSeconds(definition.RestartExpireTime),
            UnderWay = group.Pending is { } pending
                ? new Contract.ActionUnderWay { Action = Word(pending.Id.Operation), Resource = pending.Resource, Node = pending.Node }
                : null,
            Abandoned = [.. group.Instance.Abandoned],
            FailbackTo = group.Order.FailbackTo,
            ReturnTo = group.Order.ReturnTo,
            KeptFor = group.Order.Kept?.Node,
            KeptRemaining = group.Order.Kept?.Until is { } until ? Span(Math.Max(0, until - state.Time)) : null,
            Dependencies = [.. Dependencies(definition).Select(d => Dependency(state, group, d))],
            Dependents = [.. DependencyVerdict.Dependents(state.Configuration, group.Name)],
            AwaitsScript = group.Order.AwaitsVerdict,
            Retries = [.. Retries(group)],
            Tried = [.. group.Order.Tried],
            FailoverLimit = group.Order.Limit,
            Stuck = [.. group.Instance.Stuck],
            Final = group.Instance.Final is { } final
                ? new Contract.FinalActionUnderWay
                {
                    Resource = final.Resource,
                    Action = (Contract.FinalAction)final.Action,
                    AfterStop = final.AfterStop,
                }
                : null,
            RetryIn = group.Order.RetryAt is { } retry ? Span(retry - state.Time) : null,
            Operation = group.Operation,
            Why = Description.Why(state, group),
            Since = Wall(group.SinceWall),
            LastMove = group.LastMove is { } move
                ? new Contract.GroupMove { From = move.From, To = move.To, At = Wall(move.WallTime), Who = move.Who, Why = $"{move.Why}" }
                : null,
            LastFailure = GroupFailure.Of(group, state.Time) is { } failure
                ? new Contract.GroupFailure
                {
                    What = failure.Told,
                    Resource = failure.Resource,
                    Node = failure.Node,
                    At = Wall(failure.WallTime),
                    Message = failure.Message,
                }
                : null,
            Unconfirmed = group.IsUnconfirmed,
            Answers = [.. Answers(state, group.Name)],
            Explanation = explain ? Description.Group(state, group.Name) : null,
            ResourceCount = ResourceTree.Of(definition).StartOrder.Length,
            Resources = resources is not null ? Resources(state, group, resources) : null,
        };
    }

    private static IEnumerable<Contract.GroupAnswer> Answers(ClusterState state, string name) =>
        from node in state.Nodes.Values
        let answer = node.Answers.GetValueOrDefault(name)
        where answer is not null
        select new Contract.GroupAnswer
        {
            Node = node.Name,
            Answer = answer.Answer == FoundAnswer.CannotRun ? Contract.AnswerKind.CannotRun : Contract.AnswerKind.Unknown,
            Resource = answer.Resource,
            Message = answer.Message,
            For = Span(state.Time - answer.Since),
            Asked = answer.Asked,
            AskedIn = Span(answer.AskAgainAt - state.Time),
            Blocks = answer.Blocks,
        };

    public static Contract.ResourceStatus[] Resources(ClusterState state, GroupState group, Func<string, string, bool> secrets)
    {
        ResourceTree tree = ResourceTree.OfAll(group.Definition);
        return
        [
            .. tree.StartOrder.Select(resource => new Contract.ResourceStatus
            {
                Id = resource.Id,
                Group = group.Name,
                Parent = tree.Parent(resource.Id),
                Type = resource.Type,
                Agent = SecretText.Mask(resource.Agent),
                Phase = Phase(state, group, resource.Id),
                Owner = group.Instance.Resources.ContainsKey(resource.Id) ? group.Owner : null,
                Parameters = SecretParameters.Redact(resource.Agent, resource.Parameters, secrets),
                StartTimeout = Span(resource.StartTimeout),
                StopTimeout = Span(resource.StopTimeout),
                MonitorTimeout = Span(resource.MonitorTimeout),
                MonitorInterval = Span(resource.MonitorInterval),
                StatusChecks =
                [
                    .. (resource.StatusChecks.IsDefault ? [] : resource.StatusChecks)
                        .Select(c => new Contract.StatusCheck { Depth = c.Depth, Interval = Span(c.Interval), Timeout = Span(c.Timeout) }),
                ],
                EnforceTimeouts = resource.EnforceTimeouts,
                IndependentSubtree = resource.IndependentSubtree,
                NonCritical = resource.NonCritical,
                Disabled = resource.Disabled,
                Limits = resource.Limits is { } limits ? Limits(limits) : null,
            }),
        ];
    }

    public static Contract.EventScript EventScript(ClusterState state, EventScript script)
    {
        EventScriptState? now = state.EventScripts.GetValueOrDefault(script.Name);
        return new Contract.EventScript
        {
            Name = script.Name,
            Command = SecretText.Mask(script.Command),
            Events = script.Events.IsDefault ? [] : [.. script.Events],
            Placement = script.Placement,
            Timeout = Span(script.Timeout),
            EventsWaiting = now?.Events.Count ?? 0,
            Placing = now is null ? [] : [.. now.Call is { } asked ? now.Placing.Union(asked.Placing) : now.Placing],
            Call = now?.Call is { } call
                ? new Contract.EventScriptCall
                {
                    Node = call.Node,
                    Events = call.Events.Count,
                    Placing = [.. call.Placing],
                    Remaining = Span(call.Until - state.Time),
                }
                : null,
        };
    }

    public static Contract.FailoverDomain Domain(ClusterState state, FailoverDomain domain) => new()
    {
        Name = domain.Name,
        Ordered = domain.Ordered,
        Restricted = domain.Restricted,
        NoFailback = domain.NoFailback,
        Members =
        [
            .. domain.Members
                .OrderBy(m => domain.Ordered && m.Value == 0 ? int.MaxValue : m.Value)
                .ThenBy(m => m.Key, StringComparer.Ordinal)
                .Select(m => new Contract.FailoverDomainMember { Node = m.Key, Priority = m.Value }),
        ],
        Groups = [.. state.Configuration.Groups.Values.Where(g => g.Domain == domain.Name).Select(g => g.Name)],
    };

    public static Contract.FenceDevice FenceDevice(ClusterState state, FenceDevice device, Func<string, string, bool> secrets) => new()
    {
        Name = device.Name,
        Agent = device.Agent,
        Parameters = SecretParameters.Redact(device.Agent, device.Parameters, secrets),
        Nodes =
        [
            .. state.Configuration.Nodes.Values
                .Where(n => n.FenceMethods.Any(m => m.Steps.Any(s => s.Device == device.Name)))
                .Select(n => n.Name),
        ],
    };

    public static Contract.Fencing Fencing(ClusterState state, FenceState fence)
    {
        ImmutableArray<FenceMethod> methods = state.Configuration.Nodes.GetValueOrDefault(fence.Target)?.FenceMethods ?? [];
        return new Contract.Fencing
        {
            Target = fence.Target,
            Why = $"{fence.Why}",
            Who = fence.Who,
            For = Span(state.Time - fence.Since),
            Proven = fence.Proven,
            Attempt = fence.Attempt,
            Method = fence.Pending?.Method ?? (fence.Method >= 0 && fence.Method < methods.Length ? methods[fence.Method].Name : null),
            Device = fence.Pending?.Device,
            Executor = fence.Pending?.Node ?? fence.Executor,
            LastError = fence.LastError,
        };
    }

    public static Contract.FenceRecord FenceRecord(FenceRecord record) => new()
    {
        Target = record.Target,
        Success = record.Success,
        Confirmed = record.Confirmed,
        At = Wall(record.WallTime),
        Duration = Span(record.Ended - record.Started),
        Method = record.Method,
        Executor = record.Executor,
        Who = record.Who,
        Why = $"{record.Why}",
        Message = record.Message,
    };

    public static Contract.FenceDeviceTest FenceDeviceTest(FenceDeviceStatus status) => new()
    {
        Node = status.Node,
        Method = status.Method,
        Device = status.Device,
        Answers = status.Answers,
        On = status.On,
        Message = status.Message,
    };

    public static Contract.Operation Operation(ClusterState state, OperationState operation) => new()
    {
        Id = operation.Id,
        Who = operation.Who,
        Kind = operation.Kind.Word,
        Target = operation.Target,
        Phase = (Contract.OperationPhase)operation.Phase,
        Message = Description.Outcome(state, operation),
        Began = operation.Began,
        Ended = operation.Ended,
        BeganAt = Wall(operation.BeganAt),
        EndedAt = Wall(operation.EndedAt),
    };

    public static Contract.JournalEntry JournalEntry(JournalRecord record) => new()
    {
        Sequence = record.Sequence,
        Index = record.Entry.Index,
        Time = Span(record.Entry.Time),
        At = Wall(record.Entry.WallTime),
        Severity = (Contract.JournalSeverity)record.Entry.Severity,
        Kind = record.Entry.Kind,
        Message = record.Entry.Message,
        Node = record.Entry.Node,
        Group = record.Entry.Group,
        Resource = record.Entry.Resource,
        Who = record.Entry.Who,
    };

    public static Contract.Runbook Runbook(RunbookState runbook, bool content) => new()
    {
        Name = runbook.Name,
        Version = runbook.Version,
        Who = runbook.Who,
        Index = runbook.Version,
        Length = System.Text.Encoding.UTF8.GetByteCount(runbook.Content),
        Content = content ? runbook.Content : null,
    };

    public static Contract.ConfigurationVersion ConfigurationVersion(KeptConfiguration kept, long inForce) => new()
    {
        Version = kept.Version,
        At = Wall(kept.WallTime),
        Index = kept.Index,
        Who = kept.Who,
        Reason = kept.Reason,
        Origin = (Contract.ConfigurationOrigin)kept.Origin,
        InForce = kept.Version == inForce,
        Since = kept.Since,
        Changes = Changes(kept.Changes),
    };

    public static Contract.ConfigurationChanges Changes(ConfigurationDifference difference) => new()
    {
        Groups = Names(difference.Groups),
        Nodes = Names(difference.Nodes),
        FenceDevices = Names(difference.FenceDevices),
        Domains = Names(difference.FailoverDomains),
        EventScripts = Names(difference.EventScripts),
        Access = Names(difference.Access),
        Settings = difference.Settings,
    };

    public static Contract.ConfigurationEffect Effect(ConfigurationEffect effect, Func<string, string?> owner) => new()
    {
        Lines = [.. effect.Describe(owner).Select(PlainText.Escape)],
        Differences = [.. effect.Differences.Select(Difference)],
        Added = effect.Added,
        Changed = effect.Changed,
        Removed = effect.Removed,
        Stopped = effect.Stopped.ToDictionary(s => s.Key, s => (IReadOnlyList<string>)s.Value, StringComparer.Ordinal),
    };

    public static Contract.MemberDifference Difference(MemberDifference difference) => new()
    {
        Path = PlainText.Escape(difference.Path),
        Change = (Contract.MemberChange)difference.Change,
        Old = difference.Old,
        New = difference.New,
    };

    public static Contract.ConfigurationProblem Problem(ConfigurationProblem problem) => new()
    {
        Severity = (Contract.ProblemSeverity)problem.Severity,
        Path = PlainText.Escape(problem.Path),
        Message = PlainText.Escape(problem.Message),
        Remedy = PlainText.Escape(problem.Remedy),
        Line = problem.Line,
    };

    /// <summary>An enum's member as the wire writes it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static ImmutableArray<GroupDependency> Dependencies(GroupConfiguration group) =>
        group.Dependencies.IsDefault ? [] : group.Dependencies;

    private static Contract.GroupDependency Dependency(ClusterState state, GroupState group, GroupDependency dependency)
    {
        var verdict = DependencyVerdict.Of(state, group, dependency);
        return new Contract.GroupDependency
        {
            Group = group.Name,
            DependsOn = dependency.Group,
            Require = (Contract.DependencyMode)dependency.Require,
            Colocation = (Contract.Colocation)dependency.Colocation,
            Met = verdict.Met,
            Why = verdict.Why,
        };
    }

    private static IEnumerable<Contract.ActionRetry> Retries(GroupState group)
    {
        ResourceTree tree = ResourceTree.Of(group.Definition);
        return group.Instance.StartTries.Select(t => Retry("start", t.Key, t.Value, tree.Find(t.Key)?.Limits?.StartRetries))
            .Concat(group.Instance.StopTries.Select(t => Retry("stop", t.Key, t.Value, tree.Find(t.Key)?.Limits?.StopRetries)));

        static Contract.ActionRetry Retry(string action, string resource, int retries, int? limit) =>
            new() { Action = action, Resource = resource, Retries = retries, Limit = limit ?? 0 };
    }

    private static Contract.ActivationLimits Limits(ActivationLimits limits) => new()
    {
        StartRetries = limits.StartRetries,
        StopRetries = limits.StopRetries,
        Failovers = limits.Failovers,
        StartFinal = (Contract.FinalAction)limits.StartFinal,
        StopFinal = (Contract.FinalAction)limits.StopFinal,
        FinalScript = limits.FinalScript is { } script ? SecretText.Mask(script) : null,
        FinalScriptTimeout = Span(limits.FinalScriptTimeout),
    };

    private static Contract.NameChanges Names(NameDifference difference) => new()
    {
        Added = difference.Added,
        Changed = difference.Changed,
        Removed = difference.Removed,
    };

    private static Contract.NodePhase Phase(NodeState node) =>
        node.Phase != NodePhase.Online ? (Contract.NodePhase)node.Phase
        : node.Paused ? Contract.NodePhase.Paused
        : node.KeptOut ? Contract.NodePhase.KeptOut
        : Contract.NodePhase.Online;

    private static bool IsUnknown(ClusterState state, GroupState group, string id) =>
        group.Instance.Checks.Values.Any(c => c.Resource == id)
        || (group.Owner is { } owner && state.Nodes[owner].Answers.TryGetValue(group.Name, out InstanceAnswer? answer)
            && answer.Answer == FoundAnswer.Unknown && answer.Resource == id);

    private static Contract.ResourcePhase Phase(ClusterState state, GroupState group, string id) =>
        group.Pending is { Id.Operation: not ActionOperation.FinalScript } pending && pending.Resource == id
            ? pending.Id.Operation switch
            {
                ActionOperation.Stop => Contract.ResourcePhase.Stopping,
                ActionOperation.Migrate => Contract.ResourcePhase.Running,
                _ => Contract.ResourcePhase.Starting,
            }
        : group.Instance.Abandoned.Contains(id) ? Contract.ResourcePhase.Abandoned
        : !group.Instance.Resources.TryGetValue(id, out ResourcePhase phase)
            ? ResourceTree.Of(group.Definition).Find(id) is null ? Contract.ResourcePhase.Disabled : Contract.ResourcePhase.Stopped
        : phase == ResourcePhase.Doomed ? Contract.ResourcePhase.Doomed
        : IsUnknown(state, group, id) ? Contract.ResourcePhase.Unknown
        : Contract.ResourcePhase.Running;

    private static Dictionary<string, int> Count<T>(IEnumerable<T> phases)
        where T : struct, Enum =>
        phases.CountBy(p => p).ToDictionary(p => Word(p.Key), p => p.Value, StringComparer.Ordinal);

    /// <summary>What is over or not begun has no time left.</summary>
    private static TimeSpan Span(long milliseconds) => TimeSpan.FromMilliseconds(Math.Max(0, milliseconds));

    /// <summary>A guest that moves is Started, as what needs it goes on meanwhile; people are told that it moves.</summary>
    public static GroupPhase PhaseOf(GroupState group) =>
        group is { Phase: GroupPhase.Started, Migration: not null } ? GroupPhase.Migrating : group.Phase;

    public static DateTimeOffset? Wall(long milliseconds) =>
        milliseconds is > 0 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
