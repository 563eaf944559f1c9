using System.Diagnostics;

namespace ClusterTools.Lab.Tests;

/// <summary>Runs <c>clusterd</c> as people do.</summary>
internal static class Clusterd
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The program: the one that is laid out, when the build says where; else the one beside the tests.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("CLUSTERTOOLS_DAEMON") is { Length: > 0 } laidOut
        ? laidOut
        : System.IO.Path.Combine(AppContext.BaseDirectory, "clusterd");

    /// <summary>Runs it to its end.</summary>
    public static async Task<ClusterdResult> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"clusterd {string.Join(' ', arguments)} did not end.");
        }

        return new ClusterdResult(process.ExitCode, await output, await error);
    }

    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Path, arguments)
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}

internal sealed record ClusterdResult(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
