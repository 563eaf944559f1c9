using System.Collections.Concurrent;
using System.Net.Sockets;
using ClusterTools.Fencing.Lab;

namespace ClusterTools.RealAgents.Tests;

/// <summary>
/// The power switch of nodes with process namespaces of their own: as a node sees none of the others' processes, the lab's fence agent
/// works
/// outside of all of them, where it sees everything, and the nodes call it as they would a switch on the network.
/// </summary>
internal sealed class OutsideFence : IAsyncDisposable
{
    public const string Role = "role-fence";

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentQueue<string> answers = new();
    private readonly Task serving;

    public OutsideFence(string socket)
    {
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        serving = ServeAsync();
    }

    /// <summary>The switch says that it did what was asked, and does nothing.</summary>
    public bool Lies { get; set; }

    /// <summary>What was answered so far.</summary>
    public IEnumerable<string> Answers => answers;

    /// <summary>The fence agent that nodes call: passes standard input out, and the answer in.</summary>
    public static async Task<int> CallAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using var stream = new NetworkStream(socket);
        await Console.OpenStandardInput().CopyToAsync(stream);
        socket.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        int exitCode = int.Parse(await reader.ReadLineAsync() ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        await (exitCode == 1 ? Console.Error : Console.Out).WriteAsync(await reader.ReadToEndAsync());
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Dispose();
        await serving;
        ending.Dispose();
    }

    private async Task ServeAsync()
    {
        var calls = new List<Task>();
        try
        {
            while (true)
            {
                calls.Add(AnswerAsync(await listener.AcceptAsync(ending.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            await Task.WhenAll(calls);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, leaveOpen: true);
            string call = await reader.ReadToEndAsync(ending.Token);
            var output = new StringWriter();
            int exitCode = Lies ? 0 : await LabFenceAgent.RunAsync(new StringReader(call), output, output, ending.Token);
            answers.Enqueue($"{call.ReplaceLineEndings(" ")}=> {exitCode}: {output}");
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync($"{exitCode}\n{output}");
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Who asked has ended.
            answers.Enqueue($"not answered: {error.Message}");
        }
    }
}
