using System.Text;

namespace ClusterTools.Core.Configuration.Import;

/// <summary>When two values of the classic file are the same thing, whatever their spelling.</summary>
internal static class ClassicIdentity
{
    /// <summary>One spelling for all: of addresses, whatever their prefix length; of paths, without slashes that say nothing; of disks, by the path of their device.</summary>
    public static string Of(string type, string attribute, string value) => (type, attribute) switch
    {
        ("ip", "address") => AddressSpelling.Canonical(value.Split('/')[0]),
        (_, "mountpoint" or "file" or "tns_admin") => Path(value),
        (_, "device") => Device(value),
        _ => value,
    };

    /// <summary>A path without double slashes and without one at its end.</summary>
    public static string Path(string path)
    {
        var clean = new StringBuilder(path.Length);
        foreach (var letter in path)
        {
            if (letter != '/' || clean.Length == 0 || clean[^1] != '/')
            {
                clean.Append(letter);
            }
        }
        if (clean.Length > 1 && clean[^1] == '/')
        {
            clean.Length--;
        }
        return clean.ToString();
    }

    /// <summary>
    /// The path of a device that is named by its label or id, as mount(8) takes it and today's agent does not; what is a path stays one.
    /// udev makes these links, with letters that a path can't hold in hexadecimal (udev(7), ID_FS_LABEL_ENC).
    /// </summary>
    public static string Device(string device)
    {
        var equals = device.IndexOf('=', StringComparison.Ordinal);
        var folder = equals < 0 ? null : device[..equals].Trim().ToUpperInvariant() switch
        {
            "LABEL" => "by-label",
            "UUID" => "by-uuid",
            "PARTLABEL" => "by-partlabel",
            "PARTUUID" => "by-partuuid",
            _ => null,
        };
        if (folder is null)
        {
            return Path(device);
        }
        var name = device[(equals + 1)..].Trim().Trim('"', '\'');
        // An id of a Linux file system is in small letters there; one of FAT or NTFS has no such form.
        return $"/dev/disk/{folder}/{(folder == "by-uuid" && Guid.TryParse(name, out _) ? name.ToLowerInvariant() : Encoded(name))}";
    }

    private static string Encoded(string name)
    {
        var encoded = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.Value > 127 || char.IsAsciiLetterOrDigit((char)rune.Value) || "#+-.:=@_".Contains((char)rune.Value, StringComparison.Ordinal))
            {
                encoded.Append(rune);
            }
            else
            {
                encoded.Append($"\\x{rune.Value:x2}");
            }
        }
        return encoded.ToString();
    }
}
