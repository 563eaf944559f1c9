using System.Linq;
using ClusterTools.Contract;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>
/// The configuration as the JSON document that <c>GET /v1/configuration</c> gives. Edits are made on it directly, so that members which this
/// client does not know survive.
/// </summary>
internal static class ConfigurationDocument
{
    public const string Groups = "groups";
    public const string Domains = "failoverDomains";
    public const string FenceDevices = "fenceDevices";
    public const string Nodes = "nodes";
    public const string EventScripts = "eventScripts";
    public const string Access = "access";

    /// <summary>An object of the document by name, such as <c>groups</c>; made when it is not there.</summary>
    public static JObject Section(JObject document, string name)
    {
        if (document[name] is JObject there)
        {
            return there;
        }

        var made = new JObject();
        document[name] = made;
        return made;
    }

    /// <summary>The names in a section.</summary>
    public static IReadOnlyList<string> Names(JObject document, string section) => [.. Section(document, section).Properties().Select(p => p.Name)];

    /// <summary>An entry of a section; its name's case matters only where two differ in nothing else.</summary>
    /// <exception cref="ClusterApiException">There is none.</exception>
    public static JObject Entry(JObject document, string section, string what, string name) =>
        Find(document, section, name) ?? throw EditErrors.NotFound(what, name, Names(document, section));

    /// <summary>An entry of a section, or null.</summary>
    public static JObject? Find(JObject document, string section, string name)
    {
        JObject entries = Section(document, section);
        if (entries[name] is JObject exact)
        {
            return exact;
        }

        JProperty[] like = [.. entries.Properties().Where(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))];
        return like.Length == 1 ? like[0].Value as JObject : null;
    }

    /// <summary>Adds an entry under its name.</summary>
    /// <exception cref="ClusterApiException">There is one already.</exception>
    public static void Add(JObject document, string section, string what, string name, JObject entry)
    {
        JObject entries = Section(document, section);
        if (entries[name] is not null)
        {
            throw EditErrors.Exists(what, name);
        }

        entries[name] = entry;
    }

    /// <summary>An entry's own name, as it is written.</summary>
    public static string NameOf(JObject entry) => entry.Value<string>("name") ?? (entry.Parent as JProperty)?.Name ?? "";

    /// <summary>Sets a member if a value is given; the null of another type is none either.</summary>
    public static void Set(JObject entry, string member, JToken? value)
    {
        if (value is not null and not JValue { Value: null })
        {
            entry[member] = value;
        }
    }

    /// <summary>Changes parameters: given ones are set, those that are null are taken out.</summary>
    public static void Merge(JObject entry, string member, IEnumerable<KeyValuePair<string, string?>>? parameters)
    {
        if (parameters is null)
        {
            return;
        }

        JObject there = Section(entry, member);
        foreach (KeyValuePair<string, string?> parameter in parameters)
        {
            if (parameter.Value is null)
            {
                there.Remove(parameter.Key);
            }
            else
            {
                there[parameter.Key] = parameter.Value;
            }
        }
    }

    /// <summary>An enum's word as the API writes it.</summary>
    public static string Word(Enum value)
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name.Substring(1);
    }
}

/// <summary>What is wrong with an edit, seen before it is sent.</summary>
internal static class EditErrors
{
    /// <summary>The name is taken.</summary>
    public const string AlreadyExists = "already-exists";

    /// <summary>Something else needs it.</summary>
    public const string InUse = "in-use";

    /// <summary>A file is not there, or can't be read or written.</summary>
    public const string FileUnusable = "file-unusable";

    public static ClusterApiException NotFound(string what, string name, IReadOnlyList<string> names)
    {
        string[] near = NearNames.Of(name, names);
        string remedy = near.Length > 0 ? $"Did you mean {string.Join(", ", near)}?"
            : names.Count == 0 ? "There is none at all."
            : $"There are: {Some(names)}.";
        return Make(ProblemCodes.NotFound, 404, $"There is no {what} '{name}'.", remedy, near);
    }

    public static ClusterApiException Exists(string what, string name) =>
        Make(AlreadyExists, 409, $"There is a {what} '{name}' already.", "Choose another name, or change the one that is there.");

    public static ClusterApiException Used(string what, string name, string by, IEnumerable<string> users, string remedy) =>
        Make(InUse, 409, $"The {what} '{name}' is used by {by} {Some([.. users])}.", remedy);

    public static ClusterApiException File(string path, string why, string remedy) => Make(FileUnusable, 400, $"'{path}': {why}", remedy);

    public static ClusterApiException Invalid(string message, string remedy) => Make(ProblemCodes.BadRequest, 400, message, remedy);

    private static ClusterApiException Make(string code, int status, string detail, string remedy, string[]? near = null) =>
        new(new Problem { Code = code, Status = status, Title = detail, Detail = detail, Remedy = remedy, Near = near is { Length: > 0 } ? near : null });

    private static string Some(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(10))}{(names.Count > 10 ? " …" : "")}";
}
