using System.IO;
using System.Management.Automation;
using ClusterTools.Contract;
using Newtonsoft.Json;

namespace ClusterTools.Cmdlets;

/// <summary><c>Get-ClusterContext</c>: the clusters that this user can reach, from the client context file.</summary>
[Cmdlet(VerbsCommon.Get, "ClusterContext")]
[OutputType(typeof(ClientContext))]
public sealed class GetClusterContextCommand : PSCmdlet
{
    /// <summary>Names of contexts; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            WriteError(new ErrorRecord(
                new InvalidDataException($"The client context file '{file}' can't be read: {e.Message} Correct it, or name another one with -Path.", e),
                "ContextFileUnreadable",
                ErrorCategory.InvalidData,
                file));
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
        bool found = false;
        foreach (ClientContext context in contexts.Contexts)
        {
            if (wildcard.IsMatch(context.Name) && (!Current || string.Equals(context.Name, contexts.Current, StringComparison.OrdinalIgnoreCase)))
            {
                found = true;
                WriteObject(context);
            }
        }

        if (!found && !WildcardPattern.ContainsWildcardCharacters(pattern) && !Current)
        {
            WriteError(new ErrorRecord(
                new ItemNotFoundException($"There is no context '{pattern}' in '{file}'. Get-ClusterContext without a name lists them."),
                "ContextNotFound",
                ErrorCategory.ObjectNotFound,
                pattern));
        }
    }
}
