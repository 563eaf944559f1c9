namespace ClusterTools.Core;

/// <summary>
/// Which rules are in force while daemons are upgraded one after the other (FEATURES A14). The level is part of the state and is raised by
/// a person alone: until then each node can go back to the version before, and afterwards none can.
/// </summary>
public static class FunctionalLevels
{
    internal static void Apply(Draft draft, LevelRequest e)
    {
        if (WhyNot(draft.State) is { } obstacle)
        {
            Operations.Refuse(draft, e, obstacle);
            return;
        }

        int level = Available(draft.State);
        string raised = $"The functional level is {level} instead of {draft.State.FunctionalLevel}";
        draft.State = draft.State with { FunctionalLevel = level };
        draft.Journal(
            JournalSeverity.Warning, JournalKind.ClusterLevel,
            $"{raised}{(e.Reason is { } reason ? $": {reason}" : "")}. A daemon that does not know it can't take part any more.",
            who: e.Who);
        Operations.Succeed(
            draft, e, $"{raised}: what came with it can be used, and no node can go back to a daemon that does not know it.");
    }

    /// <summary>The highest level that all nodes know, as far as they have said.</summary>
    public static int Available(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        int[] known = [.. state.Nodes.Values.Select(static n => n.Level).Where(static l => l > 0)];
        return Math.Max(state.FunctionalLevel, known.Length > 0 ? known.Min() : 0);
    }

    private static string? WhyNot(ClusterState state)
    {
        if (state.Nodes.IsEmpty)
        {
            return "There are no nodes yet.";
        }

        // Who is away may come back with any version.
        string[] away = [.. state.Nodes.Values.Where(static n => !n.Member || n.Level == 0).Select(static n => n.Name)];
        if (away.Length > 0)
        {
            return $"Which level the {(away.Length == 1 ? "daemon" : "daemons")} of {Names.Shorten(away)} "
                + $"{(away.Length == 1 ? "knows" : "know")} is not known now: all nodes must take part. Start them, or remove who does not "
                + "come back (Remove-ClusterNode).";
        }

        if (Available(state) > state.FunctionalLevel)
        {
            return null;
        }

        int newest = state.Nodes.Values.Max(static n => n.Level);
        string[] old = [.. state.Nodes.Values.Where(n => n.Level < newest).Select(static n => n.Name)];
        return newest <= state.FunctionalLevel
            ? $"The functional level is {state.FunctionalLevel} already, and no node's daemon knows a higher one."
            : $"The {(old.Length == 1 ? "daemon" : "daemons")} of {Names.Shorten(old)} {(old.Length == 1 ? "knows" : "know")} no level "
                + $"above {state.FunctionalLevel}. Upgrade clusterd there first; others know level {newest}.";
    }
}
