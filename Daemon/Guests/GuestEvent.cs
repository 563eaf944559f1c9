namespace ClusterTools.Guests;

/// <summary>Something that <see cref="IHypervisor.WatchAsync"/> tells.</summary>
public abstract record GuestEvent;

/// <summary>All guests of the host, at the beginning and whenever changes may have been missed.</summary>
public sealed record GuestsListed(IReadOnlyList<Guest> Guests) : GuestEvent;

/// <summary>Something happened to one guest.</summary>
/// <param name="Name">The guest's.</param>
/// <param name="Id">The guest's.</param>
/// <param name="Change">What happened.</param>
/// <param name="Cause">Why.</param>
public sealed record GuestChanged(string Name, Guid Id, GuestChange Change, GuestCause Cause) : GuestEvent;

/// <summary>The host can't be asked; what its guests do is not known from here on.</summary>
/// <param name="Reason">For people.</param>
public sealed record HypervisorLost(string Reason) : GuestEvent;
