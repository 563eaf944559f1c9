using ClusterTools.Guests.Libvirt.Native;

namespace ClusterTools.Guests.Libvirt;

/// <summary>What guests there are, and their power.</summary>
public sealed partial class LibvirtHypervisor
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancellationToken) =>
        CallAsync("The host's guests are not known", List, cancellationToken);

    /// <inheritdoc/>
    public Task<Guest?> FindAsync(string name, CancellationToken cancellationToken) => CallAsync(
        $"Guest '{name}' is not found", connection =>
        {
            using DomainHandle? domain = Find(connection, name);
            return domain is null ? null : Read(domain);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<string> GetDefinitionAsync(string name, CancellationToken cancellationToken)
    {
        // With its secrets, and as it is started next, not as it runs now.
        const uint SecureAndInactive = 1 | 2;
        return OnGuestAsync(
            $"The definition of guest '{name}' is not known", name,
            (domain, what) => LibVirt.Take(LibVirt.GetXml(domain, SecureAndInactive)) ?? throw LibvirtFault.Last(what), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DefineAsync(string definition, CancellationToken cancellationToken) => ByDefinitionAsync(
        $"Guest '{Definitions.Name(definition)}' is not defined", connection => LibVirt.Define(connection, definition), cancellationToken);

    /// <inheritdoc/>
    public Task UndefineAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' is not undefined", name, static domain => LibVirt.IsPersistent(domain) == 0, static domain =>
            LibVirt.Undefine(domain, LibVirt.UndefineAll), cancellationToken, isWellWithout: true);

    /// <inheritdoc/>
    public Task StartAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' is not started", name, static domain => Phase(domain) == GuestPhase.Running, LibVirt.Create, cancellationToken);

    /// <inheritdoc/>
    public Task StartTransientAsync(string definition, CancellationToken cancellationToken) => ByDefinitionAsync(
        $"Guest '{Definitions.Name(definition)}' is not started", connection => LibVirt.CreateTransient(connection, definition, 0),
        cancellationToken);

    /// <inheritdoc/>
    public Task ShutdownAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' is not asked to shut down", name, IsOff, LibVirt.Shutdown, cancellationToken, isWellWithout: true);

    /// <inheritdoc/>
    public Task PowerOffAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' is not switched off", name, IsOff, LibVirt.Destroy, cancellationToken, isWellWithout: true);

    /// <inheritdoc/>
    public Task ResetAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' is not reset", name, static _ => false, static domain => LibVirt.Reset(domain, 0), cancellationToken);

    /// <inheritdoc/>
    public Task SuspendAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' is not suspended", name, static domain => Phase(domain) == GuestPhase.Paused, LibVirt.Suspend, cancellationToken);

    /// <inheritdoc/>
    public Task ResumeAsync(string name, CancellationToken cancellationToken) => OnGuestAsync(
        $"Guest '{name}' does not go on", name, static domain => Phase(domain) == GuestPhase.Running, LibVirt.Resume, cancellationToken);

    private Task ByDefinitionAsync(string what, Func<ConnectionHandle, DomainHandle> make, CancellationToken cancellationToken) =>
        CallAsync(
            what, connection =>
            {
                using DomainHandle domain = make(connection);
                return domain.IsInvalid ? throw LibvirtFault.Last(what) : true;
            },
            cancellationToken);

    /// <summary>Does something to a guest unless it is so already; when it fails and is so then, that is well, too.</summary>
    private Task OnGuestAsync(
        string what, string name, Func<DomainHandle, bool> isSo, Func<DomainHandle, int> make, CancellationToken cancellationToken,
        bool isWellWithout = false) => CallAsync(
        what, connection =>
        {
            using DomainHandle? domain = Find(connection, name);
            if (domain is null)
            {
                return isWellWithout ? true : throw Unknown(what);
            }

            if (isSo(domain) || make(domain) >= 0)
            {
                return true;
            }

            HypervisorException failure = LibvirtFault.Last(what);
            // It may have come about meanwhile, or the guest be gone.
            return isSo(domain) || (isWellWithout && failure.Fault == HypervisorFault.NoSuchGuest) ? true : throw failure;
        },
        cancellationToken);

    private Task<T> OnGuestAsync<T>(string what, string name, Func<DomainHandle, string, T> ask, CancellationToken cancellationToken) =>
        CallAsync(
            what, connection =>
            {
                using DomainHandle domain = Find(connection, name) ?? throw Unknown(what);
                return ask(domain, what);
            },
            cancellationToken);

    private static HypervisorException Unknown(string what) =>
        new(HypervisorFault.NoSuchGuest, $"{what}: the host knows no such guest.");

    /// <summary>Null: there is none.</summary>
    private static DomainHandle? Find(ConnectionHandle connection, string name)
    {
        DomainHandle domain = LibVirt.LookUp(connection, name);
        return !domain.IsInvalid ? domain
            : LibvirtFault.LastNumber() == LibvirtFault.NoDomain ? null
            : throw LibvirtFault.Last($"Guest '{name}' is not found");
    }

    private static bool IsOff(DomainHandle domain) => Phase(domain) == GuestPhase.Off;

    private static GuestPhase Phase(DomainHandle domain) =>
        LibVirt.GetState(domain, out int state, out _, 0) < 0 ? GuestPhase.Unknown : DomainStates.Phase(state);

    private static unsafe IReadOnlyList<Guest> List(ConnectionHandle connection)
    {
        int count = LibVirt.ListDomains(connection, out nint* domains, 0);
        if (count < 0)
        {
            throw LibvirtFault.Last("The host's guests are not known");
        }

        // All are owned before any can fail.
        DomainHandle[] all = [.. Enumerable.Range(0, count).Select(i => new DomainHandle(domains[i]))];
        LibVirt.Release((nint)domains);
        try
        {
            return [.. all.Select(Read).OfType<Guest>().OrderBy(static guest => guest.Name, StringComparer.Ordinal)];
        }
        finally
        {
            Array.ForEach(all, static domain => domain.Dispose());
        }
    }

    /// <summary>Null: it is gone meanwhile.</summary>
    private static Guest? Read(DomainHandle domain)
    {
        int persistent = 0;
        LibVirt.DomainInfo info = default;
        if (LibVirt.GetState(domain, out int state, out int reason, 0) < 0
            || LibVirt.GetInfo(domain, out info) < 0
            || (persistent = LibVirt.IsPersistent(domain)) < 0)
        {
            return LibvirtFault.LastNumber() == LibvirtFault.NoDomain ? null
                : throw LibvirtFault.Last($"The state of guest '{domain.Name}' is not known");
        }

        return new Guest
        {
            Name = domain.Name,
            Id = domain.Id,
            Phase = DomainStates.Phase(state),
            Cause = DomainStates.Cause(state, reason),
            IsPersistent = persistent == 1,
            Memory = (long)info.Memory.Value * 1024,
            MaxMemory = (long)info.MaxMemory.Value * 1024,
            Processors = info.Processors,
            Job = DomainStates.Phase(state) == GuestPhase.Off ? GuestJob.None
                : JobStatistics.Of(domain)?.Job ?? GuestJob.None,
        };
    }
}
