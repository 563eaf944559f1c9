using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ClusterTools.Fencing;

namespace ClusterTools.Agents.Tests;

/// <summary>The packaged fence_kdump, which waits for the message that a crash kernel sends (FEATURES A13).</summary>
public sealed class CrashDumpTests
{
    // fence_kdump.h of fence-agents: a magic number and version 1, as fence_kdump_send of kdump-tools writes them.
    private static readonly byte[] Message = [.. BitConverter.GetBytes(0x1B302A40), .. BitConverter.GetBytes(1)];

    private readonly FenceAgentExecutor executor = new(new FenceAgentOptions());

    [Fact]
    public async Task A_node_whose_crash_kernel_speaks_counts_as_cut_off()
    {
        Require();
        int port = FreePort();
        Task<FenceResult> fenced = executor.RunAsync(Request("speaks", port, seconds: 60), TestProcess.Cancel);
        using var sender = new UdpClient(AddressFamily.InterNetwork);
        // The crash kernel repeats it, too: nobody knows when the agent has begun to listen.
        while (!fenced.IsCompleted)
        {
            await sender.SendAsync(Message, new IPEndPoint(IPAddress.Loopback, port), TestProcess.Cancel);
            await Task.WhenAny(fenced, Task.Delay(100, TestProcess.Cancel));
        }

        FenceResult result = await fenced;
        Assert.True(result.Success, result.Message);
        Assert.False(result.NoProof);
    }

    [Fact]
    public async Task A_node_that_only_is_silent_or_says_something_else_does_not()
    {
        Require();
        int port = FreePort();
        Task<FenceResult> fenced = executor.RunAsync(Request("silent", port, seconds: 2), TestProcess.Cancel);
        using var sender = new UdpClient(AddressFamily.InterNetwork);
        byte[] other = [.. Message.Reverse()];
        while (!fenced.IsCompleted)
        {
            await sender.SendAsync(other, new IPEndPoint(IPAddress.Loopback, port), TestProcess.Cancel);
            await Task.WhenAny(fenced, Task.Delay(100, TestProcess.Cancel));
        }

        FenceResult result = await fenced;
        Assert.False(result.Success, result.Message);
    }

    private static void Require() => Assert.SkipUnless(
        File.Exists("/usr/sbin/fence_kdump"), "fence_kdump IS NOT INSTALLED (package fence-agents): crash dumps are NOT TESTED.");

    private static FenceRequest Request(string id, int port, int seconds) => new()
    {
        ActionId = id,
        Target = "n1",
        Device = "kdump",
        Agent = "fence_kdump",
        Operation = FenceOperation.Off,
        Timeout = TimeSpan.FromMinutes(2),
        Parameters = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("nodename", "127.0.0.1").Add("ipport", $"{port}").Add("timeout", $"{seconds}"),
    };

    private static int FreePort()
    {
        using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.Client.LocalEndPoint!).Port;
    }
}
