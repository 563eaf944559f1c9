using System.Runtime.InteropServices;

namespace ClusterTools.Host;

/// <summary>For a program that another program runs in the background of somebody's terminal.</summary>
internal static partial class OwnSession
{
    /// <summary>Leaves the terminal's session (setsid(2)): Ctrl-C pressed there is not meant for this program.</summary>
    public static void Begin()
    {
        if (OperatingSystem.IsLinux())
        {
            // Fails for the leader of a process group only, which Ctrl-C does not reach together with others either.
            _ = SetSid();
        }
    }

    /// <summary>Completes when standard input ends, which it does with the program at its other end, however that ends.</summary>
    public static Task WaitForEndOfInputAsync(CancellationToken cancel) => Task.Run(
        async () =>
        {
            await using Stream input = Console.OpenStandardInput();
            byte[] ignored = new byte[256];
            while (await input.ReadAsync(ignored, cancel).ConfigureAwait(false) > 0)
            {
            }
        },
        cancel);

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSid();
}
