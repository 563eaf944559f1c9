namespace ClusterTools.Import;

/// <summary>What the file says, as messages show it.</summary>
internal static class ShownText
{
    /// <summary>A name from the file, shortened for a message.</summary>
    public static string Shown(this string text, int longest = 80) => text.Length <= longest ? text : text[..longest] + "…";
}
