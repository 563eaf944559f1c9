namespace ClusterTools.Client;

/// <summary>
/// The API's JSON (camelCase, enums as camelCase strings, nulls left out). Whoever uses the client brings the library for it: PowerShell's
/// own Newtonsoft.Json in the module, System.Text.Json generated at compile time in the daemon's program.
/// </summary>
public interface IWireJson
{
    /// <summary>Reads a value in UTF-8; what the type does not know is passed over.</summary>
    /// <exception cref="InvalidDataException">It is not such a value; says where, and quotes nothing, for passwords may stand in
    /// it.</exception>
    T Read<T>(Stream utf8);

    /// <summary>Writes a value in UTF-8, in lines.</summary>
    byte[] Write<T>(T value)
        where T : notnull;
}
