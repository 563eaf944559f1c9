namespace ClusterTools.Core;

/// <summary>What was asked for, as people say it. Compiled into the cmdlets, too.</summary>
public static class OperationWords
{
    /// <summary>Such as <c>move group 'web'</c>.</summary>
    /// <param name="kind">Kind of the operation, such as <c>group.relocate</c>.</param>
    /// <param name="target">What it is about.</param>
    public static string Of(string kind, string target) => kind switch
    {
        "group.enable" => $"start group '{target}'",
        "group.disable" => $"disable group '{target}'",
        "group.stop" => $"stop group '{target}'",
        "group.relocate" => $"move group '{target}'",
        "group.restart" => $"restart group '{target}'",
        "group.freeze" => $"freeze group '{target}'",
        "group.unfreeze" => $"unfreeze group '{target}'",
        "group.convalesce" => $"repair group '{target}'",
        "group.home" => $"send group '{target}' home",
        "group.clear" => $"forget the failures of group '{target}'",
        "node.drain" => $"empty node {target}",
        "node.pause" => $"pause node {target}",
        "node.leave" => $"take node {target} out of the cluster",
        "node.maintenance" => $"let node {target} be away for maintenance",
        "node.resume" => $"resume node {target}",
        "node.resumeWithoutFailback" => $"resume node {target} and leave the groups where they are",
        "node.resumeWithImmediateFailback" => $"resume node {target} and bring its groups back",
        "node.confirmDown" => $"take node {target} for down",
        "node.fenceOff" => $"switch node {target} off",
        "node.fenceOn" => $"switch node {target} on",
        "node.fenceReboot" => $"fence node {target}",
        "cluster.stop" => $"stop cluster '{target}'",
        "configuration.set" => $"set configuration {target}",
        "operation.cancel" => $"end operation {target}",
        "runbook.set" => $"keep runbook '{target}'",
        "runbook.remove" => $"remove runbook '{target}'",
        "event.user" => $"send event '{target}'",
        "journal.write" => "write into the journal",
        _ => $"{kind} {target}",
    };

    /// <summary>The same at the beginning of a sentence.</summary>
    public static string Sentence(string kind, string target)
    {
        string words = Of(kind, target);
        return char.ToUpperInvariant(words[0]) + words.Substring(1);
    }
}
