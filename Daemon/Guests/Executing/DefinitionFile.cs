using System.Text;
using ClusterTools.Guests.Libvirt;

namespace ClusterTools.Guests.Executing;

/// <summary>The file that a guest's definition is in.</summary>
internal static class DefinitionFile
{
    // libvirt takes no longer text either (REMOTE_STRING_MAX).
    private const int Limit = 4 << 20;
    private const int Piece = 16 << 10;

    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="guest">Whose definition it has to be.</param>
    /// <param name="cancel">Gives it up, also when the disk hangs.</param>
    /// <exception cref="IOException">It is not there, or can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorFault.BadDefinition"/>: it is none, or another guest's.</exception>
    public static async Task<string> ReadAsync(string path, string guest, CancellationToken cancel)
    {
        string definition = await Task.Run(() => Read(path), CancellationToken.None).WaitAsync(cancel).ConfigureAwait(false);
        string name = Name(definition, path);
        return name == guest ? definition
            : throw Bad($"'{path}' defines guest '{name}', not '{guest}'. Give the file of '{guest}', or 'name'.");
    }

    private static string Name(string definition, string path)
    {
        try
        {
            return Definitions.Name(definition);
        }
        catch (HypervisorException e)
        {
            throw Bad($"'{path}': {e.Message}");
        }
    }

    private static string Read(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var text = new StringBuilder();
        char[] piece = new char[Piece];
        while (reader.ReadBlock(piece) is > 0 and var length)
        {
            if (text.Append(piece, 0, length).Length > Limit)
            {
                throw Bad($"'{path}' is longer than {Limit >> 20} MiB, which no definition of a guest is.");
            }
        }

        return text.ToString();
    }

    private static HypervisorException Bad(string message) => new(HypervisorFault.BadDefinition, message);
}
