namespace ClusterTools.Engines.Corosync.Storage;

/// <summary>
/// Writes what the protocol wants written, in order, on a thread of its own: all that has come meanwhile goes into one transaction, so that
/// many entries cost one sync. A disk that takes nothing is tried again until it does.
/// </summary>
internal sealed class DiskWriter : IDisposable
{
    private const int MostAtOnce = 4096;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly DiskLog log;
    private readonly Action<long> stored;
    private readonly Func<long> committed;
    private readonly Action? before;
    private readonly Thread thread;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim news = new(0);
    private readonly CancellationTokenSource ending = new();
    private List<DiskWrite> waiting = [];
    private int disposals;

    /// <summary>Begins to write.</summary>
    /// <param name="log">Is disposed with this.</param>
    /// <param name="stored">Is told, on the writer's thread, the number of the last write that is on the disk.</param>
    /// <param name="committed">Says what is known to be committed; it goes along.</param>
    /// <param name="before">For tests: is called before each transaction.</param>
    public DiskWriter(DiskLog log, Action<long> stored, Func<long> committed, Action? before)
    {
        this.log = log;
        this.stored = stored;
        this.committed = committed;
        this.before = before;
        thread = new Thread(Run) { Name = "log writer", IsBackground = true };
        thread.Start();
    }

    /// <summary>Since when the disk takes nothing, and why; null: it does.</summary>
    public EngineTrouble? Trouble { get; private set; }

    public void Write(DiskWrite write)
    {
        lock (gate)
        {
            waiting.Add(write);
            if (waiting.Count > 1)
            {
                // Whoever takes what was there takes this, too.
                return;
            }
        }

        news.Release();
    }

    /// <summary>What was not written yet is not written any more. A disk that hangs is left to itself.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposals, 1) == 0)
        {
            ending.Cancel();
            if (thread.Join(EndLimit))
            {
                log.Dispose();
                news.Dispose();
                ending.Dispose();
            }
        }
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                news.Wait(ending.Token);
                List<DiskWrite> taken = Take();
                foreach (DiskWrite[] part in taken.Chunk(MostAtOnce))
                {
                    WriteAll(part);
                    stored(part[^1].Number);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It ends; what was not said to be stored counts for nothing.
        }
    }

    private List<DiskWrite> Take()
    {
        lock (gate)
        {
            List<DiskWrite> taken = waiting;
            waiting = [];
            return taken;
        }
    }

    private void WriteAll(DiskWrite[] writes)
    {
        while (true)
        {
            try
            {
                before?.Invoke();
                ending.Token.ThrowIfCancellationRequested();
                log.Write(writes, committed());
                Trouble = null;
                return;
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                Trouble ??= new EngineTrouble(BootClock.Now, e.Message);
                ending.Token.WaitHandle.WaitOne(BetweenTries);
                ending.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
