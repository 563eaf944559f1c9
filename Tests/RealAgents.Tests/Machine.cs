using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ClusterTools.Agents;

namespace ClusterTools.RealAgents.Tests;

/// <summary>
/// The product's executor in mount, network, process, IPC and host name namespaces of its own. All that is done there ends with it.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly string tag = Guid.NewGuid().ToString("N")[..6];
    private ProcessIdentity init;
    private int lastId;

    private Machine(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Boots it.</summary>
    /// <param name="workshop">Where its state is kept.</param>
    /// <param name="name">Its name, and its folder's.</param>
    /// <param name="boot">A shell script that runs in it first.</param>
    /// <param name="environment">More environment for agents.</param>
    public static async Task<Machine> StartAsync(
        Workshop workshop, string name = "machine", string boot = "", ImmutableSortedDictionary<string, string>? environment = null)
    {
        string folder = workshop.Folder(name);
        var start = new ProcessStartInfo("unshare")
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // A shell is process 1, as somebody must reap what agents leave behind: a zombie passes for alive.
        string script = $"set -e; ip link set lo up; hostname {name}; mount -t tmpfs none /dev/shm; {boot}\n\"$@\"; exit $?";
        foreach (string argument in (string[])
        [
            "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c", script, "init",
            Path.Combine(AppContext.BaseDirectory, "ClusterTools.RealAgents.Tests"), AgentHost.Role, Path.Combine(folder, "state"),
            Path.Combine(folder, "run"),
            $"CLUSTERTOOLS_NODE={name}", .. environment?.Select(static e => $"{e.Key}={e.Value}") ?? [],
        ])
        {
            start.ArgumentList.Add(argument);
        }

        // Its sockets in the folder for temporary files would outlive it.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var machine = new Machine(Process.Start(start)!);
        string children = $"/proc/{machine.process.Id}/task/{machine.process.Id}/children";
        await Shell.UntilAsync(() => machine.process.HasExited || File.ReadAllText(children).Length > 1, () => $"{name} did not start");
        Assert.False(machine.process.HasExited, machine.process.HasExited ? await machine.errors : "");
        machine.init =
            ProcessIdentity.Find(
                int.Parse((await File.ReadAllTextAsync(children, Shell.Cancel)).Split(' ')[0], CultureInfo.InvariantCulture))!.Value;
        return machine;
    }

    /// <summary>Runs an agent there; a minute is its limit unless one is given.</summary>
    public async Task<ResourceResult> RunAsync(
        string agent, ResourceOperation operation, ImmutableSortedDictionary<string, string> parameters, TimeSpan? limit = null)
    {
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new ResourceRequest
        {
            ActionId = $"{tag}-{++lastId}",
            Group = "web",
            Resource = "thing:one",
            Agent = agent,
            Operation = operation,
            Timeout = limit ?? TimeSpan.FromSeconds(60),
            Parameters = parameters,
        }));
        await process.StandardInput.FlushAsync(Shell.Cancel);
        string? answer = await process.StandardOutput.ReadLineAsync(Shell.Cancel).AsTask().WaitAsync(Shell.Limit, Shell.Cancel);
        Assert.True(answer is not null, answer is null ? $"The machine has ended: {await errors}" : "");
        return JsonSerializer.Deserialize<ResourceResult>(answer!)!;
    }

    /// <summary>Runs a script there.</summary>
    public Task<ProcessOutcome> TryAsync(string script) =>
        Shell.RunProgramAsync(
            Premises.Find("nsenter")!, "--target", $"{init.Pid}", "--mount", "--net", "--pid", "--ipc", "--uts", "--wd=/", "/bin/sh", "-c",
            script);

    /// <summary>Runs a script there that must succeed.</summary>
    public async Task<string> ShellAsync(string script)
    {
        ProcessOutcome outcome = await TryAsync(script);
        Assert.True(outcome.ExitCode == 0, $"'{script}' returned {outcome.ExitCode}: {outcome.Output}");
        return outcome.Output.Trim();
    }

    /// <summary>Pulls its plug.</summary>
    public async ValueTask DisposeAsync()
    {
        init.Signal(9);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Shell.Limit);
        process.Dispose();
    }
}
