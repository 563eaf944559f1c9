using Newtonsoft.Json.Linq;

namespace ClusterTools.Cmdlets;

/// <summary>Base of every cmdlet that asks a cluster: which one, how long it may run, and what its errors look like.</summary>
public abstract partial class ClusterCmdlet : StoppableCmdlet
{
    /// <summary>Name of the note property by which an object tells the next command in the pipeline which cluster it is from.</summary>
    internal const string ContextProperty = "ClusterContext";

    private readonly HashSet<string> warnedOf = [];

    /// <summary>
    /// Name of the client context that says which cluster is meant; the current one when left out. Objects from the pipeline bring theirs
    /// along.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias(ContextProperty)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Cluster { get; set; }

    /// <summary>Runs a call of the client to its end on the pipeline's thread.</summary>
    /// <exception cref="ClusterException">As the call; <see cref="Attempt"/> makes an error record of it.</exception>
    /// <exception cref="PipelineStoppedException">The user stopped the command.</exception>
    protected T Call<T>(Func<ClusterClient, CancellationToken, Task<T>> call)
    {
        try
        {
            var origin = AnswerOrigin.Begin();
            T answer = call(ClusterConnections.Of(Cluster), Stopped).GetAwaiter().GetResult();
            WarnOf(origin);
            return answer;
        }
        catch (Exception e) when (Stopped.IsCancellationRequested && e is not PipelineStoppedException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Once a command and node, not once an object.</summary>
    private void WarnOf(AnswerOrigin origin)
    {
        if (origin.WithoutQuorum is { } node && MyInvocation.MyCommand.Name.StartsWith(VerbsCommon.Get + "-", StringComparison.Ordinal)
            && warnedOf.Add(node))
        {
            WriteWarning($"{node} has no quorum: what it tells of other nodes and groups is what was known last.");
        }
    }

    /// <summary>The configuration in force.</summary>
    private protected JObject Configuration() => Call((client, cancel) => client.ReadConfigurationAsync(cancel)).Document;

    /// <summary>Does something with one item; what goes wrong is written as its error, and the pipeline goes on.</summary>
    /// <param name="target">The item.</param>
    /// <param name="action">What to do.</param>
    /// <returns>Whether it went well.</returns>
    protected bool Attempt(object? target, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (ClusterException e)
        {
            WriteProblem(e, target);
            return false;
        }
    }

    /// <summary>Writes an error; one that would befall every further item as well ends the command.</summary>
    protected void WriteProblem(ClusterException e, object? target)
    {
        ErrorRecord record = ClusterErrors.Record(e, target);
        if (e is ClusterUnreachableException or ContextException
            || e.Code is ProblemCodes.UnknownCertificate or ProblemCodes.NoConfiguration)
        {
            ThrowTerminatingError(record);
        }

        WriteError(record);
    }

    /// <summary>Writes objects that know which cluster they are from.</summary>
    protected void WriteClusterObjects(IEnumerable<object> values)
    {
        foreach (object value in values)
        {
            WriteClusterObject(value);
        }
    }

    /// <summary>Writes an object that knows which cluster it is from.</summary>
    protected void WriteClusterObject(object value)
    {
        PSObject wrapped = PSObject.AsPSObject(value);
        if (Cluster is { } name && wrapped.Properties[ContextProperty] is null)
        {
            wrapped.Properties.Add(new PSNoteProperty(ContextProperty, name));
        }

        WriteObject(wrapped);
    }

    /// <summary>
    /// Those whose names fit. A name without wildcards that fits nothing is an error; a wildcard that fits nothing is not.
    /// </summary>
    /// <param name="what">Such as <c>group</c>, for the error.</param>
    /// <param name="all">What there is.</param>
    /// <param name="nameOf">Its name.</param>
    /// <param name="patterns">Names or wildcards; null or empty: everything.</param>
    protected IEnumerable<T> Select<T>(string what, IReadOnlyList<T> all, Func<T, string> nameOf, IReadOnlyList<string>? patterns)
    {
        if (patterns is null || patterns.Count == 0)
        {
            return all;
        }

        var chosen = new List<T>();
        foreach (string pattern in patterns)
        {
            T[] found = ObjectNames.Find(all, nameOf, pattern);
            if (found.Length == 0 && !ObjectNames.IsWildcard(pattern))
            {
                WriteProblem(ClusterErrors.NotFound(what, pattern, all.Select(nameOf)), pattern);
            }

            chosen.AddRange(found.Where(f => !chosen.Contains(f)));
        }

        return chosen;
    }

    /// <summary>Things by names and wildcards; a name that there is not is an error, and the others are found.</summary>
    /// <param name="noun">What they are.</param>
    /// <param name="names">Null: all.</param>
    private protected IEnumerable<T> Select<T>(Noun<T> noun, IReadOnlyList<string>? names) =>
        Select(noun.What, Call(noun.AllAsync), noun.NameOf, names);

    /// <summary>The one that a name or wildcard means, of what there is now.</summary>
    /// <exception cref="ClusterApiException">There is none (not-found), or there are several (ambiguous-name).</exception>
    private protected T SelectOne<T>(Noun<T> noun, string name) => SelectOne(noun.What, Call(noun.AllAsync), noun.NameOf, name);

    /// <summary>The one that a name or wildcard means.</summary>
    /// <exception cref="ClusterApiException">There is none (not-found), or there are several (ambiguous-name).</exception>
    protected static T SelectOne<T>(string what, IReadOnlyList<T> all, Func<T, string> nameOf, string pattern)
    {
        T[] found = ObjectNames.Find(all, nameOf, pattern);
        return found.Length switch
        {
            1 => found[0],
            0 => throw ClusterErrors.NotFound(what, pattern, all.Select(nameOf)),
            _ => throw ClusterErrors.Ambiguous(what, pattern, found.Select(nameOf)),
        };
    }
}
