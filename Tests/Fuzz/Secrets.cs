using System.Text;

namespace ClusterTools.Fuzz;

/// <summary>Secrets in what is put in, and none in what comes out.</summary>
internal static class Secrets
{
    /// <summary>The beginning of all of them.</summary>
    public const string Marker = "hunter2-never-shown";

    private static readonly byte[] MarkerBytes = Encoding.UTF8.GetBytes(Marker);

    // What stands before a secret in the corpus. Where a change has put another name before it, it is no secret any more.
    private static readonly byte[][] Names = [.. new[]
    {
        "passwd=\"", "\"passwd\": \"", "\"password\": \"", "\"snmp_priv_passwd\": \"", "\"passwd\":\"", "\"password\":\"",
    }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The text with all secrets that lost their name made harmless.</summary>
    public static byte[] Named(byte[] text) => Without(text, (whole, place) => Names.Any(n => whole.AsSpan(0, place).EndsWith(n)));

    /// <summary>The text with all secrets made harmless: where none belongs.</summary>
    public static byte[] Without(byte[] text) => Without(text, (_, _) => false);

    private static byte[] Without(byte[] text, Func<byte[], int, bool> stays)
    {
        for (int at = 0; text.AsSpan(at).IndexOf(MarkerBytes) is >= 0 and var next; at += next + 1)
        {
            int place = at + next;
            if (!stays(text, place))
            {
                text = [.. text];
                text[place] = (byte)'H';
            }
        }

        return text;
    }

    public static bool In(string text) => text.Contains(Marker, StringComparison.Ordinal);
}
