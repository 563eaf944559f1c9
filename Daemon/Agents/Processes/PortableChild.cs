using System.Diagnostics;

namespace ClusterTools.Agents;

/// <summary>A child elsewhere than on Linux: the framework's process class, ended with its whole tree. Built, not tested.</summary>
internal sealed class PortableChild : ChildProcess
{
    private readonly Process process;
    private readonly ProcessRequest request;
    private readonly TailBuffer output;
    private readonly TailBuffer error;

    private PortableChild(ProcessRequest request, Process process, CancellationToken cancel)
    {
        this.request = request;
        this.process = process;
        output = new TailBuffer(request.OutputLimit);
        error = request.SeparateStandardError ? new TailBuffer(request.OutputLimit) : output;
        Identity = ProcessIdentity.Find(process.Id) ?? new ProcessIdentity(process.Id, 0);
        Completion = RunAsync(cancel);
    }

    public override Task<ProcessOutcome> Completion { get; }

    internal static PortableChild Start(ProcessRequest request, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(request.FileName, request.Arguments)
        {
            WorkingDirectory = request.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in request.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new PortableChild(request, Process.Start(start)!, cancel);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new ProcessStartException(request.FileName, failure.NativeErrorCode, failure.Message);
        }
    }

    private async Task<ProcessOutcome> RunAsync(CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(request.Timeout);
        bool ended = false;
        try
        {
            await process.StandardInput.WriteAsync((request.StandardInput ?? "").AsMemory(), limit.Token).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // It does not read its input; its exit code will tell.
        }

        try
        {
            // Not WaitForExitAsync, which also waits for whoever else holds the outputs.
            var exit = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            process.Exited += (_, _) => exit.TrySetResult();
            process.EnableRaisingEvents = true;
            await exit.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            ended = true;
            process.Kill(entireProcessTree: true);
            process.WaitForExit(5_000);
        }

        bool unkillable = !process.HasExited;
        lock (output)
        {
            lock (error)
            {
                return new ProcessOutcome
                {
                    ExitCode = ended || unkillable ? null : process.ExitCode,
                    TimedOut = ended && !cancel.IsCancellationRequested,
                    Cancelled = ended && cancel.IsCancellationRequested,
                    Unkillable = unkillable,
                    Duration = Stopwatch.GetElapsedTime(started),
                    Output = output.ToString(),
                    StandardError = request.SeparateStandardError ? error.ToString() : "",
                    OutputCut = output.Cut || error.Cut,
                };
            }
        }
    }

    private void Append(TailBuffer buffer, string? line)
    {
        if (line is not null)
        {
            lock (buffer)
            {
                buffer.Append(System.Text.Encoding.UTF8.GetBytes(line + '\n'));
            }

            if (request.OutputFile is { } file)
            {
                lock (request)
                {
                    File.AppendAllText(file, line + '\n');
                }
            }
        }
    }
}
