using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>
/// Reads the <c>cluster.conf</c> of the classic Linux stack (cman and rgmanager) into the model (FEATURES G3).
/// </summary>
/// <remarks>
/// <para>What is understood is imported; what is not is a warning with its line that says what it means for the user;
/// what would make the result dangerous or useless is an error. Nothing is dropped in silence.</para>
/// <para>Where the file says nothing, our own defaults hold, not the classic ones: token 1 s (classic: 10 s), status
/// checks every 10 s (classic: by agent); both are in docs/import.md, the token is told. What was not limited, because
/// <c>__enforce_timeouts</c> is not there, has long limits.</para>
/// <para>Of an agent's own metadata only what <see cref="ClassicType"/> holds as data is known: levels, forbidden children, what may be
/// there once, and inheritance (<c>mountpoint</c>, <c>path</c> and <c>fsid</c> towards NFS exports and clients, <c>service%name</c> and
/// <c>service%nfslock</c>). Where two resources share a name or a file, the classic manager left the second one out; here it is
/// told.</para>
/// </remarks>
public static class ClusterConfImport
{
    /// <summary>Reads the bytes of a file: UTF-8, UTF-16, or what its XML declaration says. Never throws for what they hold.</summary>
    /// <param name="content">The bytes, already read.</param>
    /// <param name="installed">
    /// The agent that runs resources of a type that is not built in, such as <c>ocf:heartbeat:nginx</c> for <c>nginx</c>; null: there is
    /// none.
    /// </param>
    public static ImportResult Read(ReadOnlyMemory<byte> content, Func<string, string?>? installed = null)
    {
        if (ImportResult.RefuseSize(content.Length) is { } refused)
        {
            return refused;
        }
        if (NotXml(content.Span) is { } problem)
        {
            return problem;
        }
        return Translate(ConfElementReader.Read(content, out var malformed), malformed, installed);
    }

    /// <summary>Reads text that is already decoded; what its XML declaration says of an encoding is ignored.</summary>
    /// <param name="content">The text.</param>
    /// <param name="installed">The agent that runs resources of a type that is not built in; null: there is none.</param>
    public static ImportResult Read(string content, Func<string, string?>? installed = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (ImportResult.RefuseSize(content.Length) is { } refused)
        {
            return refused;
        }
        var text = content.AsSpan().TrimStart('\uFEFF');
        if (text.Trim().IsEmpty)
        {
            return ImportResult.RefuseEmpty();
        }
        if (text.TrimStart()[0] != '<')
        {
            return NoXml(1);
        }
        return Translate(ConfElementReader.Read(text.Length == content.Length ? content : text.ToString(), out var malformed), malformed,
            installed);
    }

    private static ImportResult Translate(ConfElement? root, ConfigurationProblem? malformed, Func<string, string?>? installed) =>
        root is null ? new ImportResult(null, [malformed!]) : ClusterConfTranslation.Translate(root, installed ?? (static _ => null));

    private static ImportResult? NotXml(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return null;
        }
        var start = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        var text = start.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty)
        {
            return ImportResult.RefuseEmpty();
        }
        // UTF-16 without a byte order mark has its first zero here too, and the XML reader knows it.
        var utf16 = text.Length > 1 && text[0] == (byte)'<' && text[1] == 0;
        if (!utf16 && text[0] != (byte)'<' && !(text[0] == 0 && text.Length > 1 && text[1] == (byte)'<'))
        {
            return NoXml(start[..(start.Length - text.Length)].Count((byte)'\n') + 1);
        }
        return null;
    }

    private static ImportResult NoXml(int line) =>
        ImportResult.Refused("", "The file is not XML: it does not begin with '<'.",
        "Give a cluster.conf, an XML file with <cluster> as its root.", line);
}
