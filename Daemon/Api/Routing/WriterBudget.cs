using ClusterTools.Core;

namespace ClusterTools.Api;

/// <summary>
/// How much one certificate may write into what all share, the journal above all: nobody, and no script that calls itself in a circle,
/// drives the cluster's own words out of it. A bucket that fills up with time; long messages take more. Thread-safe.
/// </summary>
/// <param name="options">Rate and burst.</param>
internal sealed class WriterBudget(ApiServerOptions options)
{
    // Characters that count as one message.
    private const double Ordinary = 1000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (double Room, long At)> writers = new(StringComparer.Ordinal);

    /// <summary>Takes what a message needs.</summary>
    /// <param name="request">Who writes.</param>
    /// <param name="requestId">Sent again, it has been paid for.</param>
    /// <param name="length">Characters.</param>
    /// <exception cref="ApiException">Too much was written lately.</exception>
    public void Take(ApiRequest request, string requestId, int length)
    {
        if (request.State.Operations.ContainsKey(requestId))
        {
            return;
        }

        double needed = Math.Max(1, length / Ordinary);
        lock (gate)
        {
            long now = Environment.TickCount64;
            (double room, long at) = writers.GetValueOrDefault(request.Caller.Fingerprint, (options.WriterBurst, now));
            room = Math.Min(options.WriterBurst, room + ((now - at) / 1000.0 * options.WritesPerSecond));
            bool enough = room >= needed;
            writers[request.Caller.Fingerprint] = (enough ? room - needed : room, now);
            if (!enough)
            {
                throw Problems.TooManyWrites(options.WritesPerSecond, (int)Math.Ceiling((needed - room) / options.WritesPerSecond));
            }
        }
    }
}
