using System.Text.Json;
using System.Text.Unicode;

namespace ClusterTools.Core.Configuration;

/// <summary>The JSON form of the configuration: what <see cref="Write"/> gives, <see cref="Read"/> takes back as the same thing.</summary>
public static class ConfigurationJson
{
    /// <summary>
    /// Indented JSON (RFC 8259), UTF-8, members in a stable order, secrets included: redact first what leaves the cluster.
    /// </summary>
    public static byte[] Write(ClusterConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return [.. JsonSerializer.SerializeToUtf8Bytes(configuration, CoreJson.Indented.GetTypeInfo<ClusterConfiguration>()), (byte)'\n'];
    }

    /// <summary>Reads and validates. Never throws for what the bytes hold; every problem has its line where there is one.</summary>
    /// <param name="content">The bytes, already read.</param>
    /// <param name="original">Where the content says <see cref="SecretParameters.Replacement"/>, the secret at the same place here is put
    /// in.</param>
    public static ImportResult Read(ReadOnlyMemory<byte> content, ClusterConfiguration? original = null)
    {
        if (ImportResult.RefuseSize(content.Length) is { } refused)
        {
            return refused;
        }
        var utf8 = content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;
        if (utf8.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return ImportResult.RefuseEmpty();
        }
        if (!Utf8.IsValid(utf8.Span))
        {
            return ImportResult.Refused(
                "", "The file is not UTF-8 text.", "Save it as UTF-8 and read it again.", LineOf(utf8.Span, FirstInvalid(utf8.Span)));
        }

        var problems = new ProblemList();
        var places = new JsonPlaces();
        ClusterConfiguration? configuration;
        try
        {
            new JsonWalk(places, problems).Run(utf8.Span, typeof(ClusterConfiguration));
            if (problems.HasErrors)
            {
                return new ImportResult(null, problems.ToImmutable());
            }
            configuration = JsonSerializer.Deserialize(utf8.Span, CoreJson.Options.GetTypeInfo<ClusterConfiguration>());
        }
        catch (JsonException e)
        {
            var fault = JsonFault.Of(e);
            problems.Error(places.PathAt(fault.Line), $"Column {fault.Column}: {fault.Message}", fault.Remedy, fault.Line);
            return new ImportResult(null, problems.ToImmutable());
        }
        if (configuration is null)
        {
            return ImportResult.Refused("", "The file says null.", "Give a configuration as an object in { }.", 1);
        }

        if (original is not null)
        {
            configuration = SecretParameters.Restore(configuration, original);
        }
        foreach (var problem in ConfigurationValidation.Validate(configuration))
        {
            problems.Add(problem with { Line = places.LineOf(problem.Path) });
        }
        return new ImportResult(problems.HasErrors ? null : configuration, problems.ToImmutable());
    }

    private static int FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        var offset = 0;
        while (offset < utf8.Length
            && System.Text.Rune.DecodeFromUtf8(utf8[offset..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            offset += consumed;
        }
        return offset;
    }

    private static int LineOf(ReadOnlySpan<byte> utf8, int offset) => utf8[..offset].Count((byte)'\n') + 1;
}
