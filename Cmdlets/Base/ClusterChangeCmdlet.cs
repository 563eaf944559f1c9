namespace ClusterTools.Cmdlets;

/// <summary>Base of every cmdlet that changes something: it waits for the operation's end, tells how it goes, and can be bounded.</summary>
public abstract class ClusterChangeCmdlet : ClusterWaitCmdlet
{
    /// <summary>
    /// Seconds to wait for the end. Left out: as long as it takes. 0: does not wait, and gives the operation at once, for
    /// Wait-ClusterOperation. When the time is over, an error says so; the operation goes on in the cluster.
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Wait { get; set; }

    private bool yesToAll;

    /// <summary>Whether it was only asked what would be.</summary>
    private protected bool IsWhatIf =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>What a change would do; null: the cluster can't tell now, and the change itself says why.</summary>
    /// <param name="ask">For the prediction.</param>
    /// <param name="about">The group that is changed; null: it is about a node.</param>
    private protected Foresight? Foresee(Func<ClusterClient, CancellationToken, Task<Plan>> ask, string? about = null)
    {
        try
        {
            return new Foresight(Call(ask), about);
        }
        catch (ClusterException)
        {
            return null;
        }
    }

    /// <summary>
    /// Tells by -WhatIf and asks by -Confirm what will happen, and asks once more, default No, when it costs the quorum or a group that
    /// should run. What the cluster would refuse is an error of -WhatIf, too.
    /// </summary>
    /// <param name="target">What it is done to.</param>
    /// <param name="happens">What will happen, as a sentence.</param>
    /// <param name="foresight">What else will; null: not known.</param>
    /// <param name="force">-Force was given: nothing is asked.</param>
    private protected bool Should(object target, string happens, Foresight? foresight, bool force)
    {
        string command = MyInvocation.MyCommand?.Name ?? "";
        if (!ShouldProcess(happens, $"{happens} Go on?", command))
        {
            if (IsWhatIf && foresight?.Refused is { } refused)
            {
                WriteProblem(ClusterErrors.WouldBeRefused(refused), target);
            }

            return false;
        }

        // What is refused costs nothing: the cluster says so itself.
        return force || yesToAll || foresight is null or { Refused: not null } || foresight.Cost is not { } cost
            || Confirmed($"{happens} {cost} Do it all the same?", command, target, ref yesToAll);
    }

    /// <summary>
    /// Asks for a change and waits for its end as <see cref="Wait"/> says. What goes wrong is written as an error of the target.
    /// </summary>
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

    /// <summary>Tells and asks what will become of the whole cluster, does it, and writes the cluster as it is then.</summary>
    /// <param name="cluster">As it was before.</param>
    /// <param name="happens">What will happen, as a sentence.</param>
    /// <param name="activity">Title of the progress bar.</param>
    /// <param name="ask">The request.</param>
    private protected void ChangeCluster(
        ClusterStatus cluster, string happens, string activity, Func<ClusterClient, CancellationToken, Task<Operation>> ask)
    {
        if (Should(cluster.Name, happens, foresight: null, force: false) && Change(cluster.Name, activity, ask))
        {
            WriteClusterObject(Call((client, cancel) => client.GetClusterAsync(cancel)));
        }
    }
}
