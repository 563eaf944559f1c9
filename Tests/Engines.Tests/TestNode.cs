using System.Text;
using ClusterTools.Engines.Local;

namespace ClusterTools.Engines.Tests;

/// <summary>An engine in this process with a consumer that remembers what it was given.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    /// <summary>Only so that a test that would hang fails instead.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly List<EngineEvent> events = [];
    private readonly List<(Func<EngineEvent, bool> Matches, TaskCompletionSource<EngineEvent> Found)> waiters = [];
    private readonly Func<TestNode, EngineEvent, Task>? handle;
    private readonly CancellationTokenSource cancellation = new();

    public TestNode(
        string folder,
        string node,
        long incarnation,
        VoteTable votes,
        int token = 5000,
        Func<TestNode, EngineEvent, Task>? handle = null,
        int logMargin = 1000,
        int? consumerLimit = null,
        Action? inTransaction = null,
        string? memory = null,
        bool acceptAny = false,
        Action<string>? log = null)
        : this(new LocalEngine(new LocalEngineOptions
        {
            Folder = folder,
            Node = node,
            Incarnation = incarnation,
            Token = token,
            Votes = votes,
            LogMargin = logMargin,
            ConsumerLimit = consumerLimit,
            InTransaction = inTransaction,
            MemoryFile = memory,
            AcceptAnyLog = acceptAny,
            Log = text =>
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{BootClock.Now} {node}:{incarnation} {text}");
                log?.Invoke(text);
            },
        }), handle)
    {
    }

    public TestNode(IClusterEngine engine, Func<TestNode, EngineEvent, Task>? handle = null)
    {
        this.handle = handle;
        Engine = engine;
        Running = Task.Run(ConsumeAsync);
    }

    public IClusterEngine Engine { get; }

    /// <summary>Ends when the event stream does.</summary>
    public Task Running { get; }

    public IReadOnlyList<EngineEvent> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    public IEnumerable<string> Texts => Events.OfType<Committed>().Select(entry => Encoding.UTF8.GetString(entry.Payload.Span));

    public static VoteTable Votes(params string[] nodes) =>
        new(nodes.ToDictionary(node => node, _ => 1), nodes.Length, TwoNode: nodes.Length == 2);

    /// <summary>The first event of the kind that fits, now or later.</summary>
    public async Task<T> WaitAsync<T>(Func<T, bool>? matches = null)
        where T : EngineEvent
    {
        TaskCompletionSource<EngineEvent> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            bool Fits(EngineEvent happening) => happening is T one && (matches?.Invoke(one) ?? true);
            if (events.FirstOrDefault(Fits) is { } known)
            {
                return (T)known;
            }

            waiters.Add((Fits, found));
        }

        Task ended = await Task.WhenAny(found.Task, Running, Task.Delay(Limit));
        if (ended == Running)
        {
            await Running;
        }

        return found.Task.IsCompleted
            ? (T)await found.Task
            : throw new TimeoutException(
                $"{Engine.Self} never saw the {typeof(T).Name}. It saw:\n{string.Join('\n', Events.TakeLast(20).Select(Describe))}");
    }

    public Task<ViewChanged> WaitForViewAsync(ViewQuorum quorum, params Member[] members) =>
        WaitAsync<ViewChanged>(view => view.Quorum == quorum && view.Members.SequenceEqual(members));

    /// <summary>The view from which this one node is missing.</summary>
    public Task<ViewChanged> WaitForLossOfAsync(string node) => WaitAsync<ViewChanged>(view => Missing(view).SequenceEqual([node]));

    /// <summary>Who was in the last quorate view before this one, and is not in it.</summary>
    public IEnumerable<string> Missing(ViewChanged view) =>
        Events.OfType<ViewChanged>().TakeWhile(earlier => !ReferenceEquals(earlier, view))
            .LastOrDefault(earlier => earlier.Quorum == ViewQuorum.Quorate)
            ?.Members.Except(view.Members).Select(member => member.Node) ?? [];

    public Task<Committed> WaitForTextAsync(string text) =>
        WaitAsync<Committed>(entry => Encoding.UTF8.GetString(entry.Payload.Span) == text);

    public Task<long> ProposeAsync(string text, VoteTable? votes = null) =>
        (votes is null
            ? Engine.ProposeAsync(Encoding.UTF8.GetBytes(text), CancellationToken.None)
            : Engine.ChangeVotesAsync(votes, Encoding.UTF8.GetBytes(text), CancellationToken.None)).WaitAsync(Limit);

    public Task<long> OpenAsync(string text) =>
        Engine.OpenEpochAsync(Encoding.UTF8.GetBytes(text), CancellationToken.None).WaitAsync(Limit);

    /// <summary>Stops without leaving, as a crash would.</summary>
    public async Task CrashAsync()
    {
        await Engine.DisposeAsync().AsTask().WaitAsync(Limit);
        await Running.WaitAsync(Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await cancellation.CancelAsync();
        await Engine.DisposeAsync();
        try
        {
            await Running.WaitAsync(Limit);
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException or LogLostException
            or EngineFailedException)
        {
            // What a test wants to know of it, it awaits itself.
        }

        cancellation.Dispose();
    }

    public static string Describe(EngineEvent happening) => happening is ViewChanged view
        ? $"View {view.Index} {view.Epoch} {view.Quorum} continuous={view.Continuous} {string.Join(',', view.Members)} {view.Votes}"
        : happening.ToString();

    private async Task ConsumeAsync()
    {
        await foreach (EngineEvent happening in Engine.RunAsync(cancellation.Token))
        {
            lock (gate)
            {
                events.Add(happening);
                foreach ((_, TaskCompletionSource<EngineEvent> found) in waiters.Where(waiter => waiter.Matches(happening)))
                {
                    found.TrySetResult(happening);
                }

                waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
            }

            if (handle is not null)
            {
                await handle(this, happening);
            }
        }
    }
}
