using System.Collections.Immutable;

namespace ClusterTools.Agents.Tests;

/// <summary>What the tests ask of processes, and the limit that only a hang reaches.</summary>
internal static class TestProcess
{
    public static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(60);

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>This program, which plays the other roles too.</summary>
    public static string Self { get; } = Path.Combine(AppContext.BaseDirectory, "ClusterTools.Agents.Tests");

    public static ImmutableSortedDictionary<string, string> Environment { get; } = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        from System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables()
        select KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? ""));

    public static ProcessRequest Request(string file, params ImmutableArray<string> arguments) => new()
    {
        FileName = file, Arguments = arguments, Environment = Environment, Timeout = HangLimit,
    };

    public static ProcessRequest Shell(string script) => Request("/bin/sh", "-c", script);

    public static bool IsAlive(string pid) => ProcessStat.Read(int.Parse(pid)) is { IsDead: false };

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(HangLimit);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    public static Task UntilGoneAsync(string pid) => UntilAsync(() => !IsAlive(pid));

    public static void Kill(string pid) => ProcessIdentity.Find(int.Parse(pid))?.Signal(LinuxNative.SignalKill);
}
