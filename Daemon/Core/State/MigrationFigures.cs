namespace ClusterTools.Core;

/// <summary>How far a migration is, or what it took.</summary>
/// <param name="Elapsed">Milliseconds since its beginning.</param>
/// <param name="Downtime">Milliseconds that the guest stood still, or is expected to; null: not known.</param>
/// <param name="Sent">Bytes sent so far.</param>
/// <param name="Remaining">Bytes to be sent yet; the guest may make them more again.</param>
/// <param name="Total">Bytes that it began with.</param>
/// <param name="Speed">Bytes a second; 0: not known.</param>
/// <param name="Rounds">How often the guest's memory was gone through.</param>
public sealed record MigrationFigures(
    long Elapsed, long? Downtime = null, long Sent = 0, long Remaining = 0, long Total = 0, long Speed = 0, int Rounds = 0);
