using System.Net;
using System.Net.Sockets;

namespace ClusterTools.Engines.Local;

/// <summary>What a wake-up is about.</summary>
[Flags]
internal enum Wake
{
    None = 0,

    /// <summary>Something was committed.</summary>
    Entries = 1,

    /// <summary>Somebody joins, leaves or was lost.</summary>
    Membership = 2,
}

/// <summary>
/// Wake-ups between the daemons of one machine: datagrams of one byte on the loopback. One may get lost; the log is polled too.
/// </summary>
internal sealed class WakeSocket : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] buffer = new byte[16];

    public WakeSocket()
    {
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Send(Wake wake, IEnumerable<int> ports)
    {
        Span<byte> datagram = [(byte)wake];
        foreach (int port in ports)
        {
            try
            {
                _ = socket.SendTo(datagram, SocketFlags.None, new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or ArgumentOutOfRangeException)
            {
                // Nobody there: it finds the entry when it polls.
            }
        }
    }

    /// <summary>Waits until woken or until the time (ms) is up; what came is put together.</summary>
    public Wake Wait(long milliseconds)
    {
        Wake wake = Wake.None;
        try
        {
            if (!socket.Poll(TimeSpan.FromMilliseconds(Math.Max(0, milliseconds)), SelectMode.SelectRead))
            {
                return Wake.None;
            }

            do
            {
                if (socket.Receive(buffer) > 0)
                {
                    wake |= (Wake)buffer[0];
                }
            }
            while (socket.Available > 0);
        }
        catch (SocketException)
        {
            // On some systems a datagram that nobody took comes back as an error here.
            wake |= Wake.Entries;
        }

        return wake;
    }

    public void Dispose() => socket.Dispose();
}
