using System.Text;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private void Apply(RunbookRequest e)
    {
        if (e.Name.Length is 0 or > Cluster.MaxRunbookName || !PlainText.IsPlain(e.Name))
        {
            Refuse(e, $"A runbook's name has 1 to {Cluster.MaxRunbookName} characters, all of which can be seen.");
            return;
        }

        state.Runbooks.TryGetValue(e.Name, out RunbookState? old);
        if (e.Expected is { } expected && expected != (old?.Version ?? 0))
        {
            Refuse(
                e,
                old is null
                    ? $"There is no runbook '{e.Name}' any more. Get-ClusterRunbook lists them."
                    : $"Runbook '{e.Name}' is at version {old.Version}, not {expected}: {old.Who} changed it meanwhile. Read it again and make the change in it.");
            return;
        }

        if (e.Content is null)
        {
            if (old is null)
            {
                Refuse(e, $"There is no runbook '{e.Name}'.");
                return;
            }

            state = state with { Runbooks = state.Runbooks.Remove(e.Name) };
            Written(e, $"Runbook '{e.Name}' is removed.");
            return;
        }

        if (Encoding.UTF8.GetByteCount(e.Content) > Cluster.MaxRunbookLength)
        {
            Refuse(e, $"Runbook '{e.Name}' is longer than {Cluster.MaxRunbookLength} bytes. Keep only what is needed to go on.");
            return;
        }

        if (old is null && state.Runbooks.Count >= Cluster.MaxRunbooks)
        {
            Refuse(e, $"There are {Cluster.MaxRunbooks} runbooks already, which is the limit. Remove one that has ended.");
            return;
        }

        state = state with
        {
            Runbooks = state.Runbooks.SetItem(e.Name, new RunbookState { Name = e.Name, Version = index, Who = e.Who, Content = e.Content }),
        };
        Written(e, $"Runbook '{e.Name}' is written.");
    }

    // One line each: a runbook is written after every step.
    private void Written(RunbookRequest e, string message)
    {
        Journal(JournalSeverity.Information, "runbook", message, who: e.Who);
        Succeed(e, message, quiet: true);
    }
}
