using System.Diagnostics;

namespace ClusterTools.Build;

/// <summary>Runs programs: with the terminal's own input and outputs, or keeping what they write.</summary>
internal static class Command
{
    /// <summary>Runs a program to its end with this program's own outputs.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">Passed as they are.</param>
    /// <param name="limit">After it the program and all it started are ended; null: none.</param>
    /// <param name="cancel">Waits for the program, which gets the same Ctrl-C, for ten seconds, then ends it.</param>
    /// <param name="environment">Added to this program's.</param>
    /// <returns>The exit code; null when its time was up.</returns>
    public static async Task<int?> RunAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan? limit,
        CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(program, arguments, environment, capture: false);
        return await EndAsync(process, limit, cancel).ConfigureAwait(false);
    }

    /// <summary>Runs a program and keeps what it writes.</summary>
    public static async Task<(int? ExitCode, string Output)> CaptureAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan limit,
        CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(program, arguments, environment, capture: true);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
        Task<string> error = process.StandardError.ReadToEndAsync(cancel);
        int? exitCode = await EndAsync(process, limit, cancel).ConfigureAwait(false);
        return (exitCode, await output.ConfigureAwait(false) + await error.ConfigureAwait(false));
    }

    /// <summary>The .NET SDK; silent unless it fails, which ends the build.</summary>
    public static async Task DotnetAsync(string what, IEnumerable<string> arguments, CancellationToken cancel)
    {
        (int? exitCode, string output) = await CaptureAsync("dotnet", arguments, TimeSpan.FromMinutes(20), cancel).ConfigureAwait(false);
        if (exitCode == 0)
        {
            return;
        }

        // The SDK says each error twice, once as it happens and once at the end.
        string[] lines = [.. output.Split('\n').Select(l => l.TrimEnd())];
        string[] errors = [.. lines.Where(l => l.Contains(": error ", StringComparison.Ordinal)).Distinct()];
        foreach (string line in errors.Length > 0 ? errors : lines)
        {
            Say.Note(line);
        }

        throw new BuildException(exitCode is null ? $"{what} took longer than 20 minutes and was ended."
            : $"{what} failed; the reasons stand above.");
    }

    /// <summary>Full path of a program on PATH or in the system's own folders; null: it is not installed.</summary>
    public static string? Find(string program) =>
        string.Join(
            Path.PathSeparator,
            Environment.GetEnvironmentVariable("PATH"),
            OperatingSystem.IsWindows() ? "" : "/usr/local/sbin:/usr/sbin:/sbin")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
            .FirstOrDefault(File.Exists);

    private static Process Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, bool capture)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = capture,
            RedirectStandardError = capture,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new BuildException($"'{program}' could not be started: {error.Message}.");
        }
    }

    private static async Task<int?> EndAsync(Process process, TimeSpan? limit, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            await process.WaitForExitAsync(both.Token).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            if (cancel.IsCancellationRequested)
            {
                using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                try
                {
                    await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    process.Kill(entireProcessTree: true);
                }

                cancel.ThrowIfCancellationRequested();
            }

            process.Kill(entireProcessTree: true);
            return null;
        }
    }
}
