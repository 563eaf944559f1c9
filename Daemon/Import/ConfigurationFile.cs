using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>A configuration in either form: a classic cluster.conf or our own JSON.</summary>
public static class ConfigurationFile
{
    /// <summary>
    /// Reads by what the content begins with: <c>&lt;</c> is a cluster.conf, <c>{</c> is JSON. Never throws for what the bytes hold.
    /// </summary>
    /// <param name="name">Name of the file, for messages only.</param>
    /// <param name="content">The bytes, already read.</param>
    /// <param name="installed">The agent that runs resources of a type of cluster.conf that is not built in; null: there is none.</param>
    public static ImportResult Read(string name, ReadOnlyMemory<byte> content, Func<string, string?>? installed = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (ImportResult.RefuseSize(content.Length) is { } refused)
        {
            return refused;
        }
        var start = content.Span;
        if (start.StartsWith("\uFEFF"u8))
        {
            start = start[3..];
        }
        start = start.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty)
        {
            return ImportResult.RefuseEmpty();
        }
        var utf16 = start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
        return start[0] switch
        {
            (byte)'<' => ClusterConfImport.Read(content, installed),
            _ when utf16 => ClusterConfImport.Read(content, installed),
            (byte)'{' => ConfigurationJson.Read(content),
            _ => ImportResult.Refused(
                name,
                $"'{name}' is neither a cluster.conf (which begins with '<') nor a configuration in JSON (which begins with '{{').",
                "Give one of the two; 'clusterd check FILE' shows what is understood of it.",
                content.Span[..(content.Length - start.Length)].Count((byte)'\n') + 1),
        };
    }
}
