namespace ClusterTools.Guests;

/// <summary>
/// The hypervisor of one host. Guests are named by their name. Every call has a limit: who does not answer in time is
/// <see cref="HypervisorFault.Unanswered"/>, and what was asked for may have come about all the same.
/// </summary>
public interface IHypervisor : IAsyncDisposable
{
    /// <summary>What the host is and has.</summary>
    /// <exception cref="HypervisorException">It can't be asked.</exception>
    Task<HostCapacity> GetCapacityAsync(CancellationToken cancellationToken);

    /// <summary>All guests that the host knows, running or not.</summary>
    /// <exception cref="HypervisorException">It can't be asked.</exception>
    Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancellationToken);

    /// <summary>One guest; null: the host does not know it.</summary>
    /// <exception cref="HypervisorException">It can't be asked.</exception>
    Task<Guest?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>A guest's definition in the hypervisor's own words, from which it can be defined elsewhere.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorFault.NoSuchGuest"/>, or it can't be asked.</exception>
    Task<string> GetDefinitionAsync(string name, CancellationToken cancellationToken);

    /// <summary>Makes a definition known to the host, in the place of one of the same name.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorFault.BadDefinition"/>, or it can't be asked.</exception>
    Task DefineAsync(string definition, CancellationToken cancellationToken);

    /// <summary>
    /// The host forgets a guest's definition. A guest that runs goes on, and is forgotten when it ends; one that is not known is well.
    /// </summary>
    /// <exception cref="HypervisorException">It can't be asked.</exception>
    Task UndefineAsync(string name, CancellationToken cancellationToken);

    /// <summary>Starts a guest that the host knows; one that runs is well.</summary>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorFault.NoSuchGuest"/>, it does not start, or it can't be asked.
    /// </exception>
    Task StartAsync(string name, CancellationToken cancellationToken);

    /// <summary>Starts a guest that the host forgets again when it ends.</summary>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorFault.BadDefinition"/>, it does not start, or it can't be asked.
    /// </exception>
    Task StartTransientAsync(string definition, CancellationToken cancellationToken);

    /// <summary>Asks the guest itself to shut down; whether it does shows in <see cref="WatchAsync"/>. One that is off is well.</summary>
    /// <exception cref="HypervisorException">It can't be asked.</exception>
    Task ShutdownAsync(string name, CancellationToken cancellationToken);

    /// <summary>Ends a guest at once; it is off when this returns. One that is off, or not known, is well.</summary>
    /// <exception cref="HypervisorException">It can't be asked, or did not end.</exception>
    Task PowerOffAsync(string name, CancellationToken cancellationToken);

    /// <summary>Resets a guest that runs, as by its reset button.</summary>
    /// <exception cref="HypervisorException">It does not run, or it can't be asked.</exception>
    Task ResetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Halts a guest in its tracks; one that is paused is well.</summary>
    /// <exception cref="HypervisorException">It does not run, or it can't be asked.</exception>
    Task SuspendAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lets a paused guest go on; one that runs is well.</summary>
    /// <exception cref="HypervisorException">It does not run, or it can't be asked.</exception>
    Task ResumeAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Moves a guest to another host. Cancelling it ends the migration, and waits until it has ended: the guest stays here then, unless
    /// the last step was taken already. When it fails, where the guest runs is to be asked of both hosts.
    /// </summary>
    /// <param name="name">The guest.</param>
    /// <param name="order">Where to, and how.</param>
    /// <param name="progress">Told a few times a second; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What it took.</returns>
    /// <exception cref="HypervisorException"><see cref="HypervisorFault.MigrationFailed"/> or one of the others.</exception>
    /// <exception cref="OperationCanceledException">It was ended on request.</exception>
    Task<MigrationProgress> MigrateAsync(
        string name, MigrationOrder order, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken);

    /// <summary>
    /// What becomes of the host's guests, as it happens: first all of them, then each change; when the host can't be asked any more, that,
    /// and when it can be again, all of them once more. A change that a list has already may be told after it. Never ends by itself.
    /// </summary>
    IAsyncEnumerable<GuestEvent> WatchAsync(CancellationToken cancellationToken);
}
