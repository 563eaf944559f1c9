using System.Security.Cryptography;
using System.Text;

namespace ClusterTools.Client;

/// <summary>
/// What a machine joins with: whom to ask, the cluster's authority, a certificate that lets it in once, and what opens the node's key. Who
/// has it can join in the machine's place while it is good.
/// </summary>
public sealed class JoinToken
{
    private const string Mark = "join1-";
    private const int Check = 4;
    private const int MaxPart = 4096;

    /// <summary>The member that keeps the invitation.</summary>
    public string Server { get; set; } = "";

    /// <summary>The node that the machine will be.</summary>
    public string Node { get; set; } = "";

    /// <summary>The machine's IP addresses, separated by commas.</summary>
    public string Addresses { get; set; } = "";

    /// <summary>The cluster's CA, DER: no other server is believed.</summary>
    public byte[] Authority { get; set; } = [];

    /// <summary>The certificate to show, DER.</summary>
    public byte[] Certificate { get; set; } = [];

    /// <summary>Its key, PKCS #8.</summary>
    public byte[] Key { get; set; } = [];

    /// <summary>What the node's own key is encrypted with.</summary>
    public string Password { get; set; } = "";

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is none, or not whole.</exception>
    public static JoinToken Read(string text)
    {
        try
        {
            string word = text.Trim();
            if (!word.StartsWith(Mark, StringComparison.Ordinal))
            {
                throw new FormatException();
            }

            string base64 = word.Substring(Mark.Length).Replace('-', '+').Replace('_', '/');
            byte[] all = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            byte[] content = all.Take(all.Length - Check).ToArray();
            if (all.Length < Check || !Digest(content).SequenceEqual(all.Skip(all.Length - Check)))
            {
                throw new FormatException();
            }

            using var reader = new BinaryReader(new MemoryStream(content));
            return new JoinToken
            {
                Server = Encoding.UTF8.GetString(Part(reader)),
                Node = Encoding.UTF8.GetString(Part(reader)),
                Addresses = Encoding.UTF8.GetString(Part(reader)),
                Authority = Part(reader),
                Certificate = Part(reader),
                Key = Part(reader),
                Password = Encoding.UTF8.GetString(Part(reader)),
            };
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            throw new InvalidDataException(
                "This is not a join token, or not all of it. It begins with 'join1-' and is one long word; copy it anew.", e);
        }
    }

    /// <summary>As one word.</summary>
    public override string ToString()
    {
        var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        byte[][] parts =
        [
            Encoding.UTF8.GetBytes(Server), Encoding.UTF8.GetBytes(Node), Encoding.UTF8.GetBytes(Addresses), Authority, Certificate, Key,
            Encoding.UTF8.GetBytes(Password),
        ];
        foreach (byte[] part in parts)
        {
            writer.Write((ushort)part.Length);
            writer.Write(part);
        }

        byte[] all = [.. content.ToArray(), .. Digest(content.ToArray())];
        return Mark + Convert.ToBase64String(all).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static byte[] Part(BinaryReader reader)
    {
        int length = reader.ReadUInt16();
        byte[] part = length <= MaxPart ? reader.ReadBytes(length) : throw new FormatException();
        return part.Length == length ? part : throw new FormatException();
    }

    // Against words that were not copied as a whole.
    private static byte[] Digest(byte[] content)
    {
        using var sha = SHA256.Create();
        return [.. sha.ComputeHash(content).Take(Check)];
    }
}
