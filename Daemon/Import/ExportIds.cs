using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>File system ids of exported folders.</summary>
internal sealed class ExportIds
{
    /// <summary>File system ids that the file gives to something, or that were made for a path.</summary>
    private readonly Dictionary<uint, string?> _exportIds = [];

    /// <summary>Takes the ids that the file gives to something.</summary>
    public void Take(ConfElement rm)
    {
        var waiting = new Stack<ConfElement>([rm]);
        while (waiting.TryPop(out var element))
        {
            if (element.Attributes.Find(a => a.Name == "fsid") is { } given
                && uint.TryParse(given.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                _exportIds.TryAdd(id, null);
            }
            foreach (var child in element.Children)
            {
                waiting.Push(child);
            }
        }
    }

    /// <summary>
    /// A file system id for an exported folder: the same on every node and at every import, and nothing else's. 1 to 2,147,483,647.
    /// </summary>
    public uint Of(string folder)
    {
        var path = PathSpelling.Canonical(folder);
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
