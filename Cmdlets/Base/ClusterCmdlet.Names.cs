using System.Management.Automation.Host;

namespace ClusterTools.Cmdlets;

/// <content>Names to objects.</content>
public abstract partial class ClusterCmdlet
{
    /// <summary>Groups by names and wildcards; a name that there is not is an error, and the others are found.</summary>
    /// <param name="names">Null: all.</param>
    /// <param name="explain">With every node's verdict.</param>
    protected IEnumerable<GroupStatus> FindGroups(IReadOnlyList<string>? names, bool explain = false) =>
        Find("group", names, (client, cancel) => client.GetGroupsAsync(
            explain, cancel), (client, name, cancel) => client.GetGroupAsync(name, explain, cancel), g => g.Name);

    /// <summary>Guests by names and wildcards; a name that there is not is an error, and the others are found.</summary>
    /// <param name="names">Null: all.</param>
    protected IEnumerable<GuestStatus> FindGuests(IReadOnlyList<string>? names) =>
        Find("guest", names, (client, cancel) => client.GetGuestsAsync(cancel), (client, name, cancel) => client.GetGuestAsync(
            name, cancel), g => g.Name);

    /// <summary>Migrations of these guests, under way or the last ones.</summary>
    /// <param name="guests">Null: of all.</param>
    private protected IEnumerable<GuestMigration> FindMigrations(IReadOnlyCollection<string>? guests) =>
        Call((client, cancel) => client.GetMigrationsAsync(cancel)).Where(m => guests is null || guests.Contains(m.Guest));

    /// <summary>Nodes by names and wildcards; a name that there is not is an error, and the others are found.</summary>
    /// <param name="names">Null: all.</param>
    protected IEnumerable<NodeStatus> FindNodes(IReadOnlyList<string>? names) =>
        Find("node", names, (client, cancel) => client.GetNodesAsync(
            cancel), (client, name, cancel) => client.GetNodeAsync(name, cancel), n => n.Name);

    /// <summary>The one node that a name or wildcard means, as the cluster writes its name.</summary>
    /// <exception cref="ClusterApiException">There is none, or there are several.</exception>
    protected string FindNode(string name) => SelectOne(Noun.Node, name).Name;

    /// <summary>
    /// An agent's whole name. A short one, such as IPaddr2, is that of the one OCF agent that is called so, the distribution's own before
    /// others.
    /// </summary>
    private protected string FullAgentName(string agent)
    {
        if (agent.IndexOf(':') >= 0 || agent.IndexOf('/') >= 0)
        {
            return agent;
        }

        string[] all = [.. Call((client, cancel) => client.GetResourceTypesAsync("*", cancel)).Select(t => t.Name)];
        string[] named = ObjectNames.Find(all, n => n, agent, wildcards: false);
        if (named.Length == 0)
        {
            named = [.. all.Where(
                n => n.StartsWith("ocf:", StringComparison.Ordinal)
                    && string.Equals(n.Substring(n.LastIndexOf(':') + 1), agent, StringComparison.OrdinalIgnoreCase))
                .OrderByDescending(n => n.StartsWith("ocf:heartbeat:", StringComparison.Ordinal))];
        }

        return named.FirstOrDefault() ?? agent;
    }

    /// <summary>
    /// Asks whether to do something, unless -Confirm:$false has answered already; where nobody can be asked, that is an error which names
    /// the way around.
    /// </summary>
    /// <param name="query">The question, with what is at stake.</param>
    /// <param name="caption">Its title.</param>
    /// <param name="target">What it is about, for the error.</param>
    protected bool Confirmed(string query, string caption, object target)
    {
        bool all = false;
        return Confirmed(query, caption, target, ref all);
    }

    /// <summary>The same, of one of several: all of them may be answered at once.</summary>
    /// <param name="query">The question, with what is at stake.</param>
    /// <param name="caption">Its title.</param>
    /// <param name="target">What it is about, for the error.</param>
    /// <param name="all">Set when yes was said to all that follow, too.</param>
    private protected bool Confirmed(string query, string caption, object target, ref bool all)
    {
        if (MyInvocation.BoundParameters.TryGetValue("Confirm", out object? asked) && !LanguagePrimitives.IsTrue(asked))
        {
            return true;
        }

        try
        {
            // ShouldContinue takes Enter for yes; here the default must be no.
            int answer = Host.UI.PromptForChoice(
                caption,
                query,
                [
                    new ChoiceDescription("&Yes", "Do it."),
                    new ChoiceDescription("Yes to &All", "Do it, and the same with all that follow."),
                    new ChoiceDescription("&No", "Leave it as it is."),
                ],
                2);
            all = answer == 1;
            return answer is 0 or 1;
        }
        catch (Exception e) when (e is InvalidOperationException or HostException or NotImplementedException)
        {
            WriteProblem(
                ClusterErrors.Own(
                    ClusterErrors.ConfirmationNeeded, 400, $"{query} Nobody can be asked here.",
                    "Make sure that it is so, then run the command again with -Confirm:$false or -Force."),
                target);
            return false;
        }
    }

    private List<T> Find<T>(
        string what,
        IReadOnlyList<string>? names,
        Func<ClusterClient, CancellationToken, Task<T[]>> askAll,
        Func<ClusterClient, string, CancellationToken, Task<T>> askOne,
        Func<T, string> nameOf)
        where T : class
    {
        var found = new List<T>();
        T[]? all = null;
        foreach (string name in names ?? ["*"])
        {
            Attempt(name, () =>
            {
                bool single = !ObjectNames.IsWildcard(name);
                if (single && One(name) is { } one)
                {
                    Add(one);
                    return;
                }

                all ??= Call(askAll);
                foreach (T item in Select(what, all, nameOf, [name]))
                {
                    // A request for a single item returns more detail than the list.
                    Add((single ? One(nameOf(item)) : null) ?? item);
                }
            });
        }

        return found;

        // A cluster may have thousands; an exact name needs only one of them.
        T? One(string name)
        {
            try
            {
                return Call((client, cancel) => askOne(client, name, cancel));
            }
            catch (ClusterApiException e) when (e.Code == ProblemCodes.NotFound)
            {
                return null;
            }
        }

        void Add(T item)
        {
            if (!found.Any(f => nameOf(f) == nameOf(item)))
            {
                found.Add(item);
            }
        }
    }
}
