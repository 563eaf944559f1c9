namespace ClusterTools.Client;

/// <summary>The connections of this process, one for each context, kept open between commands. Safe for several threads.</summary>
public static class ClusterConnections
{
    private static readonly object Gate = new();
    private static readonly Dictionary<string, Connection> Open = new(StringComparer.OrdinalIgnoreCase);
    private static (string Path, DateTime Written, long Length, ClientContexts Contexts)? read;

    /// <summary>The client of a context; without a name of the current one.</summary>
    /// <exception cref="ContextException">There is none, or its certificates can't be read.</exception>
    public static ClusterClient Of(string? name) => Find(name).Client;

    /// <summary>The name of the context that is meant.</summary>
    /// <exception cref="ContextException">There is none.</exception>
    public static string NameOf(string? name)
    {
        string path = ContextFile.DefaultPath;
        return ContextFile.Find(path, Read(path), name).Name;
    }

    /// <summary>Closes the connection of a context.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Close(string name)
    {
        lock (Gate)
        {
            string key = Key(ContextFile.DefaultPath, name);
            if (!Open.TryGetValue(key, out Connection? connection))
            {
                return false;
            }

            Open.Remove(key);
            connection.Client.Dispose();
            return true;
        }
    }

    /// <summary>Closes all of them.</summary>
    public static void CloseAll()
    {
        lock (Gate)
        {
            foreach (Connection connection in Open.Values)
            {
                connection.Client.Dispose();
            }

            Open.Clear();
            read = null;
        }
    }

    private static Connection Find(string? name)
    {
        lock (Gate)
        {
            string path = ContextFile.DefaultPath;
            ClientContext context = ContextFile.Find(path, Read(path), name);
            string key = Key(path, context.Name);
            if (Open.TryGetValue(key, out Connection? there))
            {
                if (there.Is(context))
                {
                    return there;
                }

                // Commands still running on it end with an error; otherwise they would reach another cluster.
                Open.Remove(key);
                there.Client.Dispose();
            }

            var connection = new Connection(context, ClusterClient.FromContext(context, path, ApiJson.Wire));
            Open.Add(key, connection);
            return connection;
        }
    }

    private static ClientContexts Read(string path)
    {
        lock (Gate)
        {
            var file = new FileInfo(path);
            DateTime written = file.Exists ? file.LastWriteTimeUtc : default;
            long length = file.Exists ? file.Length : -1;
            if (read is { } known && known.Path == path && known.Written == written && known.Length == length)
            {
                return known.Contexts;
            }

            ClientContexts contexts = ContextFile.Read(path, ApiJson.Wire);
            read = (path, written, length, contexts);
            return contexts;
        }
    }

    private static string Key(string path, string name) => $"{path}\n{name}";

    private sealed class Connection
    {
        private readonly ClientContext context;

        public Connection(ClientContext context, ClusterClient client)
        {
            this.context = context;
            Client = client;
        }

        public ClusterClient Client { get; }

        public bool Is(ClientContext other) =>
            ReferenceEquals(context, other)
            || (context.Authority == other.Authority
                && context.CertificatePath == other.CertificatePath
                && context.CertificatePfx == other.CertificatePfx
                && context.Servers.SequenceEqual(other.Servers));
    }
}
