namespace ClusterTools.Cmdlets;

/// <summary>Base of what is done with client contexts rather than with a cluster.</summary>
public abstract class ContextCmdlet : StoppableCmdlet
{
    private const string Secret = "(secret)";

    /// <summary>Does something; what goes wrong is written as an error, and the pipeline goes on.</summary>
    protected void Attempt(object? target, Action action)
    {
        try
        {
            action();
        }
        catch (ClusterException e)
        {
            WriteError(ClusterErrors.Record(e, (e as ContextException)?.Target ?? target));
        }
    }

    /// <summary>Warns of a new name that a prompt may take for a pattern.</summary>
    protected void WarnOfWildcards(string? name)
    {
        if (name is not null && name.IndexOfAny(['*', '?', '[', ']', '`']) >= 0)
        {
            WriteWarning(
                $"The name '{name}' has wildcard characters: where names may be patterns it means itself as long as it is there, and then "
                    + "whatever it fits.");
        }
    }

    /// <summary>Runs an asynchronous call to its end on the pipeline's thread.</summary>
    protected T Run<T>(Func<Task<T>> call)
    {
        try
        {
            return call().GetAwaiter().GetResult();
        }
        catch (Exception) when (Stopped.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Contexts by names and wildcards; a name that there is not is an error.</summary>
    protected IEnumerable<ClientContext> Find(ClientContexts contexts, string file, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            ClientContext[] found = ObjectNames.Find(contexts.Contexts, c => c.Name, name);
            if (found.Length == 0 && !ObjectNames.IsWildcard(name))
            {
                WriteError(ClusterErrors.Record(
                    new ContextException(
                        ContextException.NotFound, $"There is no context '{name}' in '{file}'.",
                        "Get-ClusterContext without a name lists them."), name));
            }

            foreach (ClientContext context in found)
            {
                yield return context;
            }
        }
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="ContextException">It can't be written.</exception>
    protected static void Save(string file, ClientContexts contexts)
    {
        try
        {
            ContextFile.Write(file, contexts, ApiJson.Wire);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContextException(
                ContextException.FileUnreadable, $"The client context file '{file}' can't be written: {e.Message}",
                "Check the rights on its folder.", file, e);
        }
    }

    /// <summary>Writes a context without its key, and whether it is the current one.</summary>
    protected void WriteContext(ClientContext context, ClientContexts contexts)
    {
        var shown = PSObject.AsPSObject(new ClientContext
        {
            Name = context.Name,
            Cluster = context.Cluster,
            Servers = context.Servers,
            Authority = context.Authority,
            CertificatePath = context.CertificatePath,
            CertificatePfx = context.CertificatePfx is null ? null : Secret,
        });
        shown.Properties.Add(new PSNoteProperty("Current", ContextFile.Same(context.Name, contexts.Current)));
        WriteObject(shown);
    }
}
