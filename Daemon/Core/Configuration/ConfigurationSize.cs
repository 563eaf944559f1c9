using System.Buffers;
using System.Text.Json;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// How long a configuration is when it is written: into the log, where other than plain letters take six bytes, and as a file.
/// </summary>
public static class ConfigurationSize
{
    /// <summary>Bytes of the longer of the two forms.</summary>
    public static long Of(ClusterConfiguration configuration) =>
        Math.Max(Of(configuration, CoreJson.Options), Of(configuration, CoreJson.Indented));

    private static long Of(ClusterConfiguration configuration, JsonSerializerOptions options)
    {
        using var writer = new Utf8JsonWriter(
            new Discarded(),
            new JsonWriterOptions
            {
                Encoder = options.Encoder,
                Indented = options.WriteIndented,
                MaxDepth = options.MaxDepth,
                NewLine = "\n",
            });
        JsonSerializer.Serialize(writer, configuration, options.GetTypeInfo<ClusterConfiguration>());
        return writer.BytesCommitted + writer.BytesPending;
    }

    private sealed class Discarded : IBufferWriter<byte>
    {
        private byte[] buffer = new byte[16 * 1024];

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (buffer.Length < sizeHint)
            {
                buffer = new byte[sizeHint];
            }
            return buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
