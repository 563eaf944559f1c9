using System.Management.Automation;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets;

/// <summary>Base of every cmdlet that changes something: it waits for the operation's end, tells how it goes, and can be bounded.</summary>
public abstract class ClusterChangeCmdlet : ClusterWaitCmdlet
{
    /// <summary>
    /// Seconds to wait for the end. Left out: as long as it takes. 0: does not wait, and gives the operation at once, for Wait-ClusterOperation.
    /// When the time is over, an error says so; the operation goes on in the cluster.
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Wait { get; set; }

    /// <summary>Asks for a change and waits for its end as <see cref="Wait"/> says. What goes wrong is written as an error of the target.</summary>
    /// <param name="target">What is worked on.</param>
    /// <param name="activity">Title of the progress bar, such as <c>Moving group webshop</c>.</param>
    /// <param name="ask">The request.</param>
    /// <returns>
    /// True: it was done, and the object worked on can be written. False: there was an error, or with <c>-Wait 0</c> the operation was
    /// written in its place.
    /// </returns>
    protected bool Change(object target, string activity, Func<ClusterClient, CancellationToken, Task<Operation>> ask)
    {
        bool done = false;
        Attempt(target, () =>
        {
            Operation operation = Call(ask);
            if (Wait == 0)
            {
                WriteClusterObject(operation);
                return;
            }

            done = Ended(operation, activity, Wait) is not null;
        });
        return done;
    }
}
