using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Engines.Host;

/// <summary>
/// Measures commit and delivery on three processes, the load of an idle one, and how fast a killed one is noticed. Prints, asserts nothing.
/// </summary>
public static class Measurement
{
    private const int Commits = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string folder, int token, int rounds)
    {
        Directory.CreateDirectory(folder);
        Dictionary<string, Child> children = [];
        long incarnation = 1;
        foreach (string node in (string[])["a", "b", "c"])
        {
            children[node] = new Child(folder, node, incarnation, token);
        }

        foreach (Child child in children.Values)
        {
            await child.WaitAsync(line => line.Contains(" view ", StringComparison.Ordinal)
                && line.Contains("a:1,b:1,c:1 Quorate", StringComparison.Ordinal));
        }

        List<double> commit = [];
        List<double> delivery = [];
        for (int number = 0; number < Commits; number++)
        {
            long begun = Stopwatch.GetTimestamp();
            await children["a"].SendAsync($"propose m{number}");
            Task<string> remote = children["b"].WaitAsync(line => line.EndsWith($" m{number}", StringComparison.Ordinal));
            await children["a"].WaitAsync(line => line.Contains($" done m{number} ", StringComparison.Ordinal));
            commit.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await remote;
            delivery.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        Print("commit (ms, with the pipes of this measurement)", commit);
        Print("delivery on another daemon (ms, likewise)", delivery);

        // The runtime recompiles what was busy for some seconds more.
        await Task.Delay(TimeSpan.FromSeconds(20));
        TimeSpan before = children["b"].ProcessorTime;
        Stopwatch idle = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(10));
        Console.WriteLine($"idle: {(children["b"].ProcessorTime - before) / idle.Elapsed * 100:F2} % of one processor");

        List<double> sinceKill = [];
        List<double> sinceBeat = [];
        for (int round = 0; round < rounds; round++)
        {
            // At another point of the beat each time.
            await Task.Delay(token + Random.Shared.Next(token / 5));
            long killed = BootClock.Now;
            children["c"].Dispose();
            string line = await children["a"].WaitAsync(text => text.Contains("silent=c:", StringComparison.Ordinal));
            long seen = long.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
            long beat = long.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
            sinceKill.Add(seen - killed);
            sinceBeat.Add(seen - beat);
            children["a"].Forget();
            children["c"] = new Child(folder, "c", ++incarnation, token);
            await children["a"].WaitAsync(text => text.Contains($"c:{incarnation} Quorate", StringComparison.Ordinal));
        }

        Print($"token {token}: view without the killed one, since the kill (ms)", sinceKill);
        Print($"token {token}: since its last beat (ms)", sinceBeat);
        foreach (Child child in children.Values)
        {
            child.Dispose();
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static void Print(string what, List<double> values)
    {
        values.Sort();
        Console.WriteLine(
            $"{what}: min {values[0]:F2}, median {values[values.Count / 2]:F2}, p99 {values[(int)(values.Count * 0.99)]:F2}, max "
                + $"{values[^1]:F2}");
    }

    private sealed class Child : IDisposable
    {
        private readonly Process process;
        private readonly List<string> lines = [];
        private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> waiters = [];

        public Child(string folder, string node, long incarnation, int token)
        {
            process = Process.Start(new ProcessStartInfo(
                Environment.ProcessPath!,
                [
                    typeof(Measurement).Assembly.Location, folder, node, incarnation.ToString(CultureInfo.InvariantCulture),
                    token.ToString(CultureInfo.InvariantCulture), "a=1,b=1,c=1"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            process.OutputDataReceived += (_, data) => Take(data.Data);
            process.BeginOutputReadLine();
        }

        public TimeSpan ProcessorTime
        {
            get
            {
                process.Refresh();
                return process.TotalProcessorTime;
            }
        }

        public Task SendAsync(string command) => process.StandardInput.WriteLineAsync(command);

        public void Forget()
        {
            lock (lines)
            {
                lines.Clear();
            }
        }

        public Task<string> WaitAsync(Func<string, bool> matches)
        {
            lock (lines)
            {
                if (lines.FindLast(line => matches(line)) is { } line)
                {
                    return Task.FromResult(line);
                }

                TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
                waiters.Add((matches, found));
                return found.Task.WaitAsync(Limit);
            }
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        private void Take(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (lines)
            {
                lines.Add(line);
                foreach ((_, TaskCompletionSource<string> found) in waiters.Where(waiter => waiter.Matches(line)))
                {
                    found.TrySetResult(line);
                }

                waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
            }
        }
    }
}
