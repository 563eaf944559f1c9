using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ClusterTools.Host.Daemon;

/// <summary>Tells the service manager how the daemon is (sd_notify(3)); does nothing where there is none.</summary>
internal sealed class SystemdNotification : IDisposable
{
    private readonly Socket? socket;

    public SystemdNotification()
    {
        string? path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (!OperatingSystem.IsLinux() || string.IsNullOrEmpty(path))
        {
            return;
        }

        // '@' stands for the NUL of Linux's abstract sockets.
        var address = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
        socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(address);
    }

    /// <summary>How often the service manager wants to hear that the daemon lives; null: it does not.</summary>
    public static TimeSpan? WatchdogInterval =>
        long.TryParse(
            Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds > 0
        && (Environment.GetEnvironmentVariable("WATCHDOG_PID") is null or ""
            || Environment.GetEnvironmentVariable("WATCHDOG_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Stopping() => Send("STOPPING=1");

    /// <summary>
    /// Says at half the interval that the daemon lives: that its threads come to run. Whether it gets on with its work is for the engine
    /// to watch, which stops its heartbeat when it does not.
    /// </summary>
    public async Task KeepAliveAsync(CancellationToken cancel)
    {
        if (socket is null || WatchdogInterval is not { } interval)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval / 2);
        while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false))
        {
            Send("WATCHDOG=1");
        }
    }

    public void Dispose() => socket?.Dispose();

    private void Send(string message)
    {
        try
        {
            socket?.Send(Encoding.UTF8.GetBytes(message));
        }
        catch (SocketException)
        {
            // The service manager is restarting; it asks again by its watchdog if it must.
        }
    }
}
