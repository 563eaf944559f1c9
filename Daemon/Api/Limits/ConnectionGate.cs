using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Core.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTools.Api;

/// <summary>
/// Who is connected. Whoever has not shown a granted certificate yet is a guest: there are few places for guests, fewer for one address,
/// and a newcomer takes that of the guest who is silent for the longest time, so that silent connections keep nobody out. Granted
/// certificates have places of their own.
/// </summary>
/// <param name="role">What a certificate is granted; null: nothing.</param>
/// <param name="options">How many.</param>
internal sealed class ConnectionGate(Func<X509Certificate2, AccessRole?> role, ApiServerOptions options)
{
    private readonly Lock gate = new();

    // The oldest first.
    private readonly LinkedList<Guest> guests = [];
    private readonly Dictionary<string, int> guestsOf = new(StringComparer.Ordinal);
    private readonly Budget granted = new(options.MaxConnectionsOfOne, options.MaxConnections);

    /// <summary>Goes before the handshake.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        var guest = new Guest(connection, AddressOf(connection.RemoteEndPoint));
        connection.Items[typeof(Guest)] = guest;
        foreach (Guest leaving in Enter(guest))
        {
            leaving.Connection.Abort(new ConnectionAbortedException("Others need its place, and it has not said who it is."));
        }

        try
        {
            if (await SendsSomethingAsync(guest).ConfigureAwait(false))
            {
                await next(connection).ConfigureAwait(false);
            }
        }
        finally
        {
            Leave(guest);
        }
    };

    /// <summary>Goes after the handshake.</summary>
    public ConnectionDelegate After(ConnectionDelegate next) => async connection =>
    {
        X509Certificate2? certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
        if (certificate is null || role(certificate) is not { } has)
        {
            // It is told that it has no rights here, and remains a guest.
            await next(connection).ConfigureAwait(false);
            return;
        }

        string fingerprint = CertificateFingerprint.Of(certificate);
        if (granted.Take(fingerprint, has == AccessRole.Administrator, 1) is not null)
        {
            return;
        }

        try
        {
            Leave((Guest)connection.Items[typeof(Guest)]!);
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            granted.Return(fingerprint, 1);
        }
    };

    /// <summary>Waits for its first byte, which stays unread.</summary>
    private async Task<bool> SendsSomethingAsync(Guest guest)
    {
        using var limit = new CancellationTokenSource(options.ClientLimit);
        try
        {
            var input = guest.Connection.Transport.Input;
            var read = await input.ReadAsync(limit.Token).ConfigureAwait(false);
            input.AdvanceTo(read.Buffer.Start);
            guest.Speaks = !read.Buffer.IsEmpty;
            return guest.Speaks;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <returns>Who has to leave for it.</returns>
    private IReadOnlyList<Guest> Enter(Guest guest)
    {
        lock (gate)
        {
            var leaving = new List<Guest>();
            if (guestsOf.GetValueOrDefault(guest.Address) >= options.MaxGuestsOfOne)
            {
                leaving.Add(Longest(guest.Address));
            }
            else if (guests.Count >= options.MaxGuests)
            {
                leaving.Add(Longest(guestsOf.MaxBy(a => a.Value).Key));
            }

            leaving.ForEach(Remove);
            guest.Place = guests.AddLast(guest);
            guestsOf[guest.Address] = guestsOf.GetValueOrDefault(guest.Address) + 1;
            return leaving;
        }
    }

    private Guest Longest(string address)
    {
        IEnumerable<Guest> those = guests.Where(g => g.Address == address);
        return those.FirstOrDefault(g => !g.Speaks) ?? those.First();
    }

    private void Leave(Guest guest)
    {
        lock (gate)
        {
            Remove(guest);
        }
    }

    private void Remove(Guest guest)
    {
        if (guest.Place is { } place)
        {
            guests.Remove(place);
            guest.Place = null;
            if (--guestsOf[guest.Address] == 0)
            {
                guestsOf.Remove(guest.Address);
            }
        }
    }

    /// <summary>One sender's address: of IPv6 the network, since one machine has as many addresses in it as it likes.</summary>
    private static string AddressOf(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint { Address: var address })
        {
            return "";
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private sealed class Guest(ConnectionContext connection, string address)
    {
        public ConnectionContext Connection => connection;

        public string Address => address;

        public bool Speaks { get; set; }

        /// <summary>Null: it has none any more.</summary>
        public LinkedListNode<Guest>? Place { get; set; }
    }
}
