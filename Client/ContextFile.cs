using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <summary>The client context file, as <c>clusterd init</c> and the lab write it: several clusters, one of them current.</summary>
public static class ContextFile
{
    /// <summary>Names another file than the default one.</summary>
    private const string Variable = "CLUSTERTOOLS_CONTEXTS";

    /// <summary>What the variable says, else <c>clustertools/contexts.json</c> in the user's folder for configuration.</summary>
    public static string DefaultPath =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "clustertools", "contexts.json");

    /// <summary>Reads the file; one that is not there is an empty one.</summary>
    /// <exception cref="ContextException">It can be read by others, or can't be read or understood.</exception>
    public static ClientContexts Read(string path, IWireJson json)
    {
        if (!File.Exists(path))
        {
            return new ClientContexts();
        }

        PrivateFile.Check(path);
        try
        {
            using FileStream content = File.OpenRead(path);
            return json.Read<ClientContexts>(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ContextException(
                ContextException.FileUnreadable, $"The client context file '{path}' can't be read: {e.Message}",
                "Correct it, or delete it and connect again.", path, e);
        }
    }

    /// <summary>Writes the file, readable by its owner alone.</summary>
    public static void Write(string path, ClientContexts contexts, IWireJson json) =>
        PrivateFile.Write(Path.GetFullPath(path), json.Write(contexts));

    /// <summary>Adds a node to those that a context asks.</summary>
    public static void AddServer(ClientContext context, string address, int port)
    {
        string server = new UriBuilder("https", address, port).Uri.GetLeftPart(UriPartial.Authority);
        context.Servers = [.. context.Servers.Append(server).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Puts a context in the place of the one of its name, or at the end, and makes it the current one.</summary>
    public static void Put(ClientContexts contexts, ClientContext context)
    {
        int at = contexts.Contexts.TakeWhile(c => !Same(c.Name, context.Name)).Count();
        contexts.Contexts = [.. contexts.Contexts.Take(at), context, .. contexts.Contexts.Skip(at + 1)];
        contexts.Current = context.Name;
    }

    /// <summary>The context of a name, compared without case; without a name the current one.</summary>
    /// <exception cref="ContextException">There is none; says what there is.</exception>
    public static ClientContext Find(string path, ClientContexts contexts, string? name)
    {
        string known = contexts.Contexts.Count == 0
            ? "it holds none"
            : $"it holds {string.Join(", ", contexts.Contexts.Select(c => c.Name))}";
        string wanted = name ?? contexts.Current ?? throw new ContextException(
            ContextException.NoneCurrent,
            $"No cluster was named, and no context is current in '{path}' ({known}).",
            "Connect with Connect-Cluster, start a lab with Start-ClusterLab, or choose a context with Set-ClusterContext.",
            path);
        return contexts.Contexts.FirstOrDefault(c => Same(c.Name, wanted)) ?? throw new ContextException(
            ContextException.NotFound,
            $"There is no context '{wanted}' in '{path}' ({known}).",
            "Name one of them, or make one with Connect-Cluster.",
            wanted);
    }

    /// <summary>Whether two names of contexts are the same.</summary>
    public static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>The client certificate of a context, with its key.</summary>
    /// <param name="context">The context.</param>
    /// <param name="path">The file it was read from, which its certificate's path is relative to.</param>
    /// <exception cref="ContextException">There is none, or it can't be read.</exception>
    public static X509Certificate2 Certificate(ClientContext context, string path)
    {
        if (context.CertificatePfx is { } inline)
        {
            try
            {
                return new X509Certificate2(Convert.FromBase64String(inline));
            }
            catch (Exception e) when (e is FormatException or CryptographicException)
            {
                throw new ContextException(
                    ContextException.CertificateUnreadable,
                    $"The certificate of context '{context.Name}' in '{path}' can't be read: {e.Message}", "Connect again.", context.Name,
                    e);
            }
        }

        return context.CertificatePath is { } file
            ? LoadPfx(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file), null)
            : throw new ContextException(
                ContextException.CertificateUnreadable, $"Context '{context.Name}' in '{path}' has no certificate.", "Connect again.",
                context.Name);
    }

    /// <summary>Reads a certificate with its key.</summary>
    /// <exception cref="ContextException">Missing, damaged, another password, without key, or readable by others.</exception>
    public static X509Certificate2 LoadPfx(string path, System.Security.SecureString? password)
    {
        if (!File.Exists(path))
        {
            throw new ContextException(
                ContextException.CertificateUnreadable, $"The certificate '{path}' is not there.", "Copy it there, or issue it again.",
                path);
        }

        PrivateFile.Check(path);
        X509Certificate2 certificate;
        try
        {
            certificate = password is null
                ? new X509Certificate2(path)
                : new X509Certificate2(path, password, X509KeyStorageFlags.Exportable);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ContextException(
                ContextException.CertificateUnreadable, $"The certificate '{path}' can't be read: {e.Message}",
                "Check that it is a PFX file and that the password is right, or issue it again.", path, e);
        }

        if (certificate.HasPrivateKey)
        {
            return certificate;
        }

        certificate.Dispose();
        throw new ContextException(
            ContextException.CertificateUnreadable, $"The certificate '{path}' has no private key.", "Give the PFX file, which holds both.",
            path);
    }

    /// <summary>A certificate from PEM.</summary>
    /// <exception cref="ContextException">It is none.</exception>
    public static X509Certificate2 Authority(string pem, string where)
    {
        const string Begin = "-----BEGIN CERTIFICATE-----";
        const string End = "-----END CERTIFICATE-----";
        int begin = pem.IndexOf(Begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : pem.IndexOf(End, begin, StringComparison.Ordinal);
        try
        {
            return end < 0
                ? throw new FormatException("It is not a PEM certificate.")
                : new X509Certificate2(Convert.FromBase64String(pem.Substring(begin + Begin.Length, end - begin - Begin.Length)));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new ContextException(
                ContextException.CertificateUnreadable, $"The authority of {where} can't be read: {e.Message}",
                "Give ca.pem of the cluster, and connect again.", where, e);
        }
    }
}
