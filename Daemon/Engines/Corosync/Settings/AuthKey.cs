using System.Security.Cryptography;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>
/// The key that all nodes of a cluster share and encrypt their messages with (authkey, corosync-keygen(8)). Corosync takes a new one under
/// the same path when it reloads its settings, and changes over on all nodes at once.
/// </summary>
public sealed class AuthKey
{
    /// <summary>Bytes of a key that is made here, as corosync-keygen makes them.</summary>
    public const int Length = 256;

    /// <summary>Fewest bytes of a key.</summary>
    public const int MinLength = 128;

    /// <summary>Most bytes of a key.</summary>
    public const int MaxLength = 4096;

    private readonly byte[] bytes;

    /// <summary>A key that is there.</summary>
    /// <exception cref="ArgumentException">It is too short or too long.</exception>
    public AuthKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < MinLength or > MaxLength)
        {
            throw new ArgumentException(
                $"A key of corosync has {MinLength} to {MaxLength} bytes, not {bytes.Length}. Copy it from another node.", nameof(bytes));
        }

        this.bytes = bytes.ToArray();
    }

    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>What keys are compared by, and may be seen by anybody: SHA-256 of the key in hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>A new key.</summary>
    public static AuthKey Create() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>The fingerprint; the key itself is in no message.</summary>
    public override string ToString() => Fingerprint;
}
