using System.Text;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Small documents that are kept for runbooks.</summary>
internal static class Runbooks
{
    public static void Apply(Draft draft, RunbookRequest e)
    {
        if (e.Name.Length is 0 or > Cluster.MaxRunbookName || !PlainText.IsPlain(e.Name))
        {
            Operations.Refuse(draft, e, $"A runbook's name has 1 to {Cluster.MaxRunbookName} characters, all of which can be seen.");
            return;
        }

        draft.State.Runbooks.TryGetValue(e.Name, out RunbookState? old);
        if (e.Expected is { } expected && expected != (old?.Version ?? 0))
        {
            Operations.Refuse(
                draft, e,
                old is null
                    ? $"There is no runbook '{e.Name}' any more. Get-ClusterRunbook lists them."
                    : $"Runbook '{e.Name}' is at version {old.Version}, not {expected}: {old.Who} changed it meanwhile. "
                        + "Read it again and make the change in it.");
            return;
        }

        if (e.Content is null)
        {
            if (old is null)
            {
                Operations.Refuse(draft, e, $"There is no runbook '{e.Name}'.");
                return;
            }

            draft.State = draft.State with { Runbooks = draft.State.Runbooks.Remove(e.Name) };
            Written(draft, e, $"Runbook '{e.Name}' is removed.");
            return;
        }

        if (Encoding.UTF8.GetByteCount(e.Content) > Cluster.MaxRunbookLength)
        {
            Operations.Refuse(
                draft, e, $"Runbook '{e.Name}' is longer than {Cluster.MaxRunbookLength} bytes. Keep only what is needed to go on.");
            return;
        }

        if (old is null && draft.State.Runbooks.Count >= Cluster.MaxRunbooks)
        {
            Operations.Refuse(
                draft, e, $"There are {Cluster.MaxRunbooks} runbooks already, which is the limit. Remove one that has ended.");
            return;
        }

        draft.State = draft.State with
        {
            Runbooks = draft.State.Runbooks.SetItem(
                e.Name, new RunbookState { Name = e.Name, Version = draft.Index, Who = e.Who, Content = e.Content }),
        };
        Written(draft, e, $"Runbook '{e.Name}' is written.");
    }

    // One line each: a runbook is written after every step.
    private static void Written(Draft draft, RunbookRequest e, string message)
    {
        draft.Journal(JournalSeverity.Information, JournalKind.Runbook, message, who: e.Who);
        Operations.Succeed(draft, e, message, quiet: true);
    }
}
