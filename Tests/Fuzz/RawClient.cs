using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ClusterTools.Api;
using ClusterTools.Api.Tests;

namespace ClusterTools.Fuzz;

/// <summary>HTTP/1.1 that sends whatever it is given; keeps its connection while the server does.</summary>
internal sealed class RawClient(TestApi api, IssuedCertificate certificate) : IAsyncDisposable
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private SslStream? stream;

    /// <summary>Sends a request and reads the answer: its status and text. Status 0: the server closed the connection.</summary>
    public async Task<(int Status, string Text)> AskAsync(byte[] request, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            bool fresh = stream is null;
            stream ??= await ConnectAsync(cancel);
            try
            {
                await stream.WriteAsync(request, cancel);
                (int status, string text) = await ReadAsync(cancel);

                // A connection that the server has closed meanwhile is no answer.
                if (status > 0 || fresh || attempt > 0)
                {
                    return (status, text);
                }
            }
            catch (IOException) when (!fresh && attempt == 0)
            {
                await CloseAsync();
            }
            catch (IOException)
            {
                await CloseAsync();
                return (0, "");
            }
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task<(int Status, string Text)> ReadAsync(CancellationToken cancel)
    {
        using var gathered = new MemoryStream();
        int head;
        while ((head = gathered.GetBuffer().AsSpan(0, (int)gathered.Length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await MoreAsync(gathered, cancel))
            {
                return (0, "");
            }
        }

        string headers = Encoding.Latin1.GetString(gathered.GetBuffer(), 0, head);
        int status = int.Parse(headers.AsSpan(9, 3), CultureInfo.InvariantCulture);
        string[] lines = headers.Split("\r\n");
        string? Header(string name) =>
            lines.FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
        bool ends = int.TryParse(Header("Content-Length"), out int length);
        bool stays = ends && Header("Connection") is not "close";
        if (status == 100)
        {
            await CloseAsync();
            return (status, headers);
        }

        // A stream of events has no end.
        while (ends ? gathered.Length < head + 4 + length : Header("Content-Type") != "text/event-stream" && status != 204)
        {
            if (!await MoreAsync(gathered, cancel))
            {
                break;
            }
        }

        if (!stays)
        {
            await CloseAsync();
        }

        return (status, Encoding.UTF8.GetString(gathered.GetBuffer(), 0, (int)gathered.Length));
    }

    private async Task<bool> MoreAsync(MemoryStream gathered, CancellationToken cancel)
    {
        int read = await stream!.ReadAsync(buffer, cancel);
        gathered.Write(buffer, 0, read);
        if (read == 0)
        {
            await CloseAsync();
        }

        return read > 0;
    }

    private async Task<SslStream> ConnectAsync(CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, api.Address.Port, cancel);
        var secured = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, null, offline: true),
                CertificateChainPolicy = CertificateTrust.ForServers(api.AuthorityCertificate),
            },
            cancel);
        return secured;
    }

    private async Task CloseAsync()
    {
        if (stream is { } open)
        {
            stream = null;
            await open.DisposeAsync();
        }
    }
}
