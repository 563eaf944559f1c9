using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ClusterTools.Mutation;

/// <summary>Mutated rules as they are kept between runs: compiling them takes a minute, and mostly tests change, not rules.</summary>
/// <param name="Sources">A hash of the sources, and of this program.</param>
/// <param name="Mutants">Those that compile.</param>
/// <param name="Dropped">Those that don't.</param>
/// <param name="Images">The assemblies, by name.</param>
internal sealed record RulesImage(
    string Sources, IReadOnlyList<Mutant> Mutants, IReadOnlyList<Mutant> Dropped, IReadOnlyDictionary<string, byte[]> Images)
{
    /// <summary>The mutated rules, from the file if the sources are still those.</summary>
    /// <param name="rooms">What is compiled, each seeing those before it.</param>
    /// <param name="subjects">Paths of the files that are changed.</param>
    /// <param name="path">Where they are kept.</param>
    public static RulesImage Of(Room[] rooms, string[] subjects, string path)
    {
        string sources = Hash(rooms, subjects);
        if (File.Exists(path) && JsonSerializer.Deserialize<RulesImage>(File.ReadAllText(path)) is { } kept && kept.Sources == sources)
        {
            return kept;
        }

        MutatedRules rules = MutatedRules.Of(rooms, subjects);
        var image = new RulesImage(sources, rules.Mutants, rules.Dropped, rules.Images);
        File.WriteAllText(path, JsonSerializer.Serialize(image));
        return image;
    }

    private static string Hash(Room[] rooms, string[] subjects)
    {
        var text = new StringBuilder($"{typeof(RulesImage).Module.ModuleVersionId} {string.Join(' ', subjects)}");
        foreach (Room room in rooms)
        {
            text.AppendJoin('\n', room.Trees.Select(t => $"{t.Key}\n{t.Value}"));
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
