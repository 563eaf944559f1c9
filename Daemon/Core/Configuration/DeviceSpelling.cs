using System.Text;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Disks in one spelling: mount(8) takes a label or an id for a device, too, and two names of one disk are to be known as one.
/// </summary>
public static class DeviceSpelling
{
    /// <summary>
    /// The path of a device that is named by its label or id, as mount(8) takes it and today's agent does not; what is a path stays one.
    /// udev makes these links, with letters that a path can't hold in hexadecimal (udev(7), ID_FS_LABEL_ENC).
    /// </summary>
    /// <param name="device">A path, or <c>LABEL=</c>, <c>UUID=</c>, <c>PARTLABEL=</c>, <c>PARTUUID=</c> with a name.</param>
    public static string Canonical(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        int equals = device.IndexOf('=', StringComparison.Ordinal);
        string? folder = equals < 0 ? null : device[..equals].Trim().ToUpperInvariant() switch
        {
            "LABEL" => "by-label",
            "UUID" => "by-uuid",
            "PARTLABEL" => "by-partlabel",
            "PARTUUID" => "by-partuuid",
            _ => null,
        };
        if (folder is null)
        {
            return PathSpelling.Canonical(device);
        }
        string name = device[(equals + 1)..].Trim().Trim('"', '\'');
        // An id of a Linux file system is in small letters there; one of FAT or NTFS has no such form.
        return $"/dev/disk/{folder}/{(folder == "by-uuid" && Guid.TryParse(name, out _) ? name.ToLowerInvariant() : Encoded(name))}";
    }

    private static string Encoded(string name)
    {
        var encoded = new StringBuilder();
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune.Value > 127 || char.IsAsciiLetterOrDigit((char)rune.Value)
                || "#+-.:=@_".Contains((char)rune.Value, StringComparison.Ordinal))
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
