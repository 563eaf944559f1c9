using System.Linq;
using System.Management.Automation;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets;

/// <summary>Lists the clusters that this user can reach, from the client context file.</summary>
[Cmdlet(VerbsCommon.Get, "ClusterContext")]
[OutputType(typeof(ClientContext))]
public sealed class GetClusterContextCommand : PSCmdlet
{
    /// <summary>Names of contexts; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The context file; the user's own when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Only the current context.</summary>
    [Parameter]
    public SwitchParameter Current { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string file = Path is null ? ContextFile.DefaultPath : GetUnresolvedProviderPathFromPSPath(Path);
        ClientContexts contexts;
        try
        {
            contexts = ContextFile.Read(file);
        }
        catch (ContextException e)
        {
            WriteError(ClusterErrors.Record(e, file));
            return;
        }

        foreach (string pattern in Name ?? ["*"])
        {
            Write(contexts, pattern, file);
        }
    }

    private void Write(ClientContexts contexts, string pattern, string file)
    {
        var wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase);
        ClientContext[] found = [.. contexts.Contexts.Where(c => wildcard.IsMatch(c.Name) && (!Current || ContextFile.Same(c.Name, contexts.Current)))];
        WriteObject(found, enumerateCollection: true);
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(pattern) && !Current)
        {
            WriteError(ClusterErrors.Record(
                new ContextException(ContextException.NotFound, $"There is no context '{pattern}' in '{file}'.", "Get-ClusterContext without a name lists them."), pattern));
        }
    }
}
