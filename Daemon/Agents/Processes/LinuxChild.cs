using System.Diagnostics;
using System.Text;

namespace ClusterTools.Agents;

/// <summary>
/// A child on Linux; after its start everything but <see cref="RequestEnd"/> happens on the <see cref="LinuxReactor"/>'s thread.
/// </summary>
internal sealed class LinuxChild : ChildProcess
{
    // What the program itself wrote is in the pipe when it exits; this is for what its last children still write.
    private const long DrainMilliseconds = 10;
    private const long KillLimitMilliseconds = 5_000;

    private readonly TaskCompletionSource<ProcessOutcome> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessRequest request;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly TailBuffer output;
    private readonly TailBuffer error;
    private CancellationTokenRegistration cancellation;
    private volatile bool endRequested;
    private volatile bool exited;
    private byte[] input;
    private int inputSent;
    private Phase phase = Phase.Running;
    private bool timedOut;
    private bool cancelled;
    private int? status;

    private LinuxChild(ProcessRequest request)
    {
        this.request = request;
        output = new TailBuffer(request.OutputLimit);
        error = request.SeparateStandardError ? new TailBuffer(request.OutputLimit) : output;
        input = request.StandardInput is null ? [] : Encoding.UTF8.GetBytes(request.StandardInput);
        Deadline = request.Timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Environment.TickCount64 + (long)request.Timeout.TotalMilliseconds;
    }

    private enum Phase
    {
        Running,

        /// <summary>Asked to end (SIGTERM).</summary>
        Ending,

        /// <summary>Killed (SIGKILL).</summary>
        Killed,

        /// <summary>Exited; its last output is being read.</summary>
        Draining,
        Done,

        /// <summary>Its outcome is out, and it is still to be reaped.</summary>
        Stuck,
    }

    public override Task<ProcessOutcome> Completion => completion.Task;

    /// <summary>Milliseconds of <see cref="Environment.TickCount64"/> at which <see cref="Advance"/> wants to be called.</summary>
    internal long Deadline { get; private set; }

    internal int Pidfd { get; private set; } = -1;

    internal int OutputPipe { get; private set; } = -1;

    internal int ErrorPipe { get; private set; } = -1;

    internal int InputPipe { get; private set; } = -1;

    internal bool IsDone => phase == Phase.Done;

    /// <summary>Starts the program and hands it to the reactor.</summary>
    internal static LinuxChild Start(ProcessRequest request, CancellationToken cancel)
    {
        LinuxReactor reactor = LinuxReactor.Instance;
        var child = new LinuxChild(request);
        child.Spawn();
        child.cancellation = cancel.UnsafeRegister(static state => ((LinuxChild)state!).RequestEnd(), child);
        reactor.Add(child);
        return child;
    }

    private void RequestEnd()
    {
        endRequested = true;
        LinuxReactor.Instance.Wake();
    }

    private void Spawn()
    {
        var childEnds = new List<int>(3);
        try
        {
            int standardInput;
            if (request.StandardInput is null)
            {
                childEnds.Add(standardInput = LinuxNative.OpenNull(forWriting: false));
            }
            else
            {
                (standardInput, InputPipe) = LinuxNative.CreatePipe();
                childEnds.Add(standardInput);
                LinuxNative.SetNonBlocking(InputPipe);
            }

            int standardOutput;
            int standardError;
            if (request.OutputFile is { } file)
            {
                childEnds.Add(standardOutput = standardError = LinuxNative.OpenAppend(file, truncate: false));
            }
            else
            {
                (OutputPipe, standardOutput) = LinuxNative.CreatePipe();
                childEnds.Add(standardOutput);
                LinuxNative.SetNonBlocking(OutputPipe);
                standardError = standardOutput;
                if (request.SeparateStandardError)
                {
                    (ErrorPipe, standardError) = LinuxNative.CreatePipe();
                    childEnds.Add(standardError);
                    LinuxNative.SetNonBlocking(ErrorPipe);
                }
            }

            int pid = LinuxSpawn.Start(
                request.FileName, request.Arguments, request.Environment, request.WorkingDirectory, standardInput, standardOutput,
                standardError);
            if (request.StartsServices)
            {
                MemoryProtection.Lift(pid);
            }

            // Not reaped yet, so the pid is certainly still its own.
            Identity = ProcessIdentity.Find(pid) ?? new ProcessIdentity(pid, 0);
            Pidfd = LinuxNative.OpenPidfd(pid);
            if (Pidfd < 0)
            {
                WatchByThread(pid);
            }
        }
        catch
        {
            CloseAll();
            throw;
        }
        finally
        {
            foreach (int descriptor in childEnds)
            {
                _ = LinuxNative.Close(descriptor);
            }
        }

        // Most inputs fit the pipe: no need to wait for the reactor.
        Write();
    }

    private void WatchByThread(int pid) => new Thread(() =>
    {
        LinuxNative.WaitWithoutReaping(pid);
        exited = true;
        LinuxReactor.Instance.Wake();
    })
    { IsBackground = true, Name = $"wait for {pid}" }.Start();

    /// <summary>The reactor saw that the program has exited.</summary>
    internal void OnExited()
    {
        exited = true;
        _ = LinuxNative.Close(Pidfd);
        Pidfd = -1;
    }

    /// <summary>Sends what is left of the input; at its end, or when nobody reads it, closes the pipe.</summary>
    internal unsafe void Write()
    {
        while (InputPipe >= 0)
        {
            nint count = 0;
            if (inputSent < input.Length)
            {
                fixed (byte* bytes = &input[inputSent])
                {
                    count = LinuxNative.Write(InputPipe, bytes, input.Length - inputSent);
                }

                if (count < 0
                    && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() is LinuxNative.ErrorAgain
                        or LinuxNative.ErrorInterrupted)
                {
                    return;
                }
            }

            inputSent = count < 0 ? input.Length : inputSent + (int)count;
            if (inputSent == input.Length)
            {
                _ = LinuxNative.Close(InputPipe);
                InputPipe = -1;
                input = [];
                inputSent = 0;
            }
        }
    }

    internal void ReadOutput() => OutputPipe = Read(OutputPipe, output);

    internal void ReadError() => ErrorPipe = Read(ErrorPipe, error);

    /// <summary>Moves on as far as what has happened and the time allow.</summary>
    internal void Advance(long now)
    {
        switch (phase)
        {
            case Phase.Running when exited:
                Reap();
                phase = Phase.Draining;
                Deadline = now + DrainMilliseconds;
                Advance(now);
                break;
            case Phase.Running when endRequested || now >= Deadline:
                cancelled = endRequested;
                timedOut = !cancelled;
                phase = Phase.Ending;
                Deadline = now + (long)request.KillGrace.TotalMilliseconds;
                SignalGroup(LinuxNative.SignalTerminate);
                // A stopped process takes no notice of SIGTERM until it goes on.
                SignalGroup(LinuxNative.SignalContinue);
                break;
            case Phase.Ending when now >= Deadline || (exited && OutputPipe < 0 && ErrorPipe < 0):
                // The leader is not reaped before this, so that the group's number cannot have become another's.
                SignalGroup(LinuxNative.SignalKill);
                phase = Phase.Killed;
                Deadline = now + KillLimitMilliseconds;
                Advance(now);
                break;
            case Phase.Killed when exited:
                Reap();
                phase = Phase.Draining;
                Deadline = now + DrainMilliseconds;
                Advance(now);
                break;
            case Phase.Killed when now >= Deadline:
                Complete(unkillable: true);
                phase = Phase.Stuck;
                Deadline = long.MaxValue;
                break;
            case Phase.Draining:
                ReadOutput();
                ReadError();
                if (now >= Deadline || (OutputPipe < 0 && ErrorPipe < 0) || (request.OutputTellsOfFailure && status == 0))
                {
                    Complete(unkillable: false);
                    Finish();
                }

                break;
            case Phase.Stuck when exited:
                Reap();
                Finish();
                break;
            default:
                break;
        }
    }

    private void SignalGroup(int signal) => _ = LinuxNative.Kill(-Identity.Pid, signal);

    private void Reap()
    {
        if (LinuxNative.WaitPid(Identity.Pid, out int value, LinuxNative.WaitNoHang) == Identity.Pid)
        {
            status = value;
        }
    }

    private void Complete(bool unkillable)
    {
        cancellation.Unregister();
        int signal = (status & 0x7F) ?? 0;
        completion.TrySetResult(new ProcessOutcome
        {
            ExitCode = status is null || signal != 0 ? null : (status >> 8) & 0xFF,
            Signal = signal == 0 ? null : signal,
            TimedOut = timedOut,
            Cancelled = cancelled,
            Unkillable = unkillable,
            Duration = Stopwatch.GetElapsedTime(started),
            Output = output.ToString(),
            StandardError = request.SeparateStandardError ? error.ToString() : "",
            OutputCut = output.Cut || error.Cut,
        });
    }

    private void Finish()
    {
        phase = Phase.Done;
        // A daemon left behind with our pipe as its output would die of SIGPIPE at its next line.
        LinuxReactor.Instance.Linger(OutputPipe);
        LinuxReactor.Instance.Linger(ErrorPipe);
        OutputPipe = ErrorPipe = -1;
        CloseAll();
    }

    private void CloseAll()
    {
        foreach (int descriptor in (ReadOnlySpan<int>)[Pidfd, InputPipe, OutputPipe, ErrorPipe])
        {
            if (descriptor >= 0)
            {
                _ = LinuxNative.Close(descriptor);
            }
        }

        Pidfd = InputPipe = OutputPipe = ErrorPipe = -1;
    }

    /// <summary>Reads until there is nothing for now; returns -1, and closes the pipe, at its end.</summary>
    internal static unsafe int Read(int pipe, TailBuffer? into)
    {
        // Bounded, so that one endless writer does not keep the reactor from the others.
        const int rounds = 16;
        byte* buffer = stackalloc byte[8192];
        for (int round = 0; pipe >= 0 && round < rounds; round++)
        {
            nint count = LinuxNative.Read(pipe, buffer, 8192);
            if (count > 0)
            {
                into?.Append(new ReadOnlySpan<byte>(buffer, (int)count));
            }
            else if (count < 0
                && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() is LinuxNative.ErrorAgain or LinuxNative.ErrorInterrupted)
            {
                break;
            }
            else
            {
                _ = LinuxNative.Close(pipe);
                pipe = -1;
            }
        }

        return pipe;
    }
}
