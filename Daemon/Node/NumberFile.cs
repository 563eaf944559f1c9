using System.Globalization;
using System.Text;

namespace ClusterTools.Node;

/// <summary>
/// A number in a file of the state folder that outlives a power cut: the old one or the new one is there, and never half of it.
/// </summary>
internal static class NumberFile
{
    /// <summary>Null: there is no such file, or no number in it.</summary>
    public static long? Read(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out long read) ? read : null;

    public static void Write(string path, long number)
    {
        using (var stream = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number}\n")));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
