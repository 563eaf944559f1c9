using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterTools.Core.Configuration;

/// <summary>Which line says what: places in the model to lines of the file.</summary>
internal sealed class JsonPlaces
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<(int Line, string Path)> _order = [];

    public void Add(string path, int line)
    {
        if (_lines.TryAdd(path, line))
        {
            _order.Add((line, path));
        }
    }

    /// <summary>Line of the place, or of the nearest thing around it.</summary>
    public int? LineOf(string path) => _lines.Nearest(path);

    /// <summary>The last place that begins at or before the line.</summary>
    public string PathAt(int line)
    {
        var path = "";
        foreach (var place in _order)
        {
            if (place.Line > line)
            {
                break;
            }
            path = place.Path;
        }
        return path;
    }
}

/// <summary>
/// Walks a JSON text beside the types it stands for, before it is deserialized: notes the line of every place and
/// finds all members that no type knows, where the serializer would stop at the first and give no list of the known.
/// </summary>
internal sealed class JsonWalk(JsonPlaces places, ProblemList problems)
{
    private readonly Dictionary<Type, Dictionary<string, Type>?> _members = [];

    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Run(ReadOnlySpan<byte> utf8, Type root)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = ConfigurationLimits.JsonDepth });
        var stack = new Stack<Place>();
        var current = new Place(null, "", 1) { MemberType = root };
        var offset = 0;
        var line = 1;
        while (reader.Read())
        {
            line += utf8[offset..(int)reader.TokenStartIndex].Count((byte)'\n');
            offset = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                case JsonTokenType.StartArray:
                    stack.Push(current);
                    current = current.Enter(line);
                    break;
                case JsonTokenType.EndObject:
                case JsonTokenType.EndArray:
                    current = stack.Pop();
                    break;
                case JsonTokenType.PropertyName:
                    Member(current, Bounded(Text(ref reader, current, line), ConfigurationLimits.NameLength, current, line), line);
                    break;
                case JsonTokenType.String:
                    var value = Bounded(Text(ref reader, current, line), ConfigurationLimits.ParameterValueLength, current, line);
                    if (current.IsNamedBy(current.Member))
                    {
                        current.Path = $"{current.Base}/{Bounded(value, ConfigurationLimits.NameLength, current, line)}";
                        places.Add(current.Path, current.Line);
                    }
                    break;
                default:
                    break;
            }
        }
    }

    private string Text(ref Utf8JsonReader reader, Place current, int line)
    {
        if (!JsonFault.IsText(ref reader, out var text))
        {
            var (message, remedy) = JsonFault.OfHalfCharacter;
            problems.Error(current.Path, message, remedy, line);
        }
        return text;
    }

    /// <summary>
    /// The text, cut where it is longer than anything that has a meaning: paths are made of it, and there are many of them.
    /// </summary>
    private string Bounded(string text, int longest, Place current, int line)
    {
        if (text.Length <= longest)
        {
            return text;
        }
        problems.Error(current.Path, $"A text of {text.Length:N0} characters stands here; the limit is {longest:N0}.", "Shorten it.", line);
        return text[..Math.Min(longest, ConfigurationLimits.NameLength)];
    }

    private void Member(Place current, string name, int line)
    {
        if (!current.Names.Add(name))
        {
            problems.Error(current.Path, $"The member '{name}' stands there twice.", "Remove one of them, or give it another name.", line);
        }
        current.Member = name;
        current.MemberType = ArgumentOf(current.Type, typeof(ImmutableSortedDictionary<,>), 1);
        if (current.MemberType is null && MembersOf(current.Type) is { } members)
        {
            if (!members.TryGetValue(name, out var type))
            {
                problems.Error(
                    current.Path, $"The member '{name}' is not known here.",
                    $"Remove it, or use one of: {string.Join(", ", members.Keys)}.", line);
            }
            current.MemberType = type;
        }
        // What no type knows can be of any size and is reported where it begins.
        if (current.MemberType is not null)
        {
            places.Add(current.MemberPath, line);
        }
    }

    private Dictionary<string, Type>? MembersOf(Type? type)
    {
        if (type is null)
        {
            return null;
        }
        if (!_members.TryGetValue(type, out var members))
        {
            var info = CoreJson.Options.GetTypeInfo(type);
            members = info.Kind == JsonTypeInfoKind.Object
                ? info.Properties.Where(p => p.Set is not null).ToDictionary(p => p.Name, p => p.PropertyType, StringComparer.Ordinal)
                : null;
            _members.Add(type, members);
        }
        return members;
    }

    private static Type? ArgumentOf(Type? type, Type definition, int argument) =>
        type is { IsGenericType: true } && type.GetGenericTypeDefinition() == definition ? type.GetGenericArguments()[argument] : null;

    /// <summary>An object or array that the walk is in.</summary>
    private sealed class Place(Type? type, string path, int line)
    {
        private int _items;

        public Type? Type => type;

        /// <summary>Place in the model; that of a resource or fence method is complete once its name was read.</summary>
        public string Path { get; set; } = path;

        /// <summary>Place of what holds this.</summary>
        public string Base { get; } = path;

        public int Line => line;

        /// <summary>The member that is being read.</summary>
        public string Member { get; set; } = "";

        public Type? MemberType { get; set; }

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public string MemberPath => Path.Length == 0 ? Member : $"{Path}/{Member}";

        public bool IsNamedBy(string member) =>
            (type == typeof(ResourceConfiguration) && member == "id") || (type == typeof(FenceMethod) && member == "name");

        public Place Enter(int at)
        {
            if (ArgumentOf(type, typeof(ImmutableArray<>), 0) is { } item)
            {
                _items++;
                return new Place(item, item == typeof(FenceStep) ? $"{Path}/{_items}" : Path, at);
            }
            if (MemberType is null)
            {
                return new Place(null, Path, at);
            }
            // The resources of a group have one name space, however deep they stand.
            return new Place(MemberType, type == typeof(ResourceConfiguration) && Member == "children" ? Base : MemberPath, at);
        }
    }
}
