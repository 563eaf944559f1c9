using System.Diagnostics;

namespace ClusterTools.RealMachines.Tests;

/// <summary>A program that is killed when it is disposed of, and that ends with this process at the latest.</summary>
internal sealed class TiedProcess : IAsyncDisposable
{
    // The program is killed when the shell's standard input is closed.
    private const string Script =
        "exec 3<&0; \"$@\" </dev/null & program=$!; { read -r _ <&3; kill -9 $program; } & wait $program; kill $! 2>/dev/null";

    private readonly Process shell;

    private TiedProcess(Process shell)
    {
        this.shell = shell;
        Errors = shell.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public bool HasExited => shell.HasExited;

    /// <summary>All that it says, once it has ended.</summary>
    public Task<string> Errors { get; }

    /// <param name="name">What the shell is called.</param>
    /// <param name="program">Its file.</param>
    /// <param name="arguments">Its arguments.</param>
    public static TiedProcess Start(string name, string program, IEnumerable<string> arguments) => new(Process.Start(
        new ProcessStartInfo("/bin/sh", ["-c", Script, name, program, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        })!);

    public async ValueTask DisposeAsync()
    {
        shell.StandardInput.Close();
        await shell.WaitForExitAsync(CancellationToken.None).WaitAsync(Shell.Limit, CancellationToken.None);
        shell.Dispose();
    }
}
