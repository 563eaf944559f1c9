using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Node;

namespace ClusterTools.Api.Tests;

/// <summary>
/// A node that applies what it is asked directly, and plays all members' executors; every action succeeds at once unless held.
/// </summary>
internal sealed class TestNode : IClusterNode, IAsyncDisposable
{
    public const string Secret = "hunter2-never-shown";

    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ClusterState state = ClusterState.Empty;

    private TaskCompletionSource waited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestNode(string name = "node1") => Name = name;

    public string Name { get; }

    public long Incarnation => 1;

    public ClusterState State => state;

    public long Time => state.Time;

    public Journal Journal { get; } = new(null);

    public ConfigurationArchive Configurations { get; } = new(null, message => Assert.Fail(message));

    public AgentFolder AgentFolder { get; } = new();

    public AgentCatalogue Agents => AgentFolder.Catalogue;

    /// <summary>Actions are not answered until released.</summary>
    public bool Hold { get; set; }

    /// <summary>Thrown by the next and all further submissions.</summary>
    public Exception? SubmitFails { get; set; }

    /// <summary>Submissions never end by themselves.</summary>
    public bool SubmitHangs { get; set; }

    /// <summary>Submissions are applied, and end only when this is given.</summary>
    public TaskCompletionSource? SubmitAnswers { get; set; }

    public int Submissions { get; private set; }

    public string? ForcedBy { get; private set; }

    public List<NodeMetric> Samples { get; } = [];

    public Task WaitForChangeAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            waited.TrySetResult();
            return changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when somebody next waits for a change: a long poll has arrived.</summary>
    public Task NextWaitAsync()
    {
        lock (gate)
        {
            waited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waited.Task.WaitAsync(TestApi.Timeout);
        }
    }

    public async Task<OperationState> SubmitAsync(Request request, CancellationToken cancellationToken)
    {
        Submissions++;
        if (SubmitFails is { } failure)
        {
            throw failure;
        }

        if (SubmitHangs)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        if (state.Quorum != Quorum.Quorate)
        {
            throw new NotQuorateException("1 of 3 votes, 2 needed.");
        }

        Apply(request);
        if (SubmitAnswers is { } answers)
        {
            await answers.Task.WaitAsync(cancellationToken);
        }

        return state.Operations[request.RequestId];
    }

    public Task<OperationState> ForceQuorumAsync(string requestId, string who, string reason, CancellationToken cancellationToken)
    {
        ForcedBy = who;
        return Task.FromResult(new OperationState
        {
            Id = requestId, Who = who, Kind = OperationKind.JournalWrite, Target = "", Phase = OperationPhase.Succeeded, Message = reason,
                Began = 7, Ended = 8,
        });
    }

    public Task<IReadOnlyList<FenceDeviceStatus>> TestFenceDevicesAsync(
        string? node, string? device, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<FenceDeviceStatus>>(
            [new FenceDeviceStatus(node ?? "node1", "power", device ?? "pdu", true, true, "Status: ON")]);

    public IEnumerable<NodeMetric> Metrics() => Samples;

    public async ValueTask DisposeAsync()
    {
        AgentFolder.Dispose();
        await Configurations.DisposeAsync();
        await Journal.DisposeAsync();
    }

    /// <summary>Forms a quorate cluster of all nodes with this configuration.</summary>
    public void Form(ClusterConfiguration configuration)
    {
        View(configuration.Nodes.Keys, Quorum.Quorate, continuous: false);
        Apply(new ConfigurationRequest("bootstrap", Name, configuration));
        Assert.True(state.Configuration.Version > 0, state.Operations["bootstrap"].Message);
    }

    public void View(IEnumerable<string> members, Quorum quorum, bool continuous)
    {
        lock (gate)
        {
            var view =
                new ViewEvent(state.Epoch
                    + 1, members.ToImmutableSortedDictionary(m => m, _ => 1L, StringComparer.Ordinal), quorum, continuous);
            Take(Cluster.Apply(state, state.Index + 1, view));
            Work();
        }
    }

    /// <summary>Answers what was held.</summary>
    public void Release()
    {
        lock (gate)
        {
            Hold = false;
            Work();
        }
    }

    public void Apply(ClusterEvent e)
    {
        lock (gate)
        {
            Fold(e);
            Work();
        }
    }

    public void Tell(string message, string? group = null, string? node = null, JournalSeverity severity = JournalSeverity.Information) =>
        Journal.Append(
            [
                new JournalEntry { Index = state.Index, Time = state.Time, Severity = severity, Kind = "test", Message = message,
                    Group = group, Node = node }]);

    private void Work()
    {
        while (!Hold && Cluster.Plan(state) is [var action, ..])
        {
            Fold(action switch
            {
                ResourceAction => new ActionCompleted(action.Id, true, ""),
                ProbeNodeAction => new Probed(action.Id, Cluster.FunctionalLevel, []),
                EventScriptAction script => new EventScriptCompleted(script.Id, true, "", []),
                FenceDeviceAction => new FenceCompleted(action.Id, true, "Success: done"),
                _ => throw new InvalidOperationException($"Unknown action {action}."),
            });
        }
    }

    private void Fold(ClusterEvent e)
    {
        ClusterConfiguration before = state.Configuration;
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Take(Cluster.Apply(state, state.Epoch, state.Index + 1, new EventEnvelope
        {
            Origin = Name,
            Incarnation = 1,
            Time = state.Time + 1,
            WallTime = now,
            Event = e,
        }));
        if (e is ConfigurationRequest request && !ReferenceEquals(before, state.Configuration))
        {
            Configurations.Keep(
                request.Configuration,
                new KeptConfiguration
                {
                    Version = request.Configuration.Version, Index = state.Index, WallTime = now, Who = request.Who,
                        Reason = request.Reason, Origin = request.Origin,
                },
                before);
        }
    }

    private void Take(ClusterState next)
    {
        state = next;
        Journal.Append(next.Journal);
        TaskCompletionSource done = changed;
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
    }
}
