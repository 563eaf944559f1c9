using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation.Language;

namespace ClusterTools.Cmdlets;

/// <summary>
/// Base of completion with names from the live cluster: quick or not at all, silent when there is no cluster. What comes too late is kept
/// for the next Tab.
/// </summary>
public abstract class NameCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(80);

    // The first answer needs a connection and code that is compiled then: slow once is better than no answer.
    private static readonly TimeSpan FirstLimit = TimeSpan.FromMilliseconds(1200);

    // Contexts and kinds of names for which the longer limit has been used already.
    private static readonly ConcurrentDictionary<string, bool> Waited = new();

    // An answer that came too late for one Tab serves the next.
    private static readonly TimeSpan LateLimit = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private static readonly ConcurrentDictionary<string, (Task<IReadOnlyList<(string Name, string About)>> Answer, Stopwatch Age)> Known =
        new();

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = wordToComplete.Trim('\'', '"');
        IReadOnlyList<(string Name, string About)> names = Names(fakeBoundParameters);

        // What begins with the word comes first; what holds it elsewhere is better than nothing.
        return names
            .Where(n => n.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Concat(names.Where(n => word.Length > 0 && n.Name.IndexOf(word, StringComparison.OrdinalIgnoreCase) > 0))
            .Select(n => new CompletionResult(
                Quoted(n.Name), n.Name, CompletionResultType.ParameterValue, n.About.Length > 0 ? n.About : n.Name));
    }

    /// <summary>Forgets what is kept, when the module goes.</summary>
    internal static void Forget()
    {
        Known.Clear();
        Waited.Clear();
    }

    /// <summary>Asks the cluster for names, each with a word about it.</summary>
    /// <param name="client">The cluster that is meant.</param>
    /// <param name="bound">What the command line gives already.</param>
    /// <param name="cancellationToken">Ends it.</param>
    protected abstract Task<IReadOnlyList<(string Name, string About)>> AskAsync(
        ClusterClient client, IDictionary bound, CancellationToken cancellationToken);

    /// <summary>What else than the kind of name the answer depends on; for the cache.</summary>
    protected virtual string Scope(IDictionary bound) => "";

    /// <summary>The value of a parameter on the command line, if it is one string.</summary>
    protected static string? Text(IDictionary bound, string parameter) =>
        bound.Contains(parameter) && bound[parameter] is { } value
            && (value is object[] { Length: 1 } array ? array[0] : value) is string { Length: > 0 } text
            ? text
            : null;

    /// <summary>A name as it must stand on a command line.</summary>
    protected internal static string Quoted(string name) =>
        name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/')
            ? name
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";

    private IReadOnlyList<(string Name, string About)> Names(IDictionary bound)
    {
        try
        {
            string context = ClusterConnections.NameOf(Text(bound, "Cluster"));
            string key = $"{GetType().Name}\n{ContextFile.DefaultPath}\n{context}\n{Scope(bound)}";
            if (!Known.TryGetValue(key, out (Task<IReadOnlyList<(string Name, string About)>> Answer, Stopwatch Age) known)
                || known.Age.Elapsed > Fresh)
            {
                // On another thread: even the first step of a connection may take longer than a Tab should.
                known = (Task.Run(() => AnswerAsync(context, bound)), Stopwatch.StartNew());
                Known[key] = known;
            }

            // If no server answers, only the first Tab is slow.
            bool first = Waited.TryAdd($"{context}\n{GetType().Name}", true);
            return known.Answer.Wait(first ? FirstLimit : Limit) ? known.Answer.Result : [];
        }
        catch (Exception e) when (e is ClusterException or AggregateException or OperationCanceledException)
        {
            // No cluster or no right to ask: Tab completes nothing and shows no error.
            return [];
        }
    }

    private async Task<IReadOnlyList<(string Name, string About)>> AnswerAsync(string context, IDictionary bound)
    {
        using var limit = new CancellationTokenSource(LateLimit);
        return await AskAsync(ClusterConnections.Of(context), bound, limit.Token).ConfigureAwait(false);
    }
}
