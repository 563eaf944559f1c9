namespace ClusterTools.Cmdlets;

/// <summary>Base of what is done with contexts by their names.</summary>
public abstract class ContextNamesCmdlet : ContextCmdlet
{
    /// <summary>Names of contexts; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClientContext), nameof(ClientContext.Name), Many = true)]
    public string[]? Name { get; set; }
}

/// <summary>Gets the contexts of this user: the clusters that commands can reach, and which one is current.</summary>
/// <remarks>
/// <para>A context says how to reach a cluster and as whom. They stand in the file that the environment variable CLUSTERTOOLS_CONTEXTS
/// names, else in
/// <c>clustertools/contexts.json</c> in the user's folder for configuration. Connect-Cluster makes them.</para>
/// </remarks>
/// <example><code>Get-ClusterContext</code>Lists all contexts.</example>
/// <example><code>Get-ClusterContext -Current</code>Gets the one that is used when -Cluster is not given.</example>
/// <parameter name="Name">Names of contexts; wildcards are allowed. All when left out.</parameter>
[Cmdlet(VerbsCommon.Get, "ClusterContext")]
[OutputType(typeof(ClientContext))]
public sealed class GetClusterContextCommand : ContextNamesCmdlet
{
    /// <summary>The context file; the user's own when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Only the current context.</summary>
    [Parameter]
    public SwitchParameter Current { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string file = Path is null ? ContextFile.DefaultPath : GetUnresolvedProviderPathFromPSPath(Path);
        ClientContexts contexts = ContextFile.Read(file, ApiJson.Wire);
        foreach (ClientContext context in Find(contexts, file, Name ?? ["*"]))
        {
            if (!Current || ContextFile.Same(context.Name, contexts.Current))
            {
                WriteContext(context, contexts);
            }
        }
    });
}

/// <summary>Makes a context the current one, or renames it.</summary>
/// <remarks>
/// <para>The current context is used by all commands that are not given -Cluster, in every shell of this user. A context that is renamed
/// stays current if it was.</para>
/// </remarks>
/// <example><code>Set-ClusterContext (Get-ClusterContext -Current).Name</code>Makes a context current; here the one that is so
/// already.</example>
/// <example><code>$name = (Get-ClusterContext -Current).Name
/// Set-ClusterContext $name -NewName another
/// Set-ClusterContext another -NewName $name</code>Renames a context, and gives it its old name back.</example>
[Cmdlet(VerbsCommon.Set, "ClusterContext", SupportsShouldProcess = true)]
[OutputType(typeof(ClientContext))]
public sealed class SetClusterContextCommand : ContextCmdlet
{
    /// <summary>Name of the context.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClientContext), nameof(ClientContext.Name))]
    public string Name { get; set; } = "";

    /// <summary>A new name for it; it does not become current then.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string file = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(file, ApiJson.Wire);
        ClientContext context = ContextFile.Find(file, contexts, Name);
        if (NewName is not null && contexts.Contexts.Any(c => !ReferenceEquals(c, context) && ContextFile.Same(c.Name, NewName)))
        {
            throw new ContextException(
                ContextException.Exists, $"There is a context '{NewName}' in '{file}' already.", "Choose another name.", NewName);
        }

        WarnOfWildcards(NewName);
        string happens = NewName is null
            ? $"Context '{context.Name}' (cluster '{context.Cluster}') becomes current in '{file}'."
            : $"Context '{context.Name}' (cluster '{context.Cluster}') is called '{NewName}' from now on.";
        if (!ShouldProcess(happens, $"{happens} Go on?", "Set-ClusterContext"))
        {
            return;
        }

        if (NewName is null)
        {
            contexts.Current = context.Name;
        }
        else
        {
            contexts.Current = ContextFile.Same(contexts.Current, context.Name) ? NewName : contexts.Current;
            ClusterConnections.Close(context.Name);
            context.Name = NewName;
        }

        Save(file, contexts);
        WriteContext(context, contexts);
    });
}
