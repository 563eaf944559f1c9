namespace ClusterTools.Core;

/// <summary>What can be asked for, in a word for programs and in people's words. Compiled into the cmdlets, too.</summary>
public sealed class OperationKind : IEquatable<OperationKind>
{
    private static readonly Dictionary<string, OperationKind> Known = new(StringComparer.Ordinal);

    // With the target in the place of {0}.
    private readonly string phrase;

    private OperationKind(string word, string phrase)
    {
        Word = word;
        this.phrase = phrase;
    }

    /// <summary>Such as <c>group.relocate</c>.</summary>
    public string Word { get; }

    public static OperationKind GroupEnable { get; } = New("group.enable", "start group '{0}'");

    public static OperationKind GroupDisable { get; } = New("group.disable", "disable group '{0}'");

    public static OperationKind GroupStop { get; } = New("group.stop", "stop group '{0}'");

    public static OperationKind GroupRelocate { get; } = New("group.relocate", "move group '{0}'");

    public static OperationKind GroupMigrate { get; } = New("group.migrate", "migrate guest '{0}'");

    public static OperationKind GroupStopMigration { get; } = New("group.stopMigration", "end the migration of guest '{0}'");

    public static OperationKind GroupRestart { get; } = New("group.restart", "restart group '{0}'");

    public static OperationKind GroupFreeze { get; } = New("group.freeze", "freeze group '{0}'");

    public static OperationKind GroupUnfreeze { get; } = New("group.unfreeze", "unfreeze group '{0}'");

    public static OperationKind GroupConvalesce { get; } = New("group.convalesce", "repair group '{0}'");

    public static OperationKind GroupHome { get; } = New("group.home", "send group '{0}' home");

    public static OperationKind GroupClear { get; } = New("group.clear", "forget the failures of group '{0}'");

    public static OperationKind NodeDrain { get; } = New("node.drain", "empty node {0}");

    public static OperationKind NodePause { get; } = New("node.pause", "pause node {0}");

    public static OperationKind NodeLeave { get; } = New("node.leave", "take node {0} out of the cluster");

    public static OperationKind NodeShutdown { get; } = New("node.shutdown", "shut down node {0}");

    public static OperationKind NodeMaintenance { get; } = New("node.maintenance", "let node {0} be away for maintenance");

    public static OperationKind NodeResume { get; } = New("node.resume", "resume node {0}");

    public static OperationKind NodeResumeWithoutFailback { get; } = New(
        "node.resumeWithoutFailback", "resume node {0} and leave the groups where they are");

    public static OperationKind NodeResumeWithImmediateFailback { get; } = New(
        "node.resumeWithImmediateFailback", "resume node {0} and bring its groups back");

    public static OperationKind NodeConfirmDown { get; } = New("node.confirmDown", "take node {0} for down");

    public static OperationKind NodeFenceOff { get; } = New("node.fenceOff", "switch node {0} off");

    public static OperationKind NodeFenceOn { get; } = New("node.fenceOn", "switch node {0} on");

    public static OperationKind NodeFenceReboot { get; } = New("node.fenceReboot", "fence node {0}");

    public static OperationKind ClusterStop { get; } = New("cluster.stop", "stop cluster '{0}'");

    public static OperationKind ClusterDisarm { get; } = New("cluster.disarm", "disarm cluster '{0}'");

    public static OperationKind ClusterArm { get; } = New("cluster.arm", "arm cluster '{0}' again");

    public static OperationKind ClusterRaiseLevel { get; } = New("cluster.raiseLevel", "raise the functional level of cluster '{0}'");

    public static OperationKind ConfigurationSet { get; } = New("configuration.set", "set configuration {0}");

    public static OperationKind OperationCancel { get; } = New("operation.cancel", "end operation {0}");

    public static OperationKind RunbookSet { get; } = New("runbook.set", "keep runbook '{0}'");

    public static OperationKind RunbookRemove { get; } = New("runbook.remove", "remove runbook '{0}'");

    public static OperationKind EventUser { get; } = New("event.user", "send event '{0}'");

    public static OperationKind JournalWrite { get; } = New("journal.write", "write into the journal");

    /// <summary>Its target is a group.</summary>
    public bool IsOfGroup => Word.StartsWith("group.", StringComparison.Ordinal);

    /// <summary>Its target is a node.</summary>
    public bool IsOfNode => Word.StartsWith("node.", StringComparison.Ordinal);

    /// <summary>The kind of that word; one that a newer program knows says the word itself.</summary>
    public static OperationKind Of(string word) =>
        Known.TryGetValue(word, out OperationKind? kind)
            ? kind
            : new OperationKind(word, word.Replace("{", "{{").Replace("}", "}}") + " {0}");

    /// <summary>Such as <c>move group 'web'</c>.</summary>
    public string Words(string target) => string.Format(System.Globalization.CultureInfo.InvariantCulture, phrase, target);

    /// <summary>The same at the beginning of a sentence.</summary>
    public string Sentence(string target)
    {
        string words = Words(target);
        return char.ToUpperInvariant(words[0]) + words.Substring(1);
    }

    public static bool operator ==(OperationKind? left, OperationKind? right) => left?.Word == right?.Word;

    public static bool operator !=(OperationKind? left, OperationKind? right) => !(left == right);

    public bool Equals(OperationKind? other) => Word == other?.Word;

    public override bool Equals(object? obj) => obj is OperationKind other && Equals(other);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Word);

    public override string ToString() => Word;

    private static OperationKind New(string word, string phrase)
    {
        var kind = new OperationKind(word, phrase);
        Known.Add(word, kind);
        return kind;
    }
}
