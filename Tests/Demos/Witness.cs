using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Demos;

/// <summary>A client of the service that stands outside of all machines, and asks for its page without end.</summary>
internal sealed class Witness : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private const int AnswerMilliseconds = 200;

    private readonly Lock gate = new();
    private readonly Thread thread;
    private readonly IPEndPoint service;
    private volatile bool stops;
    private long lastAnswer;
    private string page = "";

    public Witness(CorosyncNetwork network, IPEndPoint service)
    {
        this.service = service;
        thread = new Thread(() => Run(network)) { IsBackground = true };
        thread.Start();
    }

    /// <summary>When it was answered last (<see cref="Environment.TickCount64"/>), and what; 0: never.</summary>
    public (long At, string Page) Last
    {
        get
        {
            lock (gate)
            {
                return (lastAnswer, page);
            }
        }
    }

    public void Dispose()
    {
        stops = true;
        thread.Join();
    }

    private void Run(CorosyncNetwork network)
    {
        network.EnterOutside();
        while (!stops)
        {
            try
            {
                string answer = Ask();
                lock (gate)
                {
                    (lastAnswer, page) = (Environment.TickCount64, answer);
                }
            }
            catch (SocketException)
            {
                // It is not there now.
            }

            Thread.Sleep(Pause);
        }
    }

    private string Ask()
    {
        using var socket = new Socket(service.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            SendTimeout = AnswerMilliseconds, ReceiveTimeout = AnswerMilliseconds, Blocking = false,
        };
        try
        {
            socket.Connect(service);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(AnswerMilliseconds * 1000, SelectMode.SelectWrite))
            {
                throw new SocketException((int)SocketError.TimedOut);
            }
        }

        socket.Blocking = true;
        socket.Send("GET / HTTP/1.0\r\n\r\n"u8);
        byte[] buffer = new byte[4096];
        var answer = new StringBuilder();
        for (int read = socket.Receive(buffer); read > 0; read = socket.Receive(buffer))
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        string text = answer.ToString();
        return text.StartsWith("HTTP/1.0 200", StringComparison.Ordinal)
            ? text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Trim()
            : throw new SocketException((int)SocketError.ConnectionReset);
    }
}
