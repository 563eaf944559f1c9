using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>A row that the server said is committed.</summary>
/// <param name="Id">Never used twice, whether it was acknowledged or not.</param>
/// <param name="Node">The node whose server said so.</param>
/// <param name="At">When the client heard it (Stopwatch ticks).</param>
internal sealed record AcknowledgedRow(long Id, string Node, long At);

/// <summary>
/// A client that writes rows all the time, one transaction each, connects again whenever the server is gone, and remembers each row that
/// was
/// acknowledged to it. A row whose answer did not come is not written again: it may be there or not.
/// </summary>
internal sealed class LedgerClient : IAsyncDisposable
{
    public const string Table = """
        create table ledger (
          id bigint not null,
          node text not null default current_setting('cluster_name'),
          server timestamptz not null default pg_postmaster_start_time());
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly PostgresStorage storage;
    private readonly string[] nodes;
    private readonly CancellationTokenSource ending = new();
    private readonly Channel<AcknowledgedRow> news =
        Channel.CreateUnbounded<AcknowledgedRow>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<AcknowledgedRow> acknowledged = [];
    private readonly Task writing;
    private long attempted;

    public LedgerClient(PostgresStorage storage, params string[] nodes)
    {
        this.storage = storage;
        this.nodes = nodes;
        writing = Task.Run(WriteAsync);
    }

    /// <summary>Rows that the client tried to write.</summary>
    public long Attempted => Volatile.Read(ref attempted);

    /// <summary>All rows that were acknowledged and waited for so far.</summary>
    public IReadOnlyList<AcknowledgedRow> Acknowledged => acknowledged;

    /// <summary>Runs one statement as the administrator; what it says, a row a line, columns parted by a bar.</summary>
    public static async Task<string> QueryAsync(PostgresStorage storage, string node, string database, string statement)
    {
        ClusterTools.Agents.ProcessOutcome outcome = await Shell.RunProgramAsync(
            Path.Combine(PostgresStorage.Programs!, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", PostgresStorage.User, "-h",
            storage.SocketFolder(node), "-d", database, "-c", statement);
        Assert.True(outcome.ExitCode == 0, outcome.Output);
        Assert.False(outcome.OutputCut);
        return outcome.Output.Trim();
    }

    /// <summary>Waits for rows that fit, and returns the last of them.</summary>
    /// <param name="fits">Which rows count.</param>
    /// <param name="count">How many of them, from now on.</param>
    public async Task<AcknowledgedRow> WaitForAsync(Func<AcknowledgedRow, bool> fits, int count = 1)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Shell.Cancel);
        limit.CancelAfter(Shell.Limit);
        while (true)
        {
            AcknowledgedRow row = await NextAsync(limit.Token);
            if (fits(row) && --count == 0)
            {
                return row;
            }
        }
    }

    /// <summary>Takes notice of what has been acknowledged until now.</summary>
    public void CatchUp()
    {
        while (news.Reader.TryRead(out AcknowledgedRow? row))
        {
            acknowledged.Add(row);
        }
    }

    /// <summary>Stops writing; what was acknowledged by then is in <see cref="Acknowledged"/>.</summary>
    public async Task StopAsync()
    {
        await ending.CancelAsync();
        await writing;
        CatchUp();
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await writing;
        ending.Dispose();
    }

    private async Task<AcknowledgedRow> NextAsync(CancellationToken cancel)
    {
        AcknowledgedRow row;
        try
        {
            row = await news.Reader.ReadAsync(cancel);
        }
        catch (OperationCanceledException) when (!Shell.Cancel.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The client was acknowledged no such row within {Shell.Limit.TotalSeconds:0} s. The servers' last words:\n{storage.Log}");
        }

        acknowledged.Add(row);
        return row;
    }

    private async Task WriteAsync()
    {
        for (int turn = 0; !ending.IsCancellationRequested; turn++)
        {
            // A client of a real cluster would use the address that moves with the service; here each node has a socket.
            string node = nodes[turn % nodes.Length];
            if (File.Exists(Path.Combine(storage.SocketFolder(node), ".s.PGSQL.5432")))
            {
                await WriteToAsync(node);
            }

            try
            {
                await Task.Delay(Pause, ending.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task WriteToAsync(string node)
    {
        var start = new ProcessStartInfo(Path.Combine(PostgresStorage.Programs!, "psql"))
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (
            string argument in (string[])[
                "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", PostgresStorage.User, "-h", storage.SocketFolder(node), "-d", "ledger"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process psql = Process.Start(start)!;
        Task<string> errors = psql.StandardError.ReadToEndAsync();
        try
        {
            while (!ending.IsCancellationRequested)
            {
                long id = Interlocked.Increment(ref attempted);
                await psql.StandardInput.WriteLineAsync($"insert into ledger (id) values ({id}) returning id, node;");
                await psql.StandardInput.FlushAsync();
                if (await psql.StandardOutput.ReadLineAsync().WaitAsync(AnswerLimit) is not { } answer)
                {
                    return;
                }

                string[] words = answer.Split('|');
                if (words.Length == 2 && words[0] == id.ToString(CultureInfo.InvariantCulture))
                {
                    news.Writer.TryWrite(new AcknowledgedRow(id, words[1], Stopwatch.GetTimestamp()));
                }
            }
        }
        catch (Exception error) when (error is IOException or TimeoutException)
        {
            // The server is gone, and psql with it.
        }
        finally
        {
            psql.Kill();
            await psql.WaitForExitAsync(CancellationToken.None);
            await errors;
        }
    }
}
