using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>What stands in a service, in the order of the file.</summary>
/// <param name="Addresses">Its IP addresses, without prefix lengths.</param>
/// <param name="Mounts">Where its file systems are mounted.</param>
internal sealed record ServiceSurroundings(ImmutableArray<string> Addresses, ImmutableArray<string> Mounts)
{
    public static ServiceSurroundings None { get; } = new([], []);

    /// <summary>Whether a folder is on one of its file systems.</summary>
    public bool Holds(string folder) =>
        Mounts.Any(m => folder == m || folder.StartsWith(m == "/" ? m : $"{m}/", StringComparison.Ordinal));

    /// <summary>What stands in a service, its own and what it refers to.</summary>
    public static ServiceSurroundings Of(ConfElement service, SharedResources shared)
    {
        var addresses = ImmutableArray.CreateBuilder<string>();
        var mounts = ImmutableArray.CreateBuilder<string>();
        var waiting = new Stack<ConfElement>(service.Children.AsEnumerable().Reverse());
        while (waiting.TryPop(out var element))
        {
            var definition = element.Attributes.Find(a => a.Name == "ref") is { } to
                && shared.Find(ClassicType.NameOf(element.Name), to.Value.Trim()) is { } target ? target : element;
            if (element.Name == "ip" && definition.Attributes.Find(a => a.Name == "address") is { } address)
            {
                addresses.Add(AddressSpelling.Canonical(address.Value.Trim().Split('/')[0]));
            }
            if (definition.Attributes.Find(a => a.Name == "mountpoint") is { } mount)
            {
                mounts.Add(PathSpelling.Canonical(mount.Value.Trim()));
            }
            foreach (var child in element.Children.AsEnumerable().Reverse())
            {
                waiting.Push(child);
            }
        }
        return new ServiceSurroundings(addresses.ToImmutable(), mounts.ToImmutable());
    }
}
