using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClusterTools.Core;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>How long what took, for people; nothing is asserted of it.</summary>
internal sealed class FailoverReport
{
    private readonly List<(string What, double Milliseconds)> times = [];

    public int Acknowledged { get; set; }

    public int Held { get; set; }

    public long Attempted { get; set; }

    public int Servers { get; set; }

    public long Looks { get; set; }

    public long LooksWithServer { get; set; }

    public void Add(string kind, long began, AcknowledgedRow last, AcknowledgedRow first, IReadOnlyList<JournalEntry> journal, string lost)
    {
        JournalEntry fenced = journal.First(e => e.Kind == "fence.success" && e.Node == lost);
        JournalEntry declared = journal.First(e => e.Kind == "node.lost" && e.Node == lost);
        JournalEntry start = journal.First(static e => e.Kind == "group.start" && e.Group == PostgresCluster.Group);
        JournalEntry started = journal.First(static e => e.Kind == "group.started" && e.Group == PostgresCluster.Group);
        times.Add(($"{kind}: declared lost → proven off", fenced.WallTime - declared.WallTime));
        times.Add(($"{kind}: proven off → the start was decided", start.WallTime - fenced.WallTime));
        times.Add(($"{kind}: start decided → PostgreSQL started (pgsql agent, crash recovery)", started.WallTime - start.WallTime));
        times.Add(($"{kind} → the client's first row on the other node", Stopwatch.GetElapsedTime(began, first.At).TotalMilliseconds));
        times.Add(
            ($"{kind}: last row on the old node → first row on the other", Stopwatch.GetElapsedTime(last.At, first.At).TotalMilliseconds));
    }

    public void AddRestart(long began, IReadOnlyList<AcknowledgedRow> rows, AcknowledgedRow served) =>
        times.Add((
            "postmaster killed: longest wait of the client for a row",
            rows.Append(served).Where(row => row.At > began).Select(static row => row.At).Order().Prepend(began).ToArray() is var at
                ? at.Zip(at.Skip(1)).Max(static pair => Stopwatch.GetElapsedTime(pair.First, pair.Second).TotalMilliseconds) : 0));

    public string Describe()
    {
        var text = new StringBuilder();
        text.AppendLine("| what | runs | min ms | median ms | p95 ms | max ms |").AppendLine("|---|---:|---:|---:|---:|---:|");
        foreach (IGrouping<string, double> what in times.GroupBy(static t => t.What, static t => t.Milliseconds))
        {
            double[] sorted = [.. what.Order()];
            double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {what.Key} | {sorted.Length} | {sorted[0]:N0} | {At(0.5):N0} | {At(0.95):N0} | {sorted[^1]:N0} |");
        }

        return text.AppendLine().AppendLine(
            CultureInfo.InvariantCulture,
            $"{Attempted:N0} rows were tried, {Acknowledged:N0} acknowledged, {Held:N0} are there; {Servers} servers, one after the "
                + $"other; the witness looked {Looks:N0} times and saw a server {LooksWithServer:N0} times, never two.").ToString();
    }
}
