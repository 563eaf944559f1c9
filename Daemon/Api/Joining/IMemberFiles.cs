using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>What a machine that joins gets of a member's files.</summary>
public interface IMemberFiles
{
    /// <summary>For a configuration that the machine is in.</summary>
    /// <exception cref="IOException">They can't be read.</exception>
    /// <exception cref="InvalidDataException">They don't fit; says what to do.</exception>
    MemberFiles Read(ClusterConfiguration configuration);
}

/// <summary>These files.</summary>
/// <param name="Corosync">Content of corosync.conf with the machine in it.</param>
/// <param name="Key">Corosync's key.</param>
/// <param name="Token">Token time in milliseconds.</param>
/// <param name="Port">That the API listens on, on every machine.</param>
public sealed record MemberFiles(string Corosync, ReadOnlyMemory<byte> Key, int Token, int Port);
