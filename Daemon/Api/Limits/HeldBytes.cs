namespace ClusterTools.Api;

/// <summary>The bytes that one body or answer holds of its client's budget, until disposed.</summary>
internal sealed class HeldBytes(Budget budget, Caller? caller) : IDisposable
{
    private readonly string client = caller?.Fingerprint ?? "";
    private long held;

    /// <exception cref="ApiException">The client, or all together, hold too much already.</exception>
    public void Take(long bytes)
    {
        if (budget.Take(client, caller?.IsAdministrator ?? false, bytes) is { } limit)
        {
            throw Problems.TooMuchUnderWay(limit);
        }

        held += bytes;
    }

    public void Dispose()
    {
        if (held > 0)
        {
            budget.Return(client, held);
            held = 0;
        }
    }
}
