using System.Collections.Immutable;
using System.Globalization;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>What a resource needs to know of the service around it, and of the rest of the file.</summary>
internal sealed partial class ClusterConfTranslation
{
    private ServiceSurroundings _surroundings = ServiceSurroundings.None;

    /// <summary>File system ids that the file gives to something, or that were made for a path.</summary>
    private readonly Dictionary<uint, string?> _exportIds = [];

    /// <summary>What stands in the service that is being read.</summary>
    public ServiceSurroundings Around => _surroundings;

    private ServiceSurroundings Surroundings(ConfElement service)
    {
        var addresses = ImmutableArray.CreateBuilder<string>();
        var mounts = ImmutableArray.CreateBuilder<string>();
        var waiting = new Stack<ConfElement>(service.Children.AsEnumerable().Reverse());
        while (waiting.TryPop(out var element))
        {
            var definition = element.Attributes.Find(a => a.Name == "ref") is { } to
                && _shared.TryGetValue(Key(ClassicType.NameOf(element.Name), to.Value.Trim()), out var shared) ? shared : element;
            if (element.Name == "ip" && definition.Attributes.Find(a => a.Name == "address") is { } address)
            {
                addresses.Add(AddressSpelling.Canonical(address.Value.Trim().Split('/')[0]));
            }
            if (definition.Attributes.Find(a => a.Name == "mountpoint") is { } mount)
            {
                mounts.Add(ClassicIdentity.Path(mount.Value.Trim()));
            }
            foreach (var child in element.Children.AsEnumerable().Reverse())
            {
                waiting.Push(child);
            }
        }
        return new ServiceSurroundings(addresses.ToImmutable(), mounts.ToImmutable());
    }

    private void TakeExportIds(ConfElement rm)
    {
        var waiting = new Stack<ConfElement>([rm]);
        while (waiting.TryPop(out var element))
        {
            if (element.Attributes.Find(a => a.Name == "fsid") is { } given && uint.TryParse(given.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                _exportIds.TryAdd(id, null);
            }
            foreach (var child in element.Children)
            {
                waiting.Push(child);
            }
        }
    }

    /// <summary>A file system id for an exported folder: the same on every node and at every import, and nothing else's. 1 to 2,147,483,647.</summary>
    public uint ExportId(string folder)
    {
        var path = ClassicIdentity.Path(folder);
        // FNV-1a, which is the same everywhere.
        var hash = 2_166_136_261u;
        foreach (var letter in path)
        {
            hash = (hash ^ letter) * 16_777_619u;
        }
        for (var id = Math.Max(hash & int.MaxValue, 1); ; id = id == int.MaxValue ? 1 : id + 1)
        {
            if (_exportIds.TryAdd(id, path) || _exportIds[id] == path)
            {
                return id;
            }
        }
    }
}

/// <summary>What stands in a service, in the order of the file.</summary>
/// <param name="Addresses">Its IP addresses, without prefix lengths.</param>
/// <param name="Mounts">Where its file systems are mounted.</param>
internal sealed record ServiceSurroundings(ImmutableArray<string> Addresses, ImmutableArray<string> Mounts)
{
    public static ServiceSurroundings None { get; } = new([], []);

    /// <summary>Whether a folder is on one of its file systems.</summary>
    public bool Holds(string folder) =>
        Mounts.Any(m => folder == m || folder.StartsWith(m == "/" ? m : $"{m}/", StringComparison.Ordinal));
}
