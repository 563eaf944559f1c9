using ClusterTools.Fencing.Lab;

namespace ClusterTools.Agents.Tests;

/// <summary>A lab of one node, whose supervisor is a process of its own.</summary>
public sealed class LabFixture : IAsyncDisposable
{
    private ChildProcess? supervisor;

    public Folder Folder { get; } = new();

    public LabPower Power => new(Folder.Path, "node1");

    public ProcessIdentity Supervisor => supervisor!.Identity;

    public Task<ProcessOutcome> SupervisorEnd => supervisor!.Completion;

    /// <summary>Starts the supervisor with a shell script as the node's daemon, and waits until that runs.</summary>
    public async Task<ProcessIdentity> StartAsync(string body)
    {
        string daemon = Folder.Script("daemon", $"echo $$ >> {Folder["starts"]}\n{body}");
        supervisor = ProcessRunner.Start(
            TestProcess.Request(TestProcess.Self, Program.SupervisorRole, Folder.Path, "node1", daemon) with
            {
                Timeout = Timeout.InfiniteTimeSpan, OutputFile = Folder["supervisor.log"],
            },
            CancellationToken.None);
        await StartsAsync(1);
        return Power.Daemon!.Value;
    }

    /// <summary>The pids of the daemon's starts, once there have been so many.</summary>
    public async Task<string[]> StartsAsync(int count)
    {
        await TestProcess.UntilAsync(() => Starts.Length >= count && Power.Daemon is not null);
        return Starts;
    }

    public string Log => File.ReadAllText(Folder["supervisor.log"]);

    public string[] Starts => File.Exists(Folder["starts"]) ? File.ReadAllLines(Folder["starts"]) : [];

    public Task<(int ExitCode, string Output)> FenceAsync(string action, string device = "apc1", string feeds = "") =>
        CallAsync($"action={action}\nlab={Folder.Path}\nplug=node1\ndevice={device}\n" + (feeds.Length == 0 ? "" : $"feeds={feeds}\n"));

    public static async Task<(int ExitCode, string Output)> CallAsync(string input)
    {
        ProcessOutcome outcome =
            await ProcessRunner.RunAsync(
                TestProcess.Request(TestProcess.Self, Program.FenceRole) with { StandardInput = input }, TestProcess.Cancel);
        return (outcome.ExitCode ?? -1, outcome.Output);
    }

    public string Fault(string name, string content = "")
    {
        Directory.CreateDirectory(Power.PowerFolder);
        string file = Path.Combine(Power.PowerFolder, name);
        File.WriteAllText(file, content);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        if (supervisor is not null)
        {
            supervisor.Identity.Signal(LinuxNative.SignalTerminate);
            supervisor.Identity.Signal(LinuxNative.SignalContinue);
            await supervisor.Completion.WaitAsync(TestProcess.HangLimit);
        }

        // A test may have killed its supervisor.
        foreach (ProcessIdentity left in ProcessGroup.Marked(Power.Marker))
        {
            left.Signal(LinuxNative.SignalKill);
        }

        Folder.Dispose();
    }
}
