using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterTools.Engines.Tests;

/// <summary>An engine in a process of its own, which can be stopped and killed.</summary>
internal sealed partial class ChildNode : IDisposable
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    /// <summary>Only so that a test that would hang fails instead.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly string name;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> waiters = [];

    public ChildNode(string folder, string node, long incarnation, int token, string votes, bool twoNode = false)
    {
        name = $"{node}:{incarnation}";
        List<string> arguments =
        [
            typeof(Host.Measurement).Assembly.Location, folder, node, incarnation.ToString(CultureInfo.InvariantCulture),
            token.ToString(CultureInfo.InvariantCulture), votes,
        ];
        if (twoNode)
        {
            arguments.Add("two");
        }

        process =
            Process.Start(new ProcessStartInfo(DotnetPath(), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.Exited += (_, _) => ended.TrySetResult();
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, data) => Take(data.Data);
        process.BeginOutputReadLine();
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    /// <summary>What was committed: index, epoch, origin and text of each entry.</summary>
    public IEnumerable<string> Commits => Lines.Where(line => line.StartsWith("commit ", StringComparison.Ordinal));

    public Task SendAsync(string command) => process.StandardInput.WriteLineAsync(command);

    /// <summary>Waits for a line (without its time stamp), past or future.</summary>
    public async Task<string> WaitAsync(Func<string, bool> matches)
    {
        TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (lines.Find(line => matches(line)) is { } line)
            {
                return line;
            }

            waiters.Add((matches, found));
        }

        try
        {
            return await found.Task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"{name} never said it ({(process.HasExited ? $"it ended with {process.ExitCode}" : "it still runs")}). It "
                    + $"said:\n{string.Join('\n', Lines.TakeLast(30))}");
        }
    }

    public Task<string> WaitForLineAsync(string start) => WaitAsync(line => line.StartsWith(start, StringComparison.Ordinal));

    public Task<string> WaitForViewAsync(string members) =>
        WaitAsync(line => line.StartsWith("view ", StringComparison.Ordinal) && line.Contains($" {members} ", StringComparison.Ordinal));

    /// <summary>The quorate view from which this one node is missing.</summary>
    public Task<string> WaitForLossOfAsync(string node) =>
        WaitAsync(line => line.StartsWith("view ", StringComparison.Ordinal)
            && line.Contains(" Quorate ", StringComparison.Ordinal)
            && line.Contains($" silent={node}:", StringComparison.Ordinal));

    public void Stop() => Assert.Equal(0, Signal(process.Id, SigStop));

    public void Continue() => Assert.Equal(0, Signal(process.Id, SigContinue));

    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public async Task<int> WaitForExitAsync()
    {
        try
        {
            // Not WaitForExitAsync, which also waits for the end of the output.
            await ended.Task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{name} never ended. It said:\n{string.Join('\n', Lines.TakeLast(30))}");
        }

        return process.ExitCode;
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    // The test's own executable is not dotnet when it was started through its launcher.
    private static string DotnetPath() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath!
            : Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe"
                : "dotnet");

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (gate)
        {
            string text = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            lines.Add(text);
            foreach ((_, TaskCompletionSource<string> found) in waiters.Where(waiter => waiter.Matches(text)))
            {
                found.TrySetResult(text);
            }

            waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
