using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Engines.Tests.Corosync.Network;

/// <summary>A network namespace that is held by a shell, and goes when the shell's standard input is closed: with this process at the
/// latest.</summary>
internal sealed class CorosyncMachine : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly Task ended;
    private readonly Task<string> errors;
    private readonly bool isWhole;

    private CorosyncMachine(string name, Process process, bool isWhole)
    {
        Name = name;
        this.isWhole = isWhole;
        this.process = process;
        ended = process.WaitForExitAsync();
        errors = process.StandardError.ReadToEndAsync();
    }

    public string Name { get; }

    /// <summary>In which its namespaces can be entered; with those of processes, its process 1.</summary>
    public int Process { get; private set; }

    /// <summary>Starts it.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="isWhole">It has namespaces for all that a machine has, and not for network and mounts alone.</param>
    /// <param name="script">What is run in it: says "ready", and answers each word with "done".</param>
    public static async Task<CorosyncMachine> StartAsync(string name, bool isWhole, params string[] script)
    {
        string[] more = isWhole ? ["--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"] : [];
        var start = new ProcessStartInfo("unshare", ["--net", "--mount", .. more, "/bin/sh", .. script])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var machine = new CorosyncMachine(name, System.Diagnostics.Process.Start(start)!, isWhole);
        await machine.ReadAsync("ready");
        int outer = machine.process.Id;
        machine.Process = isWhole
            ? int.Parse((await File.ReadAllTextAsync($"/proc/{outer}/task/{outer}/children")).Trim(), CultureInfo.InvariantCulture)
            : outer;
        return machine;
    }

    /// <summary>Its power is cut: process 1 is killed, and all others with it.</summary>
    public async Task CutPowerAsync()
    {
        if (!isWhole)
        {
            throw new InvalidOperationException($"{Name} has no process 1 of its own.");
        }

        using var init = System.Diagnostics.Process.GetProcessById(Process);
        init.Kill();
        Task end = EndedAsync();
        while (!end.IsCompleted)
        {
            await ContinueAsync();
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(200)));
        }

        await end;
    }

    /// <summary>
    /// nsenter stops when what it has started in the machine is stopped. As long as it does, nobody takes note of the end of that, and the
    /// machine is not gone.
    /// </summary>
    public async Task ContinueAsync()
    {
        using var pkill = System.Diagnostics.Process.Start(
            "pkill", ["-CONT", "-f", $"nsenter --target {Process.ToString(CultureInfo.InvariantCulture)} "]);
        await pkill.WaitForExitAsync();
    }

    /// <summary>Waits until it is no more.</summary>
    public Task EndedAsync() => ended.WaitAsync(Limit);

    /// <summary>Says a word, and waits until it was done.</summary>
    /// <returns>The process that it was done with; 0: none.</returns>
    public async Task<int> DoAsync(string word)
    {
        await process.StandardInput.WriteLineAsync(word);
        await process.StandardInput.FlushAsync();
        string answer = await ReadAsync("done");
        return int.TryParse(answer["done ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (isWhole && !process.HasExited)
        {
            // Whatever it runs may stand still.
            await CutPowerAsync();
        }

        process.StandardInput.Close();
        await EndedAsync();
        process.Dispose();
    }

    private async Task<string> ReadAsync(string start)
    {
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(Limit);
        return line?.StartsWith(start, StringComparison.Ordinal) == true ? line
            : throw new InvalidOperationException($"{Name} said '{line}' for '{start}': {(line is null ? await errors : "")}");
    }
}
