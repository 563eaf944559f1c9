using System.Net.Sockets;
using System.Text.Json;

namespace ClusterTools.RealMachines.Tests;

/// <summary>What is done to a machine from outside, by QEMU's monitor (QMP), and what it tells of itself.</summary>
internal sealed class MachineMonitor : IAsyncDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StreamReader reader;
    private readonly StreamWriter writer;

    private MachineMonitor(string path)
    {
        socket.Connect(new UnixDomainSocketEndPoint(path));
        var stream = new NetworkStream(socket);
        reader = new StreamReader(stream);
        writer = new StreamWriter(stream) { AutoFlush = true };
    }

    public static async Task<MachineMonitor> ConnectAsync(string path)
    {
        var monitor = new MachineMonitor(path);
        await monitor.ReadAsync("QMP");
        await monitor.ExecuteAsync("{\"execute\":\"qmp_capabilities\"}");
        return monitor;
    }

    /// <summary>The machine's cable is pulled or put in again.</summary>
    public Task SetLinkAsync(bool isUp) => ExecuteAsync(
        $"{{\"execute\":\"set_link\",\"arguments\":{{\"name\":\"net\",\"up\":{(isUp ? "true" : "false")}}}}}");

    /// <summary>A disk takes and gives a byte a second from now on: nothing, as far as anybody waits.</summary>
    /// <param name="drive">Its id.</param>
    public Task HangAsync(string drive) => ExecuteAsync(
        $"{{\"execute\":\"block_set_io_throttle\",\"arguments\":{{\"device\":\"{drive}\","
            + "\"bps\":1,\"bps_rd\":0,\"bps_wr\":0,\"iops\":0,\"iops_rd\":0,\"iops_wr\":0}}");

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        reader.Dispose();
        socket.Dispose();
    }

    private async Task ExecuteAsync(string command)
    {
        await writer.WriteLineAsync(command);
        string answer = await ReadAsync("return", "error");
        Assert.True(answer.Contains("\"return\"", StringComparison.Ordinal), $"{command}: {answer}");
    }

    /// <summary>The next line that has one of these members; the others are news.</summary>
    private async Task<string> ReadAsync(params string[] members)
    {
        while (await reader.ReadLineAsync(Shell.Cancel).AsTask().WaitAsync(Shell.Limit, Shell.Cancel) is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (members.Any(m => document.RootElement.TryGetProperty(m, out _)))
            {
                return line;
            }
        }

        throw new IOException("QEMU has ended.");
    }
}
