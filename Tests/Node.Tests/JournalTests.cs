using System.Text.Json;
using ClusterTools.Core;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class JournalTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Errors_stay_however_much_anybody_writes()
    {
        await using var journal = new Journal(null);
        journal.Append([Entry("node.lost", "node2 is lost", JournalSeverity.Error), Entry("group.start", "web starts")]);
        for (int i = 0; i < 20_000; i++)
        {
            // However grave they say that it is.
            journal.Append(
                [Entry("message", $"look at me {i}", JournalSeverity.Error), Entry("user.deploy", "and me", JournalSeverity.Error)]);
        }

        IReadOnlyList<JournalRecord> kept = journal.Read(0, int.MaxValue);
        Assert.Equal(["node.lost", "group.start"], kept.Where(r => r.Entry.Kind is "node.lost" or "group.start").Select(r => r.Entry.Kind));
        Assert.InRange(kept.Count, 1_000, Journal.MemoryLimit);
        Assert.Equal(kept.Select(r => r.Sequence).Order(), kept.Select(r => r.Sequence));
        for (int i = 0; i < 20_000; i++)
        {
            journal.Append([Entry("group.started", $"web is started {i}")]);
        }

        Assert.Contains(journal.Read(0, int.MaxValue), r => r.Entry.Kind == "node.lost");
        Assert.Contains(journal.Read(0, int.MaxValue), r => r.Entry.Kind == "message");
    }

    [Fact]
    public async Task What_is_kept_is_bounded_by_its_length_too_and_plain()
    {
        await using var journal = new Journal(null);
        for (int i = 0; i < 4_000; i++)
        {
            journal.Append([Entry("group.failed", $"{i}\u001b[2J\u202E" + new string('x', 60_000), JournalSeverity.Error)]);
        }

        IReadOnlyList<JournalRecord> kept = journal.Read(0, int.MaxValue);
        Assert.InRange(kept.Sum(r => (long)r.Entry.Message.Length), 1, 3_000_000);
        Assert.All(kept, r => Assert.True(PlainText.IsPlain(r.Entry.Message) && r.Entry.Message.Length <= TextLimits.JournalMessage));
    }

    [Fact]
    public async Task A_full_disk_costs_what_has_no_room_and_the_file_goes_on_with_a_line_that_says_so()
    {
        string path = Path.Combine(folder, "journal.jsonl");
        var disk = new FullDisk();
        var said = new TaskCompletionSource<JournalEntry>(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = JournalFile.MostWaiting + 500;
        await using (var file = new JournalFile(path, entries => said.TrySetResult(entries.Single()), disk.Open))
        {
            file.Write(Record(1));
            await disk.Written.Task.WaitAsync(Limit);
            disk.Room = 100;
            file.Write(Record(2));
            await disk.Failed.Task.WaitAsync(Limit);
            for (int i = 0; i < waiting; i++)
            {
                file.Write(Record(3 + i));
            }

            disk.Room = long.MaxValue;
            JournalEntry line = await said.Task.WaitAsync(Limit);
            Assert.Equal(JournalSeverity.Warning, line.Severity);
            Assert.Contains("No space left", line.Message);
            Assert.Matches("[0-9,]+ entries are missing", line.Message);
        }

        // No torn line in between: every one can be read, and the next life goes on behind them.
        string[] lines = await File.ReadAllLinesAsync(path);
        long[] sequences = [.. lines.Select(l => JsonSerializer.Deserialize<JournalRecord>(l, NodeJson.Options)!.Sequence)];
        Assert.Equal([1, 2, 3], sequences[..3]);
        Assert.InRange(sequences.Length, JournalFile.MostWaiting, waiting + 1);
    }

    [Fact]
    public async Task A_torn_last_line_spoils_no_other()
    {
        string path = Path.Combine(folder, "journal.jsonl");
        string whole = JsonSerializer.Serialize(Record(7), NodeJson.Options);
        await File.WriteAllTextAsync(path, $"{whole}\n{whole[..20]}");
        await using (var journal = new Journal(folder))
        {
            Assert.Equal(7, journal.Last);
            journal.Append([Entry("group.started", "web is started")]);
        }

        await using var next = new Journal(folder);
        Assert.Equal([7, 8], next.Read(0, 10).Select(r => r.Sequence));
    }

    [Fact]
    public async Task A_daemon_ends_though_its_disk_is_full()
    {
        var disk = new FullDisk { Room = 0 };
        var file = new JournalFile(Path.Combine(folder, "journal.jsonl"), _ => { }, disk.Open);
        file.Write(Record(1));
        await disk.Failed.Task.WaitAsync(Limit);
        await file.DisposeAsync().AsTask().WaitAsync(Limit);
    }

    [Fact]
    public void A_large_snapshot_is_told_once_and_again_only_after_it_fell()
    {
        var size = new SnapshotSize();
        Assert.Null(size.Note(SnapshotSize.Alarm));
        Assert.Contains("MiB", size.Note(SnapshotSize.Alarm + 1));
        Assert.Null(size.Note(SnapshotSize.Alarm * 2));
        Assert.Equal(SnapshotSize.Alarm * 2, size.Bytes);
        Assert.Null(size.Note(1000));
        Assert.NotNull(size.Note(SnapshotSize.Alarm + 1));
    }

    private static JournalEntry Entry(string kind, string message, JournalSeverity severity = JournalSeverity.Information) =>
        new() { Index = 1, Time = 1, Severity = severity, Kind = kind, Message = message };

    private static JournalRecord Record(long sequence) => new(sequence, Entry("test", $"entry {sequence} " + new string('x', 200)));

    /// <summary>A file system that takes so many bytes more.</summary>
    private sealed class FullDisk
    {
        private long room = long.MaxValue;

        public long Room
        {
            get => Interlocked.Read(ref room);
            set => Interlocked.Exchange(ref room, value);
        }

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Stream Open(string path) => new Limited(this, path);

        private sealed class Limited(FullDisk disk, string path)
            : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0)
        {
            public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            {
                int length = (int)Math.Min(buffer.Length, disk.Room);
                await base.WriteAsync(buffer[..length], cancellationToken);
                if (length < buffer.Length)
                {
                    disk.Failed.TrySetResult();
                    throw new IOException("No space left on device");
                }

                disk.Written.TrySetResult();
            }
        }
    }
}
