using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>When two values of the classic file are the same thing, whatever their spelling.</summary>
internal static class ClassicIdentity
{
    /// <summary>
    /// One spelling for all: of addresses, whatever their prefix length; of paths, without slashes that say nothing; of disks, by the
    /// path of their device.
    /// </summary>
    public static string Of(string type, string attribute, string value) => (type, attribute) switch
    {
        ("ip", "address") => AddressSpelling.Canonical(value.Split('/')[0]),
        (_, "mountpoint" or "file" or "tns_admin") => PathSpelling.Canonical(value),
        (_, "device") => DeviceSpelling.Canonical(value),
        _ => value,
    };

    /// <summary>What a resource is known by: its type and the identity of what names it.</summary>
    public static (string Type, string Name) Key(string type, string name) =>
        (type, ClassicType.Find(type) is { } known ? Of(type, known.Primary, name) : name);
}
