namespace ClusterTools.Guests;

/// <summary>Whether a guest runs on a host, told as it changes.</summary>
/// <param name="Name">The guest's.</param>
/// <param name="Runs">It is there and not off; whether it does well is another question.</param>
public sealed record GuestNotice(string Name, bool Runs);
