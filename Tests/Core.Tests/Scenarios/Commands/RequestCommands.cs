using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core.Tests.Scenarios.Commands;

/// <summary>What people ask for. Every one of them may say its request's id, id=NAME; the same id again is the same request.</summary>
internal sealed class RequestCommands(ScenarioCluster cluster)
{
    private const string Who = ScenarioCluster.Who;

    [ScenarioCommand("enable GROUP [on NODE]", "Start-ClusterGroup.", "enable batch on n3")]
    [ScenarioCommand("disable GROUP", "Stop-ClusterGroup: off until it is enabled.", "disable web")]
    [ScenarioCommand("stop GROUP", "Stopped until the membership changes.", "stop web")]
    [ScenarioCommand("relocate GROUP [to NODE]", "Move-ClusterGroup.", "relocate web to n2")]
    [ScenarioCommand("migrate GROUP [to NODE] [live|suspended]", "Start-GuestMigration.", """
        configure
          group guest
            vm:guest migrate=live
        run
        enable guest on n1
        run
        migrate guest to n2
        run
        """)]
    [ScenarioCommand("restart GROUP", "Restart-ClusterGroup.", "restart web")]
    [ScenarioCommand("freeze GROUP", "Lock-ClusterGroup.", "freeze web")]
    [ScenarioCommand("unfreeze GROUP [confirmed]", "Unlock-ClusterGroup.", """
        freeze web
        unfreeze web
        """)]
    [ScenarioCommand("convalesce GROUP", "Repair-ClusterGroup: what is not critical and failed is started again.", "convalesce web")]
    [ScenarioCommand("home GROUP", "Back to where its domain wants it.", "home web")]
    [ScenarioCommand("clear GROUP", "Clear-ClusterGroup: its failures are past.", "clear web")]
    public void Group(string[] words)
    {
        string? node = words.Length > 3 && words[2] is "on" or "to" ? words[3] : null;
        var operation = Enum.Parse<GroupOperation>(words[0], ignoreCase: true);
        MigrationKind? kind = words.Contains("suspended") ? MigrationKind.Suspended : words.Contains("live") ? MigrationKind.Live : null;
        cluster.Commit(new GroupRequest(cluster.Request(words), Who, words[1], operation, node, words.Contains("confirmed"), kind));
    }

    [ScenarioCommand(
        "drain NODE [to NODE] [until-return]",
        "Suspend-ClusterNode -Drain; until-return: clusterd stop, where groups are left in place.",
        "drain n1 to n3")]
    [ScenarioCommand(
        "pause NODE [because WORDS]",
        "Suspend-ClusterNode: it keeps its groups and gets no others. Why may be said with every order to a node.",
        "pause n2")]
    [ScenarioCommand("leave NODE", "Stop-ClusterNode: its groups go elsewhere, then it leaves.", "leave n1")]
    [ScenarioCommand("shut-down NODE", "Its machine is shut down: groups go by the shutdown policy, then it leaves.", "shut-down n1")]
    [ScenarioCommand("maintenance NODE", "Leaves with its groups left running, for a while.", "maintenance n1")]
    [ScenarioCommand("resume NODE [nofailback|immediate]", "Resume-ClusterNode, with failback by policy, without it or at once.", """
        pause n2
        resume n2
        """)]
    [ScenarioCommand("confirm-down NODE", "Confirm-ClusterNodeDown: somebody's word stands for the fencing.", """
        view n1 n2
        confirm-down n3
        """)]
    [ScenarioCommand("fence-off NODE", "Invoke-FenceNode -Action Off.", "fence-off n3")]
    [ScenarioCommand("fence-on NODE", "Invoke-FenceNode -Action On.", "fence-on n3")]
    [ScenarioCommand("fence-reboot NODE", "Invoke-FenceNode.", "fence-reboot n3")]
    public void Node(string[] words)
    {
        string name = words[0] == "resume" && words.Contains("nofailback") ? nameof(NodeOperation.ResumeWithoutFailback)
            : words[0] == "resume" && words.Contains("immediate") ? nameof(NodeOperation.ResumeWithImmediateFailback)
            : words[0].Replace("-", "", StringComparison.Ordinal);
        string? target = words.Length > 3 && words[2] == "to" ? words[3] : null;
        var operation = Enum.Parse<NodeOperation>(name, ignoreCase: true);
        int because = Array.IndexOf(words, "because");
        cluster.Commit(new NodeRequest(
            cluster.Request(words), Who, words[1], operation, because < 0 ? null : Text(words[(because + 1)..]), target,
            words.Contains("until-return")));
    }

    [ScenarioCommand("cancel REQUEST", "Stop-ClusterOperation.", """
        restart web id=again
        cancel again
        """)]
    public void Cancel(string[] words) => cluster.Commit(new CancelRequest(cluster.Request(words), Who, words[1]));

    [ScenarioCommand("stop-cluster", "Stop-Cluster.", "stop-cluster")]
    public void StopCluster(string[] words) => cluster.Commit(new ClusterStopRequest(cluster.Request(words), Who));

    [ScenarioCommand("disarm [because WORDS]", "Suspend-Cluster: nothing happens by itself until it is armed.", """
        disarm because the switch is changed
        view n1 n2
        """)]
    [ScenarioCommand("arm", "Resume-Cluster.", """
        disarm
        view n1 n2
        arm
        """)]
    public void Arming(string[] words)
    {
        int because = Array.IndexOf(words, "because");
        cluster.Commit(new ArmingRequest(
            cluster.Request(words), Who, words[0] == "arm", because < 0 ? null : Text(words[(because + 1)..])));
    }

    [ScenarioCommand(
        "event NAME [WORDS]",
        "Send-ClusterUserEvent: what only people know, for event scripts.",
        "event nightly the backup begins")]
    public void Event(string[] words) =>
        cluster.Commit(new UserEvent(cluster.Request(words), Who, words[1], words.Length > 2 ? Text(words[2..]) : null));

    [ScenarioCommand("say WORDS", "Write-ClusterLog.", "say the fan of n2 is loud")]
    public void Say(string[] words) =>
        cluster.Commit(new MessageWritten(cluster.Request(words), Who, JournalSeverity.Information, Text(words[1..])));

    [ScenarioCommand(
        "runbook [NAME CONTENT|remove|long LENGTH [expected=VERSION]]",
        "Small documents that the cluster keeps; alone: what it keeps.",
        """
        runbook update {"step":1}
        runbook
        """)]
    public void Runbook(string[] words)
    {
        if (words.Length == 1)
        {
            cluster.Output.AddRange(cluster.Current.Runbooks.Values.Select(r =>
                $"{r.Name} version {r.Version} by {r.Who}: {(r.Content.Length > 40 ? $"{r.Content.Length} characters" : r.Content)}"));
            return;
        }

        string? content = words[2] switch
        {
            "remove" => null,
            "long" => new string('x', int.Parse(words[3], CultureInfo.InvariantCulture)),
            var text => text,
        };
        string? expected = words.FirstOrDefault(w => w.StartsWith("expected="))?[9..];
        cluster.Commit(new RunbookRequest(
            cluster.Request(words), Who, words[1], content, expected is null ? null : long.Parse(expected, CultureInfo.InvariantCulture)));
    }

    private static string Text(string[] words) => string.Join(' ', words.Where(w => !w.StartsWith("id=")));
}
