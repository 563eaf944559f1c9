using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>Stands outside of the machines, asks the service all the time who it is, and remembers when another one began to
/// answer.</summary>
internal sealed class Witness : IDisposable
{
    private const int Quiet = 1000;

    private static readonly IPEndPoint service = new(IPAddress.Parse("10.77.0.100"), 7000);

    private readonly CorosyncNetwork network;
    private readonly Thread thread;
    private readonly Lock gate = new();
    private string? last;
    private double lastAt;
    private double changedAt;
    private volatile bool ends;

    public Witness(CorosyncNetwork network)
    {
        this.network = network;
        thread = new Thread(Ask) { Name = "witness", IsBackground = true };
        thread.Start();
    }

    /// <summary>Who answers now; null: nobody.</summary>
    public string? Answering
    {
        get
        {
            lock (gate)
            {
                return Now() - lastAt < Quiet ? last : null;
            }
        }
    }

    /// <summary>Since when another machine than this one answers; null: none does.</summary>
    public (double At, string By)? AnsweredByOther(string than, double since)
    {
        lock (gate)
        {
            return last is { } name && name != than && changedAt > since ? (changedAt, name) : null;
        }
    }

    public void Dispose()
    {
        ends = true;
        thread.Join();
    }

    private static double Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;

    private void Ask()
    {
        network.EnterOutside();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] question = [1];
        byte[] answer = new byte[64];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!ends)
        {
            try
            {
                socket.SendTo(question, service);
                while (socket.Poll(TimeSpan.FromMilliseconds(1), SelectMode.SelectRead))
                {
                    Heard(Encoding.ASCII.GetString(answer, 0, socket.ReceiveFrom(answer, ref from)));
                }
            }
            catch (SocketException)
            {
                // Nobody has the address, or nobody listens there.
                Thread.Sleep(1);
            }
        }
    }

    private void Heard(string name)
    {
        double now = Now();
        lock (gate)
        {
            changedAt = name == last ? changedAt : now;
            (last, lastAt) = (name, now);
        }
    }
}
