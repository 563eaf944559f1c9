using System.Text;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.Fuzz;

/// <summary>What is mutated: files as administrators have them, both forms of each, with secrets put in.</summary>
internal static class Corpus
{
    /// <summary>cluster.conf files.</summary>
    public static IReadOnlyList<byte[]> Classic { get; } = [.. Files(".conf")];

    /// <summary>JSON: those by hand, and what the classic ones become.</summary>
    public static IReadOnlyList<byte[]> Json { get; } =
    [
        .. Files(".json"),
        .. Classic.Select(c => ConfigurationFile.Read("corpus", c).Configuration).OfType<ClusterConfiguration>()
        .Select(ConfigurationJson.Write).Where(j => j.Length < 40_000),
    ];

    public static byte[] One(Random random) => random.Next(2) == 0 ? Classic[random.Next(Classic.Count)] : Json[random.Next(Json.Count)];

    private static IEnumerable<byte[]> Files(string ending)
    {
        var assembly = typeof(Corpus).Assembly;
        foreach (
            string name in assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("corpus/", StringComparison.Ordinal) && n.EndsWith(ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return WithSecrets(content.ToArray());
        }
    }

    private static byte[] WithSecrets(byte[] file)
    {
        string text = Encoding.UTF8.GetString(file);
        return text.Contains("passwd=\"", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(
                System.Text.RegularExpressions.Regex.Replace(text, "passwd=\"[^\"]*\"", $"passwd=\"{Secrets.Marker}\""))
            : file;
    }
}
