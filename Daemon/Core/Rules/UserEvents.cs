using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Events of the administrators' own.</summary>
internal static class UserEvents
{
    public static void Apply(Draft draft, UserEvent e)
    {
        if (e.Name.Length is 0 or > Cluster.MaxUserEventName || !e.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            Operations.Refuse(
                draft, e,
                $"'{BoundedEvent.Shown(e.Name)}' is no name of a user event. Use 1 to {Cluster.MaxUserEventName} letters, digits, '-', "
                    + "'_' and '.'.");
            return;
        }

        if (e.Data is { Length: > Cluster.MaxUserEventData })
        {
            Operations.Refuse(
                draft, e,
                $"The data of user event '{e.Name}' is longer than the {Cluster.MaxUserEventData:N0} characters that are taken. "
                    + "Put it into a file and name that.");
            return;
        }

        if (e.Data is { } data && PlainText.WhyNot(data) is { } hidden)
        {
            Operations.Refuse(
                draft, e,
                $"The data of user event '{e.Name}' has a character in it that can't be seen ({hidden}). "
                    + "Leave it out, or write it as an escape such as \\n.");
            return;
        }

        draft.Journal(JournalSeverity.Information, JournalKind.User(e.Name), string.IsNullOrEmpty(e.Data) ? e.Name : e.Data, who: e.Who);
        Operations.Succeed(draft, e, $"Event user.{e.Name} is journalled.", quiet: true);
    }
}
