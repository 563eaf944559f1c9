using System.Collections.Immutable;
using System.Text.Json;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>What must hold of every state, whatever the scenario.</summary>
internal static class StateChecks
{
    public static string Json(ClusterState state) => JsonSerializer.Serialize(state, CoreJson.Options);

    public static ClusterState Reread(ClusterState state) => JsonSerializer.Deserialize<ClusterState>(Json(state), CoreJson.Options)!;

    public static IEnumerable<string> Of(ClusterState state)
    {
        if (!Cluster.Plan(state).SequenceEqual(Cluster.PlanInFull(state)))
        {
            yield return $"Plan says [{Words(Cluster.Plan(state))}], PlanInFull says [{Words(Cluster.PlanInFull(state))}].";
        }

        if (Cluster.Unsettled(state) is { } more)
        {
            yield return $"Looking at everything finds more: {more}.";
        }

        foreach (string broken in StateInvariants.Broken(state))
        {
            yield return broken;
        }

        string json = Json(state);
        if (Json(Reread(state)) != json)
        {
            yield return "The state changes when it is written and read.";
        }

        if (Json(Cluster.SettleInFull(state)) is var settled && settled != json)
        {
            yield return $"The state is not settled.{Difference(json, settled)}";
        }
    }

    /// <summary>What has changed and is not told to those who follow changes.</summary>
    public static IEnumerable<string> Untold(ClusterState was, ClusterState next) =>
    [
        .. Changed(was.Groups, next.Groups).Except(next.Touched.Groups).Select(g => $"Group '{g}' has changed, and nobody is told."),
        .. Changed(was.Nodes, next.Nodes).Union(Changed(was.Fences, next.Fences)).Except(next.Touched.Nodes)
            .Select(n => $"Node {n} has changed, and nobody is told."),
        .. next.Touched.Configuration != (was.Configuration.Version != next.Configuration.Version)
            ? ["The configuration has changed and nobody is told, or it is told and has not."]
            : Array.Empty<string>(),
    ];

    private static IEnumerable<string> Changed<T>(ImmutableSortedDictionary<string, T> was, ImmutableSortedDictionary<string, T> next)
        where T : class =>
        was.Keys.Union(next.Keys).Where(name => !ReferenceEquals(was.GetValueOrDefault(name), next.GetValueOrDefault(name)));

    /// <summary>Where two JSON texts part.</summary>
    public static string Difference(string a, string b)
    {
        int at = a.AsSpan().CommonPrefixLength(b);
        return $" From there on:\n  {a[Math.Max(0, at - 120)..Math.Min(a.Length, at + 200)]}\n  "
            + $"{b[Math.Max(0, at - 120)..Math.Min(b.Length, at + 200)]}";
    }

    private static string Words(IEnumerable<ClusterAction> actions) => string.Join("; ", actions.Select(StateText.Of));
}
