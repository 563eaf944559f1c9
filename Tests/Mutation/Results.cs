using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTools.Mutation;

/// <summary>What became of mutants in this run and earlier ones, kept in a file.</summary>
internal sealed class Results
{
    private static readonly JsonSerializerOptions Form = new()
    {
        WriteIndented = true,
        // It is read by people, in no web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly string path;
    private readonly Dictionary<string, Result> byKey;

    private Results(string path, IEnumerable<Result> known)
    {
        this.path = path;
        byKey = known.ToDictionary(r => r.Key, StringComparer.Ordinal);
    }

    /// <summary>Those kept in the file, if it is there.</summary>
    public static Results Read(string path) =>
        new(path, File.Exists(path) ? JsonSerializer.Deserialize<Result[]>(File.ReadAllText(path), Form)! : []);

    public Result? Of(Mutant mutant) => byKey.GetValueOrDefault(mutant.Key);

    public void Add(Result result) => byKey[result.Key] = result;

    public void Save()
    {
        string next = path + ".next";
        File.WriteAllText(next, JsonSerializer.Serialize(byKey.Values.OrderBy(r => r.Key, StringComparer.Ordinal), Form));
        File.Move(next, path, overwrite: true);
    }
}
