using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Host;

/// <summary>
/// Where groups run, read from JSON in the forms that the API, <c>clusterd status --json</c> and PowerShell give: a list of groups,
/// an object with <c>groups</c> (and <c>nodes</c>), or plainly <c>{"web": "node1", "mail": null}</c>.
/// </summary>
internal sealed class RunningGroups
{
    private static readonly string[] NodesThatAreThere = ["online", "maintenance", "draining"];

    /// <summary>By group: its node; null: it is down and stays so.</summary>
    public Dictionary<string, string?> Owners { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Frozen { get; } = new(StringComparer.Ordinal);

    /// <summary>Nodes that are down.</summary>
    public HashSet<string> Down { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file; what is wrong with it goes to standard error.</summary>
    /// <returns>Null when it can't be used.</returns>
    /// <exception cref="UnreadableFileException">It could not be read at all.</exception>
    public static async Task<RunningGroups?> ReadAsync(string file, ClusterConfiguration configuration, CancellationToken cancel)
    {
        (byte[]? content, string length) = await ConfigurationSource.ReadBytesAsync(file, cancel).ConfigureAwait(false);
        if (content is null)
        {
            return Refuse(file, $"is {length}; nothing of it was used.");
        }

        try
        {
            JsonNode? root = JsonNode.Parse(
                content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsSpan(3) : content,
                new JsonNodeOptions { PropertyNameCaseInsensitive = true },
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var groups = new RunningGroups();
            groups.Read(root);
            return groups.Complaint(configuration) is { } complaint ? Refuse(file, complaint) : groups;
        }
        catch (InvalidDataException e)
        {
            return Refuse(file, $"does not say where groups run: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return Refuse(
                file, e is JsonException json
                    ? $"is no JSON. {JsonFault.Of(json)}"
                    : "is no JSON that says where groups run: a name or a value in it is not what is expected, or stands there twice.");
        }
    }

    private static RunningGroups? Refuse(string file, string complaint)
    {
        Console.Error.WriteLine($"{file}: error: {complaint}");
        Console.Error.WriteLine("    Give what 'clusterd status --json' says, or {\"GROUP\": \"NODE\", …}.");
        return null;
    }

    private string? Complaint(ClusterConfiguration configuration)
    {
        foreach (string group in Owners.Keys.Where(g => !configuration.Groups.ContainsKey(g)).ToArray())
        {
            Console.Error.WriteLine(
                $"clusterd: the state tells of a group '{group}' that the configuration does not have; it is passed over.");
            Owners.Remove(group);
        }

        return Owners.Values.OfType<string>().Concat(Down).FirstOrDefault(n => !configuration.Nodes.ContainsKey(n)) is { } unknown
            ? $"names a node '{unknown}' that the configuration does not have."
            : null;
    }

    private void Read(JsonNode? root)
    {
        switch (root)
        {
            case JsonArray list:
                Groups(list);
                break;
            case JsonObject all when all["groups"] is JsonArray or JsonObject:
                Groups(all["groups"]!);
                Nodes(all["nodes"]);
                break;
            case JsonObject map:
                Groups(map);
                break;
            default:
                throw new InvalidDataException("neither a list nor an object.");
        }
    }

    private void Groups(JsonNode groups)
    {
        if (groups is JsonArray list)
        {
            foreach (JsonNode? item in list)
            {
                if (item is not JsonObject group || Text(group, "name", "group") is not { } name)
                {
                    throw new InvalidDataException("a group in it has no name.");
                }

                Group(name, group);
            }

            return;
        }

        foreach ((string name, JsonNode? item) in groups.AsObject())
        {
            Group(name, item);
        }
    }

    private void Group(string name, JsonNode? item)
    {
        if (item is not JsonObject group)
        {
            Owners[name] = item?.GetValue<string>() is { Length: > 0 } node ? node : null;
            return;
        }

        string? owner = Text(group, "owner", "node", "ownerNode");
        string? phase = Text(group, "phase", "state", "status");
        string? goal = Text(group, "goal");
        if (owner is not null && !Is(phase, "disabled", "stopped", "failed"))
        {
            Owners[name] = owner;
        }
        else if (Is(phase, "disabled", "failed") || Is(goal, "stop", "disable", "remove") || (phase is null && goal is null))
        {
            Owners[name] = null;
        }

        if (group["frozen"] is JsonValue value && value.TryGetValue(out bool frozen) && frozen)
        {
            Frozen.Add(name);
        }
    }

    private void Nodes(JsonNode? nodes)
    {
        IEnumerable<(string? Name, JsonNode? Item)> all = nodes switch
        {
            JsonArray list => list.Select(n => (n is JsonObject o ? Text(o, "name", "node") : null, n)),
            JsonObject map => map.Select(n => ((string?)n.Key, n.Value)),
            _ => [],
        };
        foreach ((string? name, JsonNode? item) in all)
        {
            string? phase = item is JsonObject node ? Text(node, "phase", "state", "status")
                : item is JsonValue value && value.TryGetValue(out string? word) ? word
                : null;
            if (name is not null && phase is not null && !Is(phase, NodesThatAreThere))
            {
                Down.Add(name);
            }
        }
    }

    private static string? Text(JsonObject of, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (of[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0)
            {
                return text;
            }
        }

        return null;
    }

    private static bool Is(string? word, params ReadOnlySpan<string> words)
    {
        foreach (string one in words)
        {
            if (string.Equals(word, one, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
