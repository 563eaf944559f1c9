namespace ClusterTools.Core.Tests.Scenarios.Commands;

/// <summary>What changes nothing and tells how things are.</summary>
internal sealed class LookCommands(ScenarioCluster cluster)
{
    private ClusterState Current => cluster.Current;

    [ScenarioCommand("state [GROUP|NODE]", "Nodes and groups in a line each, or all about one of them.", """
        state
        state web
        """)]
    public void State(string[] words) => cluster.Output.AddRange(
        words.Length == 1 ? StateText.Summary(Current)
        : Current.Groups.TryGetValue(words[1], out GroupState? group) ? StateText.Details(group)
        : StateText.Details(Current, Current.Nodes[words[1]]));

    [ScenarioCommand("record GROUP|NODE|fence:NODE|indices...", "All that the state keeps of them, as members compare it.", """
        record n3 batch
        """)]
    public void Record(string[] words) => cluster.Output.AddRange(words[1..].Select(name => StateRecord.Of(Current, name)));

    [ScenarioCommand("watch GROUP|NODE|fence:NODE|indices...", "From here on what changes in their records is told after every command.", """
        watch n3 batch
        enable batch
        """)]
    public void Watch(string[] words)
    {
        foreach (string name in words[1..])
        {
            cluster.Watch(name);
        }
    }

    [ScenarioCommand("explain GROUP", "What Get-ClusterGroup -Explain shows.", """
        explain batch
        """)]
    public void Explain(string[] words) =>
        cluster.Output.AddRange(Description.Group(Current, words[1]).ReplaceLineEndings("\n").Split('\n'));

    [ScenarioCommand("plan", "The actions that recorded decisions still need.", """
        enable batch
        plan
        """)]
    public void Plan(string[] words) => cluster.Output.AddRange(Cluster.Plan(Current).Select(StateText.Of));

    [ScenarioCommand("tree GROUP", "A group's resources, parents before children.", """
        tree web
        """)]
    public void Tree(string[] words) => cluster.Output.AddRange(
        StateText.Tree(Current.Configuration.Groups.GetValueOrDefault(words[1]) ?? cluster.Configuration.Groups[words[1]]).Split('\n'));

    [ScenarioCommand("quorum", "Whether the cluster is disarmed, and how the votes stand.", """
        quorum
        """)]
    public void Quorum(string[] words)
    {
        if (Current.Disarmed is { } disarmed)
        {
            cluster.Output.Add(Description.Disarmed(disarmed));
        }

        cluster.Output.Add(Description.QuorumOf(Current));
    }

    [ScenarioCommand("deadlines", "When a tick is due, what for and for whom.", """
        maintenance n3
        view n1 n2
        deadlines
        """)]
    public void Deadlines(string[] words) =>
        cluster.Output.AddRange(Current.Deadlines.Select(d => $"{d.At} {d.Kind} {d.Key}".TrimEnd()));

    [ScenarioCommand("history", "Fencings that have ended.", """
        fence-off n3
        run fences
        history
        """)]
    public void History(string[] words) => cluster.Output.AddRange(Current.FenceHistory.Select(StateText.Of));

    [ScenarioCommand("operations", "What was asked for, and how far it is.", """
        drain n1
        operations
        """)]
    public void Operations(string[] words) => cluster.Output.AddRange(Current.Operations.Values.Select(StateText.Of));

    [ScenarioCommand("ignored", "How many events did not fit so far.", """
        ignored
        """)]
    public void Ignored(string[] words) => cluster.Output.Add($"{Current.Ignored} ignored so far");
}
