using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Mutation;

/// <summary>A worker as seen by who gives it work: it is ended, and started anew, when it is silent for too long.</summary>
/// <param name="program">Path of this program beside the mutated rules.</param>
/// <param name="options">Which checks it can run.</param>
internal sealed class WorkerProcess(string program, Options options) : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private Process? process;

    /// <summary>What it can run, in its order.</summary>
    public IReadOnlyList<(Stage Stage, string Name)> Checks { get; private set; } = [];

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="question">A line for the worker.</param>
    /// <param name="limitOf">How long a check may take, by its number; −1: the answer itself.</param>
    /// <param name="cancel">Ends the worker.</param>
    /// <returns>The answer; the check that it did not come back from when there is none.</returns>
    public async Task<(string? Answer, int At)> AskAsync(string question, Func<int, TimeSpan> limitOf, CancellationToken cancel)
    {
        await StartAsync(cancel).ConfigureAwait(false);
        await process!.StandardInput.WriteLineAsync(question.AsMemory(), cancel).ConfigureAwait(false);
        await process.StandardInput.FlushAsync(cancel).ConfigureAwait(false);
        int at = -1;
        while (true)
        {
            string? line = await ReadAsync(limitOf(at), cancel).ConfigureAwait(false);
            if (line is null)
            {
                End();
                return (null, at);
            }

            if (!line.StartsWith("at ", StringComparison.Ordinal))
            {
                return (line, at);
            }

            at = int.Parse(line.AsSpan(3), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Starts it, if it does not run.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        if (process is { HasExited: false })
        {
            return;
        }

        End();
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = [program, Worker.Verb, $"{options.Seeds}", .. options.Checks];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // A mutant that keeps all it makes must not take the machine with it; and most of what a check makes dies young.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x60000000";
        start.Environment["DOTNET_GCgen0size"] = "0x4000000";
        process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var checks = new List<(Stage, string)>();
        while (await ReadAsync(StartLimit, cancel).ConfigureAwait(false) is { } line && line != "ready")
        {
            string[] words = line.Split(' ', 3);
            checks.Add(((Stage)int.Parse(words[1], CultureInfo.InvariantCulture), words[2]));
        }

        Checks = process.HasExited ? throw new InvalidOperationException("The worker has ended before it was ready.") : checks;
    }

    public void Dispose() => End();

    private async Task<string?> ReadAsync(TimeSpan limit, CancellationToken cancel)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timer.CancelAfter(limit);
        try
        {
            return await process!.StandardOutput.ReadLineAsync(timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private void End()
    {
        if (process is null)
        {
            return;
        }

        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
        process = null;
    }
}
