using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core.Tests.Scenarios.Commands;

/// <summary>Configuration, views, time: what the engine would bring.</summary>
internal sealed class EngineCommands(ScenarioCluster cluster)
{
    [ScenarioCommand("cluster", "The configuration that the first view brings into force, in the short form of ScenarioConfiguration.", """
        cluster
          nodes n1 n2
          domain prefer1 ordered: n1=1 n2=2
          group web domain=prefer1
            fs:data
              app:web
        view n1 n2
        """)]
    public void Define(string[] words, string[] body) =>
        cluster.Configuration = ScenarioConfiguration.Change(cluster.Configuration, body) with { Version = 1 };

    [ScenarioCommand(
        "configure [version=N] [id=REQUEST]",
        "A changed configuration; its lines add to the one in force, or replace in it.",
        """
        configure
          group mail
          remove group batch
        """)]
    public void Configure(string[] words, string[] body)
    {
        ClusterConfiguration was = cluster.Current.Configuration;
        long version = words.FirstOrDefault(w => w.StartsWith("version=")) is { } said ? long.Parse(said[8..]) : was.Version + 1;
        ClusterConfiguration next = ScenarioConfiguration.Change(was, body) with { Version = version };
        cluster.Commit(new ConfigurationRequest(cluster.Request(words), ScenarioCluster.Who, next));
    }

    [ScenarioCommand(
        "up [NODE...]",
        "The short way to a cluster at rest: a view of all nodes, or of these, everything answered; only the state is told.",
        """
        cluster
          nodes n1 n2
          group web
        up
        """)]
    public void Up(string[] words)
    {
        View(["view", .. words.Length > 1 ? words[1..] : [.. cluster.Configuration.Nodes.Keys]]);
        cluster.RunAll("quiet");
        cluster.Output.Clear();
        cluster.Output.AddRange(StateText.Summary(cluster.Current));
    }

    [ScenarioCommand(
        "view NODE[/LIFE]... [none|contested] [gap|continuous] [device=VOTES[/away]]",
        "A view: quorate, without quorum (one node, on a private copy), or contested (one of two). A node in a new life was restarted. "
            + "The votes of a quorum device are with these nodes, or away.",
        """
        view n2 n3
        """)]
    public void View(string[] words)
    {
        var members = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        Quorum quorum = words.Contains("none") ? Quorum.None : words.Contains("contested") ? Quorum.Contested : Quorum.Quorate;
        bool gap = words.Contains("gap") || (cluster.WasWithoutQuorum && !words.Contains("continuous"));
        var device = default(QuorumDevice);
        foreach (string word in words[1..].Except(["none", "contested", "gap", "continuous"]))
        {
            if (word.StartsWith("device=", StringComparison.Ordinal))
            {
                string[] said = word["device=".Length..].Split('/');
                device = new QuorumDevice(int.Parse(said[0], CultureInfo.InvariantCulture), IsHere: said.Length == 1);
                continue;
            }

            string[] parts = word.Split('/');
            long known = cluster.Agreed.Nodes.TryGetValue(parts[0], out NodeState? node) ? node.Incarnation : 0;
            members.Add(parts[0], parts.Length > 1 ? long.Parse(parts[1]) : Math.Max(1, known));
        }

        cluster.View(members.ToImmutable(), quorum, !gap, device);
    }

    [ScenarioCommand("left NODE[/LIFE]", "A node has left in good order.", """
        leave n3
        left n3
        """)]
    public void Left(string[] words)
    {
        string[] parts = words[1].Split('/');
        cluster.Commit(new NodeLeft(parts[0], parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture)
            : cluster.Current.Nodes.GetValueOrDefault(parts[0])?.Incarnation ?? 0));
    }

    [ScenarioCommand("armed NODE TIMEOUT [WITHIN]", "A node says that its watchdog is armed, and how soon after its loss it is over.", """
        armed n3 10000
        """)]
    public void Armed(string[] words)
    {
        int timeout = int.Parse(words[2], CultureInfo.InvariantCulture);
        ClusterTiming timing = cluster.Current.Configuration.Timing;
        cluster.Commit(new WatchdogArmed(
            words[1], cluster.Current.Nodes.GetValueOrDefault(words[1])?.Incarnation ?? 0, timeout,
            words.Length > 3 ? long.Parse(words[3], CultureInfo.InvariantCulture)
                : WatchdogTimes.Within(timing.Token, timing.QuorumLossDeadline, timeout)));
    }

    [ScenarioCommand("time due|+MILLISECONDS|MILLISECONDS", "A tick: at the next deadline, so much later, or at that time.", """
        time +60000
        """)]
    public void Time(string[] words)
    {
        ClusterState now = cluster.Current;
        long to = words[1] == "due"
            ? now.Deadlines.First(d => d.Kind != DeadlineKind.Clock).At
            : (words[1][0] is '+' or '-' ? now.Time : 0) + long.Parse(words[1], CultureInfo.InvariantCulture);
        cluster.Commit(new Tick(), time: to, before: $"the time is {Math.Clamp(to, now.Time, now.Time + Cluster.MaxTimeJump)}");
    }
}
