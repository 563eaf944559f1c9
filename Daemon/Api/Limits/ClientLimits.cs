namespace ClusterTools.Api;

/// <summary>What clients may hold of the API, and how long they may take.</summary>
internal sealed class ClientLimits(ApiServerOptions options)
{
    /// <summary>Bytes of bodies and answers under way.</summary>
    public Budget Bytes { get; } = new(options.MaxBytesOfOne, options.MaxBytes);

    /// <summary>Requests under way.</summary>
    public Budget Requests { get; } = new(options.MaxRequestsOfOne, options.MaxRequests);

    /// <summary>For taking the next piece of an answer.</summary>
    public TimeSpan Client => options.ClientLimit;
}
