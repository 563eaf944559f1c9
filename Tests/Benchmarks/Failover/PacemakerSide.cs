using System.Diagnostics;
using System.Text.RegularExpressions;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>Pacemaker manages the service.</summary>
internal sealed partial class PacemakerSide(CorosyncTiming timing) : FailoverSide(timing)
{
    /// <summary>Packages that are missing for it.</summary>
    public static string[] Missing { get; } =
    [
        .. Programs.Missing("pacemakerd").Select(_ => "pacemaker"), .. Programs.Missing("crm_mon").Select(_ => "pacemaker-cli-utils"),
    ];

    public override string Title => "Pacemaker";

    protected override ProcessStartInfo Manager(string name) =>
        Network.On(name, "/bin/sh", Path.Combine(AppContext.BaseDirectory, "machine", "pacemaker.sh"), Folder(name));

    protected override string Log(string name) => Path.Combine(Folder(name), "log", "pacemaker.log");

    protected override async Task ConfigureAsync(CancellationToken cancel)
    {
        await UntilAsync(AllOnlineAsync, "three nodes online", cancel).ConfigureAwait(false);
        string template =
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "machine", "cib.xml"), cancel).ConfigureAwait(false);
        string file = Path.Combine(Folder("cib"), "cib.xml");
        await File.WriteAllTextAsync(file, template.Replace("SWITCH", Switch, StringComparison.Ordinal), cancel).ConfigureAwait(false);
        await UntilAsync(
            async () => (await RunAsync(
                Network.On(Names[0], "cibadmin", "--replace", "--scope", "configuration", "--xml-file", file), cancel)
                .ConfigureAwait(false)).ExitCode == 0,
            "the configuration", cancel).ConfigureAwait(false);

        async Task<bool> AllOnlineAsync() => IsAllOnline(await StatusAsync(Names[0], cancel).ConfigureAwait(false));
    }

    protected override async Task<bool> IsWholeAsync(CancellationToken cancel)
    {
        string status = await StatusAsync(Names[0], cancel).ConfigureAwait(false);
        return IsAllOnline(status) && Started().Count(status) == 3;
    }

    protected override async Task<string> NoteAsync(string victim, CancellationToken cancel) =>
        Coordinator().Match(await StatusAsync(victim, cancel).ConfigureAwait(false)).Groups[1].Value == victim
            ? "its coordinator is cut" : "";

    private static bool IsAllOnline(string status) => status.Contains($"Online: [ {string.Join(' ', Names)} ]", StringComparison.Ordinal);

    private async Task<string> StatusAsync(string name, CancellationToken cancel) =>
        (await RunAsync(Network.On(name, "crm_mon", "-1"), cancel).ConfigureAwait(false)).Output;

    [GeneratedRegex("Current DC: (n[0-9]+)")]
    private static partial Regex Coordinator();

    [GeneratedRegex(@"Started n[0-9]")]
    private static partial Regex Started();
}
