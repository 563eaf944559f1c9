using System.Diagnostics;
using System.Net.Sockets;
using ClusterTools.Guests.Libvirt.Native;

namespace ClusterTools.Guests.Libvirt;

/// <summary>Guests that move to other hosts, the hosts' daemons doing it among themselves.</summary>
public sealed partial class LibvirtHypervisor
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a destination may take to take up a connection.</summary>
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public async Task<MigrationProgress> MigrateAsync(
        string name, MigrationOrder order, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        string what = $"Guest '{name}' is not moved to {order.Destination}";
        await ProbeAsync(what, order.Destination, cancellationToken).ConfigureAwait(false);
        LibvirtLink link = await OpenAsync(cancellationToken).ConfigureAwait(false);
        (DomainHandle found, bool persists) = await CallAsync(
            what, connection => Find(connection, name) is { } guest ? (guest, LibVirt.IsPersistent(guest) == 1) : throw Unknown(what),
            cancellationToken).ConfigureAwait(false);
        using DomainHandle domain = found;
        Task<MigrationProgress> completion = link.NextCompletion(domain.Id);
        long began = Stopwatch.GetTimestamp();
        Task<HypervisorException?> moving = OnThread(() => Move(domain, order, persists, what));
        MigrationProgress last = await AttendAsync(moving, domain, order, progress, began, cancellationToken).ConfigureAwait(false);
        if (await moving.ConfigureAwait(false) is { } failure)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw link.IsBroken ? new HypervisorException(HypervisorFault.Unanswered, failure.Message) : failure;
        }

        // It comes by another way than the answer, soon before or after it; a definition alone has none.
        await Task.WhenAny(completion, Task.Delay(Look, CancellationToken.None)).ConfigureAwait(false);
        return completion.IsCompletedSuccessfully ? await completion.ConfigureAwait(false)
            : last with { Elapsed = Stopwatch.GetElapsedTime(began), Remaining = 0 };
    }

    /// <summary>Follows a migration to its end, tells how far it is, and ends it when it is to be ended.</summary>
    private async Task<MigrationProgress> AttendAsync(
        Task<HypervisorException?> moving, DomainHandle domain, MigrationOrder order, IProgress<MigrationProgress>? progress, long began,
        CancellationToken cancellationToken)
    {
        MigrationProgress last = new();
        TimeSpan limit = order.Limit;
        bool isSuspended = order.Kind != MigrationKind.Live;
        while (await Task.WhenAny(moving, Task.Delay(Look, CancellationToken.None)).ConfigureAwait(false) != moving)
        {
            bool isUp = Stopwatch.GetElapsedTime(began) > limit;
            if (cancellationToken.IsCancellationRequested || (isUp && (isSuspended || order.AtLimit == MigrationAtLimit.Abort)))
            {
                // As often as it takes: near its end a job can't be ended, and then it ends by itself.
                await WithinLimitAsync(() => LibVirt.AbortJob(domain)).ConfigureAwait(false);
            }
            else if (isUp)
            {
                await WithinLimitAsync(() => LibVirt.Suspend(domain)).ConfigureAwait(false);
                isSuspended = true;
                limit *= 2;
            }

            if (await WithinLimitAsync(() => JobStatistics.Of(domain)?.Progress).ConfigureAwait(false) is { } now)
            {
                last = now;
                progress?.Report(now);
            }
        }

        return last;
    }

    /// <summary>
    /// What a running migration is asked beside its own call; without an answer it is asked again, for what counts is how that call ends.
    /// </summary>
    private async Task<T?> WithinLimitAsync<T>(Func<T> call)
    {
        try
        {
            return await OnThread(call).WaitAsync(options.CallLimit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or ObjectDisposedException)
        {
            return default;
        }
    }

    /// <returns>Why it failed; null: it is there.</returns>
    private static unsafe HypervisorException? Move(DomainHandle domain, MigrationOrder order, bool persists, string what)
    {
        LibVirt.TypedParameter* parameters = null;
        int count = 0;
        int room = 0;
        try
        {
            int failed = 0;
            if (order.Network is { } network)
            {
                failed |= LibVirt.Add(ref parameters, ref count, ref room, "migrate_uri", network);
            }

            if (order.Bandwidth is { } bandwidth)
            {
                failed |= LibVirt.Add(ref parameters, ref count, ref room, "bandwidth", (ulong)bandwidth);
            }

            if (order.Connections is { } connections)
            {
                failed |= LibVirt.Add(ref parameters, ref count, ref room, "parallel.connections", connections);
            }

            if (failed < 0 || LibVirt.MigrateTo(domain, order.Destination, parameters, (uint)count, Flags(order, persists)) < 0)
            {
                HypervisorException failure = LibvirtFault.Last(what);
                return failure.Fault is HypervisorFault.Failed or HypervisorFault.Unreachable
                    ? new HypervisorException(HypervisorFault.MigrationFailed, failure.Message)
                    : failure;
            }

            return null;
        }
        finally
        {
            LibVirt.Free(parameters, count);
        }
    }

    private static LibVirt.Migrate Flags(MigrationOrder order, bool persists)
    {
        LibVirt.Migrate flags = LibVirt.Migrate.PeerToPeer;
        if (persists)
        {
            flags |= LibVirt.Migrate.PersistDestination | LibVirt.Migrate.UndefineSource;
        }

        if (order.Kind == MigrationKind.Definition)
        {
            return flags | LibVirt.Migrate.Offline;
        }

        flags |= LibVirt.Migrate.ChangeProtection | LibVirt.Migrate.AbortOnError;
        return flags
            | If(order.Kind == MigrationKind.Live, LibVirt.Migrate.Live)
            | If(order.Kind == MigrationKind.Live && order.AutoConverge, LibVirt.Migrate.AutoConverge)
            | If(order.PostCopy, LibVirt.Migrate.PostCopy)
            | If(order.Connections is not null, LibVirt.Migrate.Parallel)
            | If(order.Tls, LibVirt.Migrate.Tls)
            | If(order.CopyDisks, LibVirt.Migrate.NonSharedDisk)
            | If(order.IsCacheSafe, LibVirt.Migrate.Unsafe);

        static LibVirt.Migrate If(bool so, LibVirt.Migrate flag) => so ? flag : LibVirt.Migrate.None;
    }

    /// <summary>A host that is off keeps a daemon that wants to connect to it waiting for a minute.</summary>
    private async Task ProbeAsync(string what, string destination, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(destination, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            throw new HypervisorException(
                HypervisorFault.MigrationFailed,
                $"{what}: '{destination}' is no address of another host, such as qemu+tls://host2/system.");
        }

        int port = uri.Port > 0 ? uri.Port
            : uri.Scheme.Split('+')[^1] switch { "tcp" => 16509, "ssh" or "libssh" or "libssh2" => 22, _ => 16514 };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeLimit);
        try
        {
            using Socket socket = await OnThread(() =>
            {
                options.OnThread?.Invoke();
                return new Socket(SocketType.Stream, ProtocolType.Tcp);
            }).ConfigureAwait(false);
            await socket.ConnectAsync(uri.Host, port, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new HypervisorException(
                HypervisorFault.MigrationFailed,
                $"{what}: port {port} of {uri.Host} can't be reached from here: "
                    + (e is SocketException ? e.Message : $"no answer within {ProbeLimit.TotalSeconds:0} s") + ".");
        }
    }
}
