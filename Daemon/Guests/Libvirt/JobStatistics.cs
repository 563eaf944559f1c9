using ClusterTools.Guests.Libvirt.Native;

namespace ClusterTools.Guests.Libvirt;

/// <summary>Reads what libvirt says of a job (VIR_DOMAIN_JOB_* of libvirt-domain.h).</summary>
internal static unsafe class JobStatistics
{
    /// <summary>
    /// What is done with a guest now, and how far it is; null: nothing, or the guest is gone, or this hypervisor has no jobs.
    /// </summary>
    public static (GuestJob Job, MigrationProgress Progress)? Of(DomainHandle domain)
    {
        const int NoJob = 0;
        if (LibVirt.GetJob(domain, out int type, out LibVirt.TypedParameter* parameters, out int count, 0) < 0)
        {
            return null;
        }

        (GuestJob Job, MigrationProgress Progress)? read = type == NoJob ? null
            : (DomainStates.Job((int)Find(parameters, count, "operation").GetValueOrDefault()), Read(parameters, count));
        LibVirt.Free(parameters, count);
        return read;
    }

    public static MigrationProgress Read(LibVirt.TypedParameter* parameters, int count) => new()
    {
        Elapsed = TimeSpan.FromMilliseconds(Find(parameters, count, "time_elapsed").GetValueOrDefault()),
        Downtime = Find(parameters, count, "downtime") is { } downtime ? TimeSpan.FromMilliseconds(downtime) : null,
        Sent = Find(parameters, count, "data_processed").GetValueOrDefault(),
        Remaining = Find(parameters, count, "data_remaining").GetValueOrDefault(),
        Total = Find(parameters, count, "data_total").GetValueOrDefault(),
        Speed = Find(parameters, count, "memory_bps").GetValueOrDefault() + Find(parameters, count, "disk_bps").GetValueOrDefault(),
        Rounds = (int)Find(parameters, count, "memory_iteration").GetValueOrDefault(),
    };

    private static long? Find(LibVirt.TypedParameter* parameters, int count, string name)
    {
        for (int i = 0; i < count; i++)
        {
            if (parameters[i].Name == name)
            {
                return parameters[i].Type switch
                {
                    LibVirt.TypedParameter.Int or LibVirt.TypedParameter.UnsignedInt => (int)parameters[i].Value,
                    LibVirt.TypedParameter.Long or LibVirt.TypedParameter.UnsignedLong => parameters[i].Value,
                    _ => null,
                };
            }
        }

        return null;
    }
}
