namespace ClusterTools.Node;

/// <summary>
/// Remembers in the state folder that the node has reset itself. Until it has been with the cluster again nothing was started here, so
/// what can't be stopped now is not running: another reset would be for the same cause, and so on for ever.
/// </summary>
internal static class OwnReset
{
    private const string FileName = "own-reset";

    /// <summary>Why the node has reset itself and was not with the cluster since; null: it was, or never did.</summary>
    public static string? Read(string stateFolder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(stateFolder, FileName)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>To be called before the reset, which writes nothing back to disks.</summary>
    public static void Remember(string stateFolder, string reason)
    {
        try
        {
            using var file = new FileStream(Path.Combine(stateFolder, FileName), FileMode.Create, FileAccess.Write);
            file.Write(System.Text.Encoding.UTF8.GetBytes(reason));
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reset matters more than that it is remembered.
        }
    }

    public static void Forget(string stateFolder)
    {
        try
        {
            File.Delete(Path.Combine(stateFolder, FileName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the next reset is spared, and the others fence this node.
        }
    }
}
