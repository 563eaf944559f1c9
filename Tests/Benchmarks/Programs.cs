using System.Diagnostics;

namespace ClusterTools.Benchmarks;

/// <summary>Runs programs to their end.</summary>
internal static class Programs
{
    public static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start, CancellationToken cancel)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
            string output = await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return (process.ExitCode, output + await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">It has failed.</exception>
    public static async Task<string> MustAsync(ProcessStartInfo start, CancellationToken cancel)
    {
        (int code, string output) = await RunAsync(start, cancel).ConfigureAwait(false);
        return code == 0 ? output
            : throw new InvalidOperationException(
                $"'{start.FileName} {string.Join(' ', start.ArgumentList)}' ended with exit code {code}: {output}");
    }

    /// <summary>Programs that are not on this machine.</summary>
    public static string[] Missing(params string[] programs) =>
        [.. programs.Where(p => !Array.Exists(["/usr/sbin", "/usr/bin", "/usr/lib"], folder => File.Exists(Path.Combine(folder, p))))];
}
