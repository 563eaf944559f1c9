using System.Text;

namespace ClusterTools.Core.Configuration;

/// <summary>Paths in one spelling, so that the same place is known again.</summary>
public static class PathSpelling
{
    /// <summary>A path without double slashes and without one at its end.</summary>
    /// <param name="path">A path, as a configuration gives it.</param>
    public static string Canonical(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var clean = new StringBuilder(path.Length);
        foreach (char letter in path)
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
}
