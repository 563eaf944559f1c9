using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace ClusterTools.Core.Configuration;

/// <summary>The JSON form of the configuration: what <see cref="Write"/> gives, <see cref="Read"/> takes back as the same thing.</summary>
public static partial class ConfigurationJson
{
    /// <summary>Indented JSON (RFC 8259), UTF-8, members in a stable order, secrets included: redact first what leaves the cluster.</summary>
    public static byte[] Write(ClusterConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return [.. JsonSerializer.SerializeToUtf8Bytes(configuration, CoreJson.Indented), (byte)'\n'];
    }

    /// <summary>Reads and validates. Never throws for what the bytes hold; every problem has its line where there is one.</summary>
    /// <param name="content">The bytes, already read.</param>
    /// <param name="original">Where the content says <see cref="SecretParameters.Replacement"/>, the secret at the same place here is put in.</param>
    public static ImportResult Read(ReadOnlyMemory<byte> content, ClusterConfiguration? original = null)
    {
        if (ConfigurationFile.RefuseSize(content.Length) is { } refused)
        {
            return refused;
        }
        var utf8 = content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;
        if (utf8.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return ConfigurationFile.RefuseEmpty();
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
            configuration = JsonSerializer.Deserialize<ClusterConfiguration>(utf8.Span, CoreJson.Options);
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0) + 1;
            var (message, remedy) = Explain(e);
            problems.Error(places.PathAt(line), message, remedy, line);
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

    private static (string Message, string Remedy) Explain(JsonException e)
    {
        var text = Position().Replace(e.Message, "").TrimEnd();
        if (Conversion().Match(text) is { Success: true } conversion)
        {
            var expected = conversion.Groups[1].Value switch
            {
                "System.Int32" or "System.Int64" or "System.Nullable`1[System.Int32]" => "a whole number, without quotes, in the range of its kind,",
                "System.Boolean" => "true or false, without quotes,",
                "System.String" => "a string in quotes",
                _ when e.Message.Contains(nameof(FenceAction), StringComparison.Ordinal) => Words<FenceAction>(),
                _ when e.Message.Contains(nameof(RecoveryPolicy), StringComparison.Ordinal) => Words<RecoveryPolicy>(),
                _ when e.Message.Contains(nameof(DependencyMode), StringComparison.Ordinal) => Words<DependencyMode>(),
                _ when e.Message.Contains(nameof(Colocation), StringComparison.Ordinal) => Words<Colocation>(),
                _ when e.Message.Contains(nameof(FinalAction), StringComparison.Ordinal) => Words<FinalAction>(),
                _ when e.Message.Contains(nameof(AccessRole), StringComparison.Ordinal) => Words<AccessRole>(),
                _ => "an object in { }",
            };
            return ("The value does not fit its place.", $"Put {expected} here.");
        }
        if (Missing().Match(text) is { Success: true } missing)
        {
            return ($"Required members are missing: {missing.Groups[1].Value.TrimEnd('.')}.", "Add them to this object.");
        }
        return (text, "Correct the JSON at this line, or just before it.");
    }

    private static string Words<T>()
        where T : struct, Enum =>
        "one of " + string.Join(", ", Enum.GetNames<T>().Select(n => $"\"{JsonNamingPolicy.CamelCase.ConvertName(n)}\""));

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

    [GeneratedRegex(@"\s*(Path: \S*\s*\|\s*)?LineNumber: .*$", RegexOptions.Singleline)]
    private static partial Regex Position();

    [GeneratedRegex(@"could not be converted to (\S+?)\.?(\s|$)")]
    private static partial Regex Conversion();

    [GeneratedRegex(@"missing required \w+ including: (.*)$", RegexOptions.Singleline)]
    private static partial Regex Missing();
}
