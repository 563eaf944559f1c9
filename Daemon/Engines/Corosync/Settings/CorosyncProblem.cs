namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Something wrong in corosync's settings: where, what, and what to do about it.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Place">Where it is, as corosync names its settings, such as <c>nodelist.node.0.ring0_addr</c>; empty for the whole.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="File">The file, where there is one.</param>
/// <param name="Line">Line in the file, from 1; null when there is none.</param>
public sealed record CorosyncProblem(
    CorosyncProblemSeverity Severity, string Place, string Message, string Remedy, string? File = null, int? Line = null)
{
    /// <summary>One line: <c>/etc/corosync/corosync.conf: line 12: error: totem.token: … Remedy</c>.</summary>
    public override string ToString()
    {
        string kind = Severity switch
        {
            CorosyncProblemSeverity.Error => "error",
            CorosyncProblemSeverity.Warning => "warning",
            _ => "lost",
        };
        return $"{(File is null ? "" : $"{File}: ")}{(Line is null ? "" : $"line {Line}: ")}{kind}: "
            + $"{(Place.Length == 0 ? "" : $"{Place}: ")}{Message} {Remedy}";
    }

    internal static CorosyncProblem Error(string place, string message, string remedy) =>
        new(CorosyncProblemSeverity.Error, place, message, remedy);

    internal static CorosyncProblem Warning(string place, string message, string remedy) =>
        new(CorosyncProblemSeverity.Warning, place, message, remedy);

    internal static CorosyncProblem Lost(string place, string message, string remedy) =>
        new(CorosyncProblemSeverity.Lost, place, message, remedy);
}
