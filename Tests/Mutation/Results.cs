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
    private readonly HashSet<string> noticed;
    private readonly HashSet<string> added = [];

    private Results(string path)
    {
        this.path = path;
        byKey = Kept();
        noticed = [.. byKey.Values.Where(r => r.Noticed).Select(r => r.Key)];
    }

    /// <summary>Those kept in the file, if it is there.</summary>
    public static Results Read(string path) => new(path);

    public Result? Of(Mutant mutant) => byKey.GetValueOrDefault(mutant.Key);

    public void Add(Result result)
    {
        byKey[result.Key] = result;
        added.Add(result.Key);
    }

    /// <summary>Writes them, beside what another run has written meanwhile.</summary>
    public void Save()
    {
        foreach ((string key, Result other) in Kept())
        {
            if (!added.Contains(key) || (other.Noticed && !byKey[key].Noticed && !noticed.Contains(key)))
            {
                byKey[key] = other;
            }
        }

        string next = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(next, JsonSerializer.Serialize(byKey.Values.OrderBy(r => r.Key, StringComparer.Ordinal), Form));
        File.Move(next, path, overwrite: true);
    }

    private Dictionary<string, Result> Kept() =>
        (File.Exists(path) ? JsonSerializer.Deserialize<Result[]>(File.ReadAllText(path), Form)! : [])
            .ToDictionary(r => r.Key, StringComparer.Ordinal);
}
