namespace ClusterTools.Api;

/// <summary>
/// What clients may hold of something scarce (bytes, requests, streams, connections): each of them, and all together. The last quarter of
/// it is kept for administrators, so that nobody else can keep them out.
/// </summary>
/// <param name="ofOne">What one client may hold.</param>
/// <param name="inAll">What all of them together may hold.</param>
internal sealed class Budget(long ofOne, long inAll)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> held = new(StringComparer.Ordinal);
    private long sum;

    /// <summary>What all clients hold now.</summary>
    public long Held
    {
        get
        {
            lock (gate)
            {
                return sum;
            }
        }
    }

    /// <summary>Takes all of the amount or nothing.</summary>
    /// <param name="client">Whose; such as the fingerprint of a certificate.</param>
    /// <param name="administrator">May have what is kept for administrators.</param>
    /// <param name="amount">How much.</param>
    /// <returns>Null when it was taken, else the limit that is in the way.</returns>
    public long? Take(string client, bool administrator, long amount)
    {
        long most = administrator ? inAll : inAll - (inAll / 4);
        lock (gate)
        {
            long mine = held.GetValueOrDefault(client) + amount;
            if (mine > ofOne)
            {
                return ofOne;
            }

            if (sum + amount > most)
            {
                return most;
            }

            held[client] = mine;
            sum += amount;
            return null;
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(string client, long amount)
    {
        lock (gate)
        {
            sum -= amount;
            if ((held[client] -= amount) == 0)
            {
                held.Remove(client);
            }
        }
    }
}
