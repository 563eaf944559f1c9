using System.Diagnostics;

namespace ClusterTools.Cmdlets;

/// <summary>
/// Base of every cmdlet that changes the configuration: the change is made on the version in force and made anew when somebody else was
/// quicker; -WhatIf says what it would do; it waits until what the change restarts, starts or stops has come to rest.
/// </summary>
public abstract partial class ClusterConfigurationCmdlet : ClusterChangeCmdlet
{
    // Somebody else is quicker once or twice; more often something is wrong.
    private const int MostTries = 10;

    /// <summary>Why, for the journal and the history of the configuration.</summary>
    [Parameter]
    [ValidateLength(1, 1000)]
    public string? Reason { get; set; }

    /// <summary>Whether it goes on although an agent is not there or would not take what it is given.</summary>
    private protected virtual bool GoesOn => false;

    /// <summary>Edits the configuration; what goes wrong is written as an error of the target.</summary>
    /// <param name="target">What is worked on.</param>
    /// <param name="what">What is done, such as <c>Adding service web</c>.</param>
    /// <param name="edit">The change; it may be made more than once.</param>
    /// <returns>What came of it; null: nothing was changed, for there was an error, or it was only asked what would be.</returns>
    private protected ConfigurationOutcome? Edit(object target, string what, ConfigurationEdit edit) =>
        Change(
            target,
            what,
            (client, cancel) => client.CheckEditAsync([edit], null, cancel, GoesOn),
            (client, version, cancel) => client.EditConfigurationAsync([edit], version, Reason, cancel, GoesOn));

    /// <summary>
    /// Adds or changes something, waits until what that starts, stops or restarts has come to rest, and writes the thing as it is then.
    /// </summary>
    /// <param name="target">What is worked on.</param>
    /// <param name="what">What is done, such as <c>Changing service web</c>.</param>
    /// <param name="edit">The change; it may be made more than once.</param>
    /// <param name="write">Writes the thing.</param>
    private protected void EditAndWrite(object target, string what, ConfigurationEdit edit, Action write) =>
        EditAndWrite(target, what, edit, _ => write());

    /// <summary>The same, for a thing that only the cluster knows the name of.</summary>
    private protected void EditAndWrite(object target, string what, ConfigurationEdit edit, Action<ConfigurationOutcome> write)
    {
        if (Edit(target, what, edit) is { } outcome)
        {
            Settle(what, outcome);
            write(outcome);
        }
    }

    /// <summary>Removes something, waits until what that stops has come to rest, and gives it back.</summary>
    /// <param name="target">What is worked on.</param>
    /// <param name="what">What is done, such as <c>Removing service web</c>.</param>
    /// <param name="edit">The removal; it may be made more than once.</param>
    /// <param name="before">The thing as it was; null: it is not given back.</param>
    /// <param name="activity">Title of the progress bar of the wait; null: <paramref name="what"/>.</param>
    private protected void Remove(object target, string what, ConfigurationEdit edit, object? before, string? activity = null)
    {
        edit.Action = EditAction.Remove;
        if (Edit(target, what, edit) is { } outcome && Settle(activity ?? what, outcome) && before is not null)
        {
            WriteClusterObject(before);
        }
    }

    /// <summary>Changes the configuration as a whole; what goes wrong is written as an error of the target.</summary>
    /// <param name="target">What is worked on.</param>
    /// <param name="what">What is done, such as <c>Importing shop.json</c>.</param>
    /// <param name="check">Asks what it would do to the version in force.</param>
    /// <param name="send">Sends it, as a change of that version.</param>
    private protected ConfigurationOutcome? Change(
        object target,
        string what,
        Func<ClusterClient, CancellationToken, Task<ConfigurationCheck>> check,
        Func<ClusterClient, long, CancellationToken, Task<Operation>> send)
    {
        ConfigurationOutcome? outcome = null;
        Attempt(target, () => outcome = Try(target, what, check, send));
        return outcome;
    }

    /// <summary>Waits until what changes start, stop or restart has come to rest, or the time is over.</summary>
    /// <param name="activity">Title of the progress bar.</param>
    /// <param name="outcomes">The changes.</param>
    /// <returns>False: the time is over, or a group is worse off than it was; there is an error for it.</returns>
    private protected bool Settle(string activity, params ConfigurationOutcome[] outcomes)
    {
        bool good = true;
        foreach (ConfigurationOutcome outcome in outcomes)
        {
            Attempt(null, () => good &= AtRest(activity, outcome));
        }

        return good;
    }

    private ConfigurationOutcome? Try(
        object target,
        string what,
        Func<ClusterClient, CancellationToken, Task<ConfigurationCheck>> check,
        Func<ClusterClient, long, CancellationToken, Task<Operation>> send)
    {
        var since = Stopwatch.StartNew();
        bool agreed = false;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                ConfigurationCheck would = Call((client, cancel) => check(client, cancel));
                long version = would.Version - 1;
                if (would.Unchanged)
                {
                    WriteVerbose($"{what}: it is so already; version {version} stays in force.");
                    return new ConfigurationOutcome(target, would.Effect, version, null, [], since);
                }

                if (!agreed && !(agreed = Agreed(what, would)))
                {
                    return null;
                }

                GroupStatus[] groups = would.Effect.Changed.Count == 0
                    ? []
                    : Call((client, cancel) => client.GetGroupsAsync(false, cancel));
                Operation operation = Call((client, cancel) => send(client, version, cancel));
                if (Wait == 0)
                {
                    WriteClusterObject(operation);
                    return null;
                }

                return new ConfigurationOutcome(target, would.Effect, would.Version, operation, groups, since);
            }
            catch (ClusterApiException e) when (e.Code == ProblemCodes.VersionConflict && attempt < MostTries)
            {
                WriteVerbose($"{what}: the configuration was replaced meanwhile; the change is made anew.");
            }
        }
    }

    /// <summary>Says what would come of it, and asks where that is wanted.</summary>
    private bool Agreed(string what, ConfigurationCheck would)
    {
        if (IsWhatIf && would.Refused is { } refused)
        {
            // What the cluster would refuse is an error now too.
            throw ClusterErrors.WouldBeRefused(refused);
        }

        Warn(would);
        string text = Sentence(what, would.Effect.Lines);
        return ShouldProcess(text, $"{text}\nAre you sure?", "Change of the cluster's configuration");
    }

    private static string Sentence(string what, IReadOnlyList<string> lines) =>
        lines.Count switch
        {
            0 => what,
            1 => $"{what}: {lines[0]}",
            _ => $"{what}:\n  {string.Join("\n  ", lines)}",
        };

    /// <summary>Warnings that concern what is changed; those of old are for Test-ClusterConfiguration.</summary>
    private void Warn(ConfigurationCheck would)
    {
        foreach (ConfigurationProblem problem in would.Problems.Where(p => p.Severity == ProblemSeverity.Warning))
        {
            string subject = Subject(problem.Path);
            if (would.Effect.Differences.Any(d => Subject(d.Path) == subject)
                && !would.Effect.Removed.Contains(subject.Substring(subject.IndexOf('/') + 1)))
            {
                WriteWarning($"{problem.Path}: {problem.Message} {problem.Remedy}");
            }
        }

        static string Subject(string path) => string.Join("/", path.Split('/').Take(2));
    }

    private static string Remedy(ConfigurationEffect effect)
    {
        string[] names = [.. effect.Added.Concat(effect.Changed).Concat(effect.Removed)];
        string name = names.Length == 1 ? names[0] : "NAME";
        return $"Get-ClusterGroup {name} -Explain and Get-ClusterEvent -Group {name} show why. Correct it with Set-ClusterService or "
            + "Set-ClusterResource.";
    }

    private bool AtRest(string activity, ConfigurationOutcome outcome)
    {
        if (outcome.Operation is not { } operation)
        {
            return true;
        }

        int? left = Wait is { } limit ? Math.Max(0, limit - (int)outcome.Since.Elapsed.TotalSeconds) : null;
        // It is in force all the same, and its outcome says so.
        if (Ended(operation, activity, left, outcome.Target, ended => ClusterErrors.Own(
            ClusterErrors.OperationFailed, 409, ended.Message, Remedy(outcome.Effect), operation: ended)) is null)
        {
            return false;
        }

        foreach (GroupStatus group in outcome.Groups.Where(g => g is { Phase: GroupPhase.Disabled, LastFailure: not null }))
        {
            if (outcome.Effect.Changed.Contains(group.Name))
            {
                WriteWarning(
                    $"Group '{group.Name}' was disabled when it had failed, and stays so. Start-ClusterGroup {group.Name} starts it.");
            }
        }

        return true;
    }
}

/// <summary>A change of the configuration that is in force.</summary>
public sealed class ConfigurationOutcome
{
    internal ConfigurationOutcome(
        object target, ConfigurationEffect effect, long version, Operation? operation, IReadOnlyList<GroupStatus> groups, Stopwatch since)
    {
        Target = target;
        Effect = effect;
        Version = version;
        Operation = operation;
        Groups = groups;
        Since = since;
    }

    /// <summary>What was worked on.</summary>
    internal object Target { get; }

    /// <summary>What it does.</summary>
    public ConfigurationEffect Effect { get; }

    /// <summary>The resource or dependency that is added to a group, of what adds one: the cluster's own names for it.</summary>
    internal (string Group, string Name) AddedPart
    {
        get
        {
            string[] parts = Effect.Differences
                .First(d => d.Change == MemberChange.Added
                    && d.Path.StartsWith(ConfigurationDocument.Groups + "/", StringComparison.Ordinal))
                .Path.Split(['/'], 4);
            return (parts[1], parts[3]);
        }
    }

    /// <summary>The version that is in force.</summary>
    public long Version { get; }

    /// <summary>The operation; null: it was so already.</summary>
    public Operation? Operation { get; }

    /// <summary>The groups as they were before.</summary>
    internal IReadOnlyList<GroupStatus> Groups { get; }

    /// <summary>Runs since it was asked for.</summary>
    internal Stopwatch Since { get; }
}
