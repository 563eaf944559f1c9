namespace ClusterTools.Core;

/// <summary>What a guest is, as its host says.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Memory">Its memory now, in bytes.</param>
/// <param name="MaxMemory">The most memory that it may have, in bytes.</param>
/// <param name="Processors">Its virtual processors.</param>
public sealed record GuestFacts(string Id, long Memory, long MaxMemory, int Processors);
