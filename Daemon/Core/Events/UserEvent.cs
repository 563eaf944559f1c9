namespace ClusterTools.Core;

/// <summary>An event of an administrator's or a program's own, for event scripts and the journal (FEATURES B11).</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who sent it.</param>
/// <param name="Name">Its kind is <c>user.NAME</c>: 1 to 64 letters, digits, '-', '_' and '.'.</param>
/// <param name="Data">Anything, for the script, in one plain line (<see cref="PlainText"/>): the message of the event, which is the name
/// without it; at most 4,096 characters.</param>
public sealed record UserEvent(string RequestId, string Who, string Name, string? Data = null) : Request(RequestId, Who);
