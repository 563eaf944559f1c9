using System.Collections.Immutable;
using System.Diagnostics;
using ClusterTools.Agents;

namespace ClusterTools.RealAgents.Tests;

/// <summary>Runs commands of the machine.</summary>
internal static class Shell
{
    /// <summary>Hang guard; nothing here takes near as long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<ProcessOutcome> TryAsync(string script) => RunProgramAsync("/bin/sh", "-c", script);

    /// <summary>Runs what is to be started elsewhere, such as on a machine of a network.</summary>
    public static Task<ProcessOutcome> TryAsync(ProcessStartInfo start) =>
        RunProgramAsync(Premises.Find(start.FileName)!, [.. start.ArgumentList]);

    /// <summary>Runs a script that must succeed, and returns what it said.</summary>
    public static Task<string> RunAsync(string script) => SucceedAsync(TryAsync(script), script);

    /// <summary>Runs what is to be started elsewhere and must succeed, and returns what it said; its last argument is a script.</summary>
    public static Task<string> RunAsync(ProcessStartInfo start) => SucceedAsync(TryAsync(start), start.ArgumentList[^1]);

    public static Task<ProcessOutcome> RunProgramAsync(string file, params ImmutableArray<string> arguments) => ProcessRunner.RunAsync(
        new ProcessRequest
        {
            FileName = file,
            Arguments = arguments,
            Environment = ImmutableSortedDictionary.CreateRange(
                from System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables()
                select KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "")),
            Timeout = Limit,
            OutputLimit = 16 * 1024 * 1024,
        },
        Cancel);

    private static async Task<string> SucceedAsync(Task<ProcessOutcome> running, string script)
    {
        ProcessOutcome outcome = await running;
        Assert.True(outcome.ExitCode == 0, $"'{script}' returned {outcome.ExitCode}: {outcome.Output}");
        return outcome.Output.Trim();
    }

    /// <summary>Waits until something outside of this process is so.</summary>
    public static async Task UntilAsync(Func<bool> truth, Func<string> what)
    {
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!truth())
        {
            if (Environment.TickCount64 >= deadline)
            {
                Assert.Fail($"Did not happen within {Limit.TotalSeconds:0} s: {what()}");
            }

            await Task.Delay(Poll, Cancel);
        }
    }
}
