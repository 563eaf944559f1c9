using ClusterTools.Agents;

namespace ClusterTools.Guests.Executing;

/// <summary>What came of an action on a guest.</summary>
/// <param name="Success">It did what was asked; of a question: it was answered.</param>
/// <param name="Status">What is known of the guest now.</param>
/// <param name="Message">One sentence.</param>
internal sealed record GuestAnswer(bool Success, ResourceStatus Status, string Message)
{
    public static GuestAnswer Running(string message) => new(true, ResourceStatus.Running, message);

    public static GuestAnswer Stopped(string message) => new(true, ResourceStatus.Stopped, message);

    public static GuestAnswer Broken(string message) => new(true, ResourceStatus.Failed, message);

    public static GuestAnswer Unknown(string message) => new(false, ResourceStatus.Unknown, message);

    public static GuestAnswer CannotRun(string message) => new(false, ResourceStatus.CannotRun, message);
}
