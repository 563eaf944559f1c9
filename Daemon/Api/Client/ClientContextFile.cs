using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <summary>Reads and writes the client context file, which is readable by its owner alone.</summary>
public static class ClientContextFile
{
    /// <summary>Names another file than the default one.</summary>
    public const string Variable = "CLUSTERTOOLS_CONTEXTS";

    private static readonly JsonSerializerOptions Indented = new(ApiJson.Lenient)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary><c>CLUSTERTOOLS_CONTEXTS</c>, else <c>clustertools/contexts.json</c> in the user's folder for configuration.</summary>
    public static string DefaultPath =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "clustertools", "contexts.json");

    /// <summary>Reads the file; one that is not there is an empty one.</summary>
    /// <exception cref="InvalidDataException">Readable by others, or not understood; the message says what to do.</exception>
    public static ClientContexts Read(string path)
    {
        if (!File.Exists(path))
        {
            return new ClientContexts();
        }

        PrivateFile.Check(path);
        try
        {
            return JsonSerializer.Deserialize<ClientContexts>(File.ReadAllBytes(path), ApiJson.Lenient)
                ?? throw new InvalidDataException($"{path} says null. Delete it, or restore it from a backup.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}, line {e.LineNumber + 1}: not a client context file. Correct it, or delete it and connect again.", e);
        }
    }

    /// <summary>Writes the file with mode 0600 and its folder, if it is not there, with 0700.</summary>
    public static void Write(string path, ClientContexts contexts)
    {
        string full = Path.GetFullPath(path);
        PrivateFile.CreateFolder(Path.GetDirectoryName(full)!);
        PrivateFile.Write(full, JsonSerializer.SerializeToUtf8Bytes(contexts, Indented));
    }

    /// <summary>Adds a context, or replaces the one of its name, and makes it the current one.</summary>
    public static void Add(string path, ClientContext context)
    {
        ClientContexts contexts = Read(path);
        contexts.Contexts = [.. contexts.Contexts.Where(c => !Same(c.Name, context.Name)), context];
        contexts.Current = context.Name;
        Write(path, contexts);
    }

    /// <summary>The context of a name, or the current one.</summary>
    /// <exception cref="InvalidDataException">There is none; the message says what there is.</exception>
    public static ClientContext Find(string path, string? name = null)
    {
        ClientContexts contexts = Read(path);
        string known = contexts.Contexts.Count == 0 ? "it holds none" : $"it holds {string.Join(", ", contexts.Contexts.Select(c => c.Name))}";
        string wanted = name ?? contexts.Current
            ?? throw new InvalidDataException($"No context is current in {path} ({known}). Name one, or run 'clusterd init' or Connect-Cluster to make one.");
        return contexts.Contexts.FirstOrDefault(c => Same(c.Name, wanted))
            ?? throw new InvalidDataException($"There is no context '{wanted}' in {path} ({known}). Name one of them, or run 'clusterd init' or Connect-Cluster to make one.");
    }

    /// <summary>The client certificate of a context, with its key.</summary>
    /// <param name="context">The context.</param>
    /// <param name="path">The file it was read from, which its certificate's path is relative to.</param>
    /// <exception cref="InvalidDataException">There is none, or it can't be read.</exception>
    public static X509Certificate2 Certificate(ClientContext context, string path)
    {
        if (context.CertificatePfx is { } inline)
        {
            try
            {
                return X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(inline), null);
            }
            catch (Exception e) when (e is FormatException or CryptographicException)
            {
                throw new InvalidDataException($"The certificate of context '{context.Name}' in {path} can't be read: {e.Message} Connect again.", e);
            }
        }

        return context.CertificatePath is { } file
            ? CertificateTrust.LoadPfx(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file))
            : throw new InvalidDataException($"Context '{context.Name}' in {path} has no certificate. Connect again.");
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
