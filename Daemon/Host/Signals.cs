using System.Runtime.InteropServices;

namespace ClusterTools.Host;

/// <summary>Ctrl-C and SIGTERM ask once in good order; the second time the program ends at once.</summary>
internal sealed class Signals : IDisposable
{
    // SIGUSR1, SIGUSR2 and SIGPWR on Linux; .NET has no names for them.
    private const PosixSignal User1 = (PosixSignal)10;
    private const PosixSignal User2 = (PosixSignal)12;
    private const PosixSignal PowerFails = (PosixSignal)30;

    private readonly CancellationTokenSource ending = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly bool patient;
    private int asked;

    /// <param name="patient">A second signal changes nothing: ending leaves nothing behind, and has a limit of its own.</param>
    public Signals(bool patient = false)
    {
        this.patient = patient;
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT])
        {
            registrations.Add(PosixSignalRegistration.Create(signal, End));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => ending.Token;

    /// <summary>Calls back when <c>clusterd restart</c> asks for it (SIGUSR1).</summary>
    public void OnRestart(Action action) => On(User1, action);

    /// <summary>Calls back when <c>clusterd stop</c> asks for the daemon's end (SIGUSR2): a person waits for the answer.</summary>
    public void OnStop(Action action) => On(User2, action);

    /// <summary>Calls back when <c>clusterd stop --machine</c> says that the machine is shut down (SIGPWR).</summary>
    public void OnMachineStop(Action action) => On(PowerFails, action);

    private void On(PosixSignal signal, Action action)
    {
        if (OperatingSystem.IsLinux())
        {
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                action();
            }));
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
        {
            registration.Dispose();
        }

        ending.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref asked) == 1)
        {
            ending.Cancel();
        }
        else if (!patient)
        {
            Environment.Exit(ExitCode.Interrupted);
        }
    }
}
