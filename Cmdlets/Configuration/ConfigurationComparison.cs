using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>What happened to one thing of the configuration.</summary>
public enum ConfigurationChangeKind
{
    /// <summary>It is there now.</summary>
    Added,

    /// <summary>It has another value.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,
}

/// <summary>One difference between two configurations.</summary>
public sealed class ConfigurationDifference
{
    /// <param name="path">Where.</param>
    /// <param name="change">What happened.</param>
    /// <param name="old">Before.</param>
    /// <param name="new">After.</param>
    public ConfigurationDifference(string path, ConfigurationChangeKind change, object? old, object? @new)
    {
        Path = path;
        Change = change;
        Old = old;
        New = @new;
    }

    /// <summary>Place in the configuration, such as <c>groups/webshop/resources/script:shop-web/monitorInterval</c>.</summary>
    public string Path { get; }

    /// <summary>What happened there.</summary>
    public ConfigurationChangeKind Change { get; }

    /// <summary>The value before; a whole object as JSON; null: there was none.</summary>
    public object? Old { get; }

    /// <summary>The value after; a whole object as JSON; null: there is none.</summary>
    public object? New { get; }

    /// <inheritdoc/>
    public override string ToString() => Change switch
    {
        ConfigurationChangeKind.Added => $"{Path} is added: {New}",
        ConfigurationChangeKind.Removed => $"{Path} is removed",
        _ => $"{Path}: {Old ?? "none"} -> {New ?? "none"}",
    };
}

/// <summary>
/// Finds what differs between two configurations, thing by thing: resources by their ids wherever they stand, methods by their names.
/// </summary>
internal static class ConfigurationComparison
{
    private const string Secret = "(secret)";

    // The same list as the daemon's. Hiding too much does no harm; hiding too little leaks a secret.
    private static readonly string[] SecretParts =
    [
        "passw",
        "passphrase",
        "secret",
        "token",
        "credential",
        "community",
        "private",
        "apikey",
        "access_key",
    ];

    private static readonly JObject NoLimits = new()
    {
        ["startRetries"] = 0, ["stopRetries"] = 0, ["startFinal"] = "default", ["stopFinal"] = "default", ["finalScriptTimeout"] = 60_000,
    };

    private static readonly string[] SecretValues = ["password=", "passwd=", "pass="];

    /// <summary>
    /// Everything that differs but the version; secrets of both sides stay hidden, and one that is hidden on a side counts as the same.
    /// </summary>
    public static IReadOnlyList<ConfigurationDifference> Compare(JObject old, JObject @new)
    {
        var found = new List<ConfigurationDifference>();
        Members("", Prepare(old), Prepare(@new), found);
        return found;
    }

    /// <summary>
    /// Ids of the resources of a group in the order of the file, each with its parent and itself without what stands below it.
    /// </summary>
    public static IReadOnlyDictionary<string, (string? Parent, JObject Own)> Flat(JObject group)
    {
        var all = new Dictionary<string, (string?, JObject)>();
        Add(null, group["resources"] as JArray);
        return all;

        void Add(string? parent, JArray? resources)
        {
            foreach (JObject resource in (resources ?? []).OfType<JObject>())
            {
                string id = Id(resource);
                var own = (JObject)resource.DeepClone();
                own.Remove("children");
                all[id] = (parent, own);
                Add(id, resource["children"] as JArray);
            }
        }
    }

    /// <summary>Whether two values are the same as far as can be seen.</summary>
    public static bool Same(JToken? a, JToken? b)
    {
        if (IsNone(a) || IsNone(b))
        {
            return IsNone(a) && IsNone(b);
        }

        if (IsSecret(a!) || IsSecret(b!))
        {
            return true;
        }

        return (a, b) switch
        {
            (JObject x, JObject y) =>
                x.Properties().Select(p => p.Name).Union(y.Properties().Select(p => p.Name)).All(name => Same(x[name], y[name])),
            (JArray x, JArray y) => x.Count == y.Count && x.Zip(y, Same).All(same => same),
            _ => JToken.DeepEquals(a, b),
        };
    }

    // Lists whose entries have names are compared by name.
    private static JObject Prepare(JObject document)
    {
        var prepared = (JObject)document.DeepClone();
        prepared.Remove("version");
        foreach (JObject group in Objects(prepared, ConfigurationDocument.Groups))
        {
            var resources = new JObject();
            var order = new Dictionary<string, List<string>>();
            foreach (KeyValuePair<string, (string? Parent, JObject Own)> resource in Flat(group))
            {
                resource.Value.Own.Remove("id");
                resource.Value.Own["parent"] = resource.Value.Parent;
                resource.Value.Own["statusChecks"] = Keyed(resource.Value.Own["statusChecks"] as JArray, "depth");
                resources[resource.Key] = resource.Value.Own;
                string parent = resource.Value.Parent ?? "";
                if (!order.TryGetValue(parent, out List<string>? siblings))
                {
                    order.Add(parent, siblings = []);
                }

                siblings.Add(resource.Key);
            }

            group["resources"] = resources;
            group["dependencies"] = Keyed(group["dependencies"] as JArray, "group");
            group[OrderMember] = JObject.FromObject(order);
            group.Remove("name");
        }

        foreach (JObject node in Objects(prepared, ConfigurationDocument.Nodes))
        {
            node.Remove("name");
            if (node["fenceMethods"] is JArray methods)
            {
                node["fenceMethodOrder"] = string.Join(", ", methods.OfType<JObject>().Select(m => m.Value<string>("name")));
                var named = new JObject();
                foreach (JObject method in methods.OfType<JObject>())
                {
                    named[method.Value<string>("name") ?? ""] = new JObject { ["steps"] = Numbered(method["steps"] as JArray) };
                }

                node["fenceMethods"] = named;
            }
        }

        foreach (JObject entry in Objects(prepared, ConfigurationDocument.Domains)
            .Concat(Objects(prepared, ConfigurationDocument.FenceDevices)).Concat(Objects(prepared, ConfigurationDocument.EventScripts)))
        {
            entry.Remove("name");
        }

        Hide(prepared);
        return prepared;
    }

    private const string OrderMember = "resourceOrder";

    private static void Members(string path, JObject old, JObject @new, List<ConfigurationDifference> found)
    {
        foreach (string name in old.Properties().Select(p => p.Name).Union(@new.Properties().Select(p => p.Name)))
        {
            JToken? before = old[name];
            JToken? after = @new[name];
            string place = path.Length == 0 ? name : $"{path}/{name}";
            if (name == OrderMember && path.StartsWith(ConfigurationDocument.Groups, StringComparison.Ordinal))
            {
                Order(path, before as JObject, after as JObject, found);
            }
            else if (Same(before, after))
            {
                continue;
            }
            else if (before is JObject x && after is JObject y)
            {
                Members(place, x, y, found);
            }
            else if (IsNone(before) && after is JObject added && (IsMap(place) || IsLimits(place)))
            {
                Members(place, [], Told(place, added), found);
            }
            else if (IsNone(after) && before is JObject removed && (IsMap(place) || IsLimits(place)))
            {
                Members(place, Told(place, removed), [], found);
            }
            else
            {
                ConfigurationChangeKind change = before is null ? ConfigurationChangeKind.Added
                    : after is null ? ConfigurationChangeKind.Removed
                    : ConfigurationChangeKind.Changed;
                found.Add(new ConfigurationDifference(place, change, Shown(before), Shown(after)));
            }
        }
    }

    // Only siblings on both sides; those added or removed are differences of their own.
    private static void Order(string path, JObject? old, JObject? @new, List<ConfigurationDifference> found)
    {
        foreach (JProperty siblings in old?.Properties() ?? [])
        {
            string[] before = [.. siblings.Value.Values<string>().Select(s => s!)];
            string[] after = [.. (@new?[siblings.Name] as JArray)?.Values<string>().Select(s => s!) ?? []];
            string[] kept = [.. before.Where(after.Contains)];
            string[] now = [.. after.Where(before.Contains)];
            if (!kept.SequenceEqual(now))
            {
                string place = siblings.Name.Length == 0 ? $"{path}/resources" : $"{path}/resources/{siblings.Name}/children";
                found.Add(new ConfigurationDifference(
                    $"{place} (order)", ConfigurationChangeKind.Changed, string.Join(", ", kept), string.Join(", ", now)));
            }
        }
    }

    /// <summary>A place that is a collection of named things: when it is not there, it is as if it were empty.</summary>
    private static bool IsMap(string place) =>
        place is ConfigurationDocument.Groups or ConfigurationDocument.Nodes or ConfigurationDocument.Domains
            or ConfigurationDocument.FenceDevices or ConfigurationDocument.EventScripts or "access";

    // An absent limit counts as its default.
    private static JObject Told(string place, JObject item) =>
        IsLimits(place) ? new JObject(item.Properties().Where(p => !JToken.DeepEquals(p.Value, NoLimits[p.Name]))) : item;

    // Each limit is reported as a difference of its own.
    private static bool IsLimits(string place) =>
        place.EndsWith("/limits", StringComparison.Ordinal) && place.IndexOf("/resources/", StringComparison.Ordinal) > 0;

    private static JObject Numbered(JArray? steps)
    {
        var numbered = new JObject();
        int number = 0;
        foreach (JToken step in steps ?? [])
        {
            numbered[(++number).ToString(System.Globalization.CultureInfo.InvariantCulture)] = step;
        }

        return numbered;
    }

    /// <summary>A list of which each entry has a name of its own, by that.</summary>
    private static JObject Keyed(JArray? list, string key)
    {
        var keyed = new JObject();
        foreach (JObject entry in (list ?? []).OfType<JObject>())
        {
            var own = (JObject)entry.DeepClone();
            own.Remove(key);
            keyed[(string?)entry[key] ?? ""] = own;
        }

        return keyed;
    }

    private static IEnumerable<JObject> Objects(JObject document, string section) =>
        (document[section] as JObject)?.Properties().Select(p => p.Value).OfType<JObject>() ?? [];

    /// <summary>Secrets in a file that was not made by the API.</summary>
    private static void Hide(JObject document)
    {
        foreach (JObject parameters in document.Descendants().OfType<JProperty>().Where(p => p.Name == "parameters").Select(p => p.Value)
            .OfType<JObject>())
        {
            foreach (JProperty parameter in parameters.Properties()
                .Where(p => p.Value.Type == JTokenType.String && IsSecretParameter(p.Name, (string)p.Value!)))
            {
                parameter.Value = Secret;
            }
        }
    }

    private static bool IsSecretParameter(string name, string value) =>
        SecretParts.Any(part => name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0)
        || name.StartsWith("key", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("key", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("pwd", StringComparison.OrdinalIgnoreCase)
        || SecretValues.Any(part => value.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0);

    private static bool IsSecret(JToken token) => token.Type == JTokenType.String && (string?)token == Secret;

    private static string Id(JObject resource) => resource.Value<string>("id") ?? "";

    private static bool IsNone(JToken? token) => token is null or JValue { Value: null };

    private static object? Shown(JToken? token) => token switch
    {
        null => null,
        JValue value => value.Value,
        _ => token.ToString(Formatting.None),
    };
}
