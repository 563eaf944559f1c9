using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Lab;

/// <summary>A lab's context in somebody's own client context file, the current one there, for as long as the lab runs.</summary>
public sealed class LabContext
{
    private readonly string file;
    private readonly string name;
    private readonly string certificate;
    private readonly string? before;

    private LabContext(string file, string name, string certificate, string? before)
    {
        this.file = file;
        this.name = name;
        this.certificate = certificate;
        this.before = before;
    }

    /// <summary>Adds it.</summary>
    /// <param name="file">The client context file; made when it is not there.</param>
    /// <param name="name">What it is called there.</param>
    /// <param name="lab">The lab's folder.</param>
    /// <exception cref="LabException">The name belongs to another cluster.</exception>
    public static LabContext Add(string file, string name, LabFolder lab)
    {
        ArgumentNullException.ThrowIfNull(lab);
        Refuse(file, name);
        ClientContext own = ContextFile.Find(lab.Context, Read(lab.Context), null);
        string certificate = Path.GetFullPath(Path.Combine(lab.Path, own.CertificatePath!));
        ClientContexts contexts = Read(file);
        string? before = contexts.Current;
        ContextFile.Put(contexts, new ClientContext
        {
            Name = name,
            Cluster = own.Cluster,
            Servers = own.Servers,
            Authority = own.Authority,
            CertificatePath = certificate,
        });
        ContextFile.Write(file, contexts, WireJson.Default);
        return new LabContext(file, name, certificate, ContextFile.Same(before, name) ? null : before);
    }

    /// <summary>Says beforehand whether the name can be used.</summary>
    /// <exception cref="LabException">The name belongs to another cluster.</exception>
    public static void Refuse(string file, string name)
    {
        if (Read(file).Contexts.FirstOrDefault(c => ContextFile.Same(c.Name, name)) is { } there && !IsLeftOver(there))
        {
            throw new LabException(
                $"There is a context '{there.Name}' of cluster '{there.Cluster}' in {file}. "
                    + "Give another name with --context-name, or remove that one.");
        }
    }

    /// <summary>Takes it out again, and makes current what was current before.</summary>
    public void Remove()
    {
        ClientContexts contexts = Read(file);
        if (contexts.Contexts.FirstOrDefault(c => ContextFile.Same(c.Name, name)) is not { } mine || mine.CertificatePath != certificate)
        {
            return;
        }

        contexts.Contexts = [.. contexts.Contexts.Where(c => c != mine)];
        if (ContextFile.Same(contexts.Current, name))
        {
            contexts.Current = contexts.Contexts.FirstOrDefault(c => ContextFile.Same(c.Name, before))?.Name;
        }

        ContextFile.Write(file, contexts, WireJson.Default);
    }

    /// <summary>Of a lab that was killed: its certificate went with its folder.</summary>
    private static bool IsLeftOver(ClientContext context) =>
        context.CertificatePath is { } path && Path.IsPathRooted(path)
        && Path.GetFileName(Path.GetDirectoryName(path)) == Path.GetFileName(new LabFolder("/").Own) && !File.Exists(path);

    private static ClientContexts Read(string file) => ContextFile.Read(file, WireJson.Default);
}
