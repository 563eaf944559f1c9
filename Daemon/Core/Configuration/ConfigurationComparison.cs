using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Finds what differs between two configurations, thing by thing: resources by their ids wherever they stand, methods by their names. A
/// document that is wrong, or of another cluster, is compared as well as any.
/// </summary>
public static class ConfigurationComparison
{
    internal const string Groups = "groups";
    internal const string Nodes = "nodes";
    internal const string Domains = "failoverDomains";
    internal const string FenceDevices = "fenceDevices";
    internal const string EventScripts = "eventScripts";
    internal const string Access = "access";

    private const string OrderMember = "resourceOrder";

    private static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, string> NoLimits = new(StringComparer.Ordinal)
    {
        ["startRetries"] = "0", ["stopRetries"] = "0", ["startFinal"] = "\"default\"", ["stopFinal"] = "\"default\"",
        ["finalScriptTimeout"] = "60000",
    };

    /// <summary>
    /// Everything that differs but the version; secrets of both sides stay hidden, and one that is hidden on a side counts as the same.
    /// </summary>
    /// <param name="old">Before.</param>
    /// <param name="next">After.</param>
    /// <param name="secret">Says of an agent's parameter that it is secret by its metadata; null: none is.</param>
    public static ImmutableArray<MemberDifference> Between(
        ClusterConfiguration old, ClusterConfiguration next, Func<string, string, bool>? secret = null) =>
        Between(Document(old, secret), Document(next, secret));

    /// <summary>The same of documents that show no secrets.</summary>
    public static ImmutableArray<MemberDifference> Between(JsonObject old, JsonObject next)
    {
        List<MemberDifference> found = [];
        Members("", Prepared(old), Prepared(next), found);
        return [.. found];
    }

    /// <summary>A configuration as a document, without its secrets.</summary>
    public static JsonObject Document(ClusterConfiguration configuration, Func<string, string, bool>? secret = null) =>
        (JsonObject)JsonSerializer.SerializeToNode(
            SecretParameters.Redact(configuration, secret), CoreJson.Options.GetTypeInfo<ClusterConfiguration>())!;

    /// <summary>Hides what is secret in a document that was not made by the cluster.</summary>
    /// <param name="item">The document.</param>
    /// <param name="secret">Says of an agent's parameter that it is secret by its metadata; null: none is.</param>
    public static void Hide(JsonObject item, Func<string, string, bool>? secret = null)
    {
        ArgumentNullException.ThrowIfNull(item);
        string agent = Word(item["agent"]);
        foreach ((string name, JsonNode? value) in item.ToArray())
        {
            if (name == "parameters" && value is JsonObject parameters)
            {
                foreach ((string parameter, JsonNode? its) in parameters.ToArray())
                {
                    string text = Word(its);
                    if (SecretParameters.IsSecret(agent, parameter) || SecretText.HasSecret(text)
                        || secret?.Invoke(agent, parameter) == true)
                    {
                        parameters[parameter] = SecretParameters.Replacement;
                    }
                }
            }
            else if (value is JsonObject below)
            {
                Hide(below, secret);
            }
            else if (value is JsonArray list)
            {
                foreach (JsonObject entry in list.OfType<JsonObject>())
                {
                    Hide(entry, secret);
                }
            }
            else if (value is JsonValue && value.GetValueKind() == JsonValueKind.String)
            {
                item[name] = SecretText.Mask(Word(value));
            }
        }
    }

    // Lists whose entries have names are compared by name.
    private static JsonObject Prepared(JsonObject document)
    {
        var prepared = (JsonObject)document.DeepClone();
        prepared.Remove("version");
        foreach (JsonObject group in Objects(prepared, Groups))
        {
            var resources = new JsonObject();
            var order = new JsonObject();
            AddResources("", group["resources"] as JsonArray, resources, order);
            group["resources"] = resources;
            group["dependencies"] = Keyed(group["dependencies"] as JsonArray, "group");
            group[OrderMember] = order;
            group.Remove("name");
        }

        foreach (JsonObject node in Objects(prepared, Nodes))
        {
            node.Remove("name");
            if (node["fenceMethods"] is JsonArray methods)
            {
                JsonObject[] all = [.. methods.OfType<JsonObject>()];
                node["fenceMethodOrder"] = string.Join(", ", all.Select(m => Word(m["name"])));
                node["fenceMethods"] = Named(all.Select(m => (Word(m["name"]), (JsonNode?)new JsonObject
                {
                    ["steps"] = Named((m["steps"] as JsonArray ?? []).Select((step, i) =>
                        ((i + 1).ToString(CultureInfo.InvariantCulture), step?.DeepClone()))),
                })));
            }
        }

        foreach (JsonObject entry in ((string[])[Domains, FenceDevices, EventScripts]).SelectMany(s => Objects(prepared, s)))
        {
            entry.Remove("name");
        }

        return prepared;
    }

    /// <summary>
    /// Resources by their ids, each with its parent and without what stands below it; and who stands below whom in which order.
    /// </summary>
    private static void AddResources(string parent, JsonArray? list, JsonObject resources, JsonObject order)
    {
        foreach (JsonObject resource in (list ?? []).OfType<JsonObject>())
        {
            string id = Word(resource["id"]);
            var own = (JsonObject)resource.DeepClone();
            own.Remove("children");
            own.Remove("id");
            own["parent"] = parent.Length == 0 ? null : parent;
            own["statusChecks"] = Keyed(own["statusChecks"] as JsonArray, "depth");
            resources[id] = own;
            if (order[parent] is not JsonArray siblings)
            {
                order[parent] = siblings = [];
            }

            siblings.Add((JsonNode)id);
            AddResources(id, resource["children"] as JsonArray, resources, order);
        }
    }

    private static void Members(string path, JsonObject old, JsonObject next, List<MemberDifference> found)
    {
        foreach (string name in old.Select(p => p.Key).Union(next.Select(p => p.Key)).ToArray())
        {
            JsonNode? before = old[name];
            JsonNode? after = next[name];
            string place = path.Length == 0 ? name : $"{path}/{name}";
            if (name == OrderMember && path.StartsWith(Groups, StringComparison.Ordinal))
            {
                Order(path, before as JsonObject, after as JsonObject, found);
            }
            else if (Same(before, after))
            {
                continue;
            }
            else if (before is JsonObject x && after is JsonObject y)
            {
                Members(place, x, y, found);
            }
            else if (before is null && after is JsonObject added && (IsMap(place) || IsLimits(place)))
            {
                Members(place, [], Told(place, added), found);
            }
            else if (after is null && before is JsonObject removed && (IsMap(place) || IsLimits(place)))
            {
                Members(place, Told(place, removed), [], found);
            }
            else
            {
                MemberChange change = !old.ContainsKey(name) ? MemberChange.Added
                    : !next.ContainsKey(name) ? MemberChange.Removed
                    : MemberChange.Changed;
                found.Add(new MemberDifference(place, change, before?.ToJsonString(Text), after?.ToJsonString(Text)));
            }
        }
    }

    // Only siblings on both sides; those added or removed are differences of their own.
    private static void Order(string path, JsonObject? old, JsonObject? next, List<MemberDifference> found)
    {
        foreach ((string parent, JsonNode? siblings) in old ?? [])
        {
            string[] before = [.. siblings!.AsArray().Select(Word)];
            string[] after = [.. (next?[parent] as JsonArray ?? []).Select(Word)];
            string[] kept = [.. before.Where(after.Contains)];
            string[] now = [.. after.Where(before.Contains)];
            if (!kept.SequenceEqual(now))
            {
                string place = parent.Length == 0 ? $"{path}/resources" : $"{path}/resources/{parent}/children";
                found.Add(new MemberDifference(
                    $"{place} (order)", MemberChange.Changed, Quoted(string.Join(", ", kept)), Quoted(string.Join(", ", now))));
            }
        }
    }

    /// <summary>Whether two values are the same as far as can be seen.</summary>
    private static bool Same(JsonNode? a, JsonNode? b) => (a, b) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        _ when IsSecret(a) || IsSecret(b) => true,
        (JsonObject x, JsonObject y) => x.Select(p => p.Key).Union(y.Select(p => p.Key)).All(name => Same(x[name], y[name])),
        (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y, Same).All(same => same),
        _ => JsonNode.DeepEquals(a, b),
    };

    /// <summary>A place that is a collection of named things: when it is not there, it is as if it were empty.</summary>
    private static bool IsMap(string place) => place is Groups or Nodes or Domains or FenceDevices or EventScripts or Access;

    // An absent limit counts as its default.
    private static JsonObject Told(string place, JsonObject item) => IsLimits(place)
        ? Named(item.Where(p => p.Value?.ToJsonString() != NoLimits.GetValueOrDefault(p.Key)).Select(p => (p.Key, p.Value?.DeepClone())))
        : item;

    // Each limit is reported as a difference of its own.
    private static bool IsLimits(string place) =>
        place.EndsWith("/limits", StringComparison.Ordinal) && place.Contains("/resources/", StringComparison.Ordinal);

    /// <summary>A list of which each entry has a name of its own, by that.</summary>
    private static JsonObject Keyed(JsonArray? list, string key)
    {
        var keyed = new JsonObject();
        foreach (JsonObject entry in (list ?? []).OfType<JsonObject>())
        {
            var own = (JsonObject)entry.DeepClone();
            own.Remove(key);
            keyed[Word(entry[key])] = own;
        }

        return keyed;
    }

    // Of two with the same name the later counts, as with any member.
    private static JsonObject Named(IEnumerable<(string Name, JsonNode? Value)> members)
    {
        var named = new JsonObject();
        foreach ((string name, JsonNode? value) in members)
        {
            named[name] = value;
        }

        return named;
    }

    private static IEnumerable<JsonObject> Objects(JsonObject document, string section) =>
        (document[section] as JsonObject ?? []).Select(p => p.Value).OfType<JsonObject>();

    private static bool IsSecret(JsonNode? node) => Word(node) == SecretParameters.Replacement;

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString(Text);

    /// <summary>A string without its quotes, a number as it is written; empty: neither.</summary>
    private static string Word(JsonNode? node) => node is JsonValue ? node.ToString() : "";
}
