using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace ClusterTools.Demos;

/// <summary>A shell on a machine that stays open, as a person's does.</summary>
internal sealed class ShellOnMachine : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private int typed;

    public ShellOnMachine(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Types a command, and waits until it has ended.</summary>
    /// <returns>What it showed.</returns>
    /// <exception cref="DemoException">It failed, or did not end.</exception>
    public async Task<string> TypeAsync(string command, CancellationToken cancel)
    {
        string mark = $"#### {++typed} ";
        await process.StandardInput.WriteLineAsync($"$Error.Clear(); {command}".AsMemory(), cancel).ConfigureAwait(false);
        await process.StandardInput.WriteLineAsync(
            $"$Error | Out-String; \"{mark}$($Error.Count)\"".AsMemory(), cancel).ConfigureAwait(false);
        await process.StandardInput.FlushAsync(cancel).ConfigureAwait(false);
        var shown = new StringBuilder();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        try
        {
            await foreach (string line in lines.Reader.ReadAllAsync(limit.Token).ConfigureAwait(false))
            {
                if (line.StartsWith(mark, StringComparison.Ordinal))
                {
                    return line == mark + "0" ? shown.ToString() : throw new DemoException($"'{command}' failed:\n{shown}");
                }

                shown.Append(line).Append('\n');
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DemoException($"'{command}' did not end within {Limit.TotalMinutes:0} minutes. It showed:\n{shown}");
        }

        throw new DemoException($"The shell ended in '{command}'. It showed:\n{shown}");
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync().ConfigureAwait(false);
        process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            lines.Writer.TryWrite(line);
        }
    }
}
