namespace ClusterTools.Guests;

/// <summary>Whether a guest runs on a host, told as it changes.</summary>
/// <param name="Name">The guest's.</param>
/// <param name="Runs">It is there and not off; whether it does well is another question.</param>
/// <param name="Guest">What the host says of it; null: it does not know it.</param>
/// <param name="MovedAway">It runs no more because it was moved to another host.</param>
public sealed record GuestNotice(string Name, bool Runs, Guest? Guest = null, bool MovedAway = false);
