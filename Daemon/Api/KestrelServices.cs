using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace ClusterTools.Api;

/// <summary>
/// The two things that Kestrel's TLS asks its container for: loggers, and its own instruments. In place of a container that would cost
/// memory for nothing.
/// </summary>
internal sealed class KestrelServices : IServiceProvider, IMeterFactory
{
    // Internal to Kestrel; by its name as a constant the native compiler keeps it.
    private static readonly ConstructorInfo? Instruments = Type.GetType(
        "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Infrastructure.KestrelMetrics, Microsoft.AspNetCore.Server.Kestrel.Core")
        ?.GetConstructor([typeof(IMeterFactory)]);

    private readonly ILoggerFactory loggers;
    private readonly Lazy<object?> instruments;
    private readonly List<Meter> meters = [];

    public KestrelServices(ILoggerFactory loggers)
    {
        this.loggers = loggers;
        instruments = new Lazy<object?>(() => Instruments?.Invoke([this]));
    }

    public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? loggers
        : serviceType == Instruments?.DeclaringType ? instruments.Value
        : null;

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        foreach (Meter meter in meters)
        {
            meter.Dispose();
        }
    }
}
