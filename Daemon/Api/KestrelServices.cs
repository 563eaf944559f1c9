using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace ClusterTools.Api;

/// <summary>
/// The two things that Kestrel's TLS asks its container for: loggers, and its own instruments, which only it can name. In place of a
/// container that would cost memory for nothing.
/// </summary>
internal sealed class KestrelServices(ILoggerFactory loggers) : IServiceProvider, IMeterFactory
{
    private readonly Lock gate = new();
    private readonly Dictionary<Type, object?> made = [];
    private readonly List<Meter> meters = [];

    public object? GetService(Type serviceType)
    {
        if (serviceType == typeof(ILoggerFactory))
        {
            return loggers;
        }

        lock (gate)
        {
            if (!made.TryGetValue(serviceType, out object? service))
            {
                ConstructorInfo? constructor = serviceType.GetConstructor([typeof(IMeterFactory)]);
                service = constructor?.Invoke([this]);
                made.Add(serviceType, service);
            }

            return service;
        }
    }

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
