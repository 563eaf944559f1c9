using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Local;
using ClusterTools.Host.Corosync;
using ClusterTools.Lab;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>The daemon of one node: one life of the node after the other, the API, and the way out.</summary>
internal sealed class NodeDaemon
{
    // How long an ending daemon waits for what it can't hurry: committing that it leaves.
    private static readonly TimeSpan SubmitLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DiskInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenLives = TimeSpan.FromMilliseconds(500);

    private readonly string stateFolder;
    private readonly NodeSettings settings;
    private readonly Journal journal;
    private readonly ConfigurationArchive configurations;
    private readonly StateDisk disk;
    private TaskCompletionSource<Ending> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DaemonFile file;
    private int writtenToken;
    private Watchdog? watchdog;

    /// <summary>Who wants the daemon to end.</summary>
    private enum Ending
    {
        /// <summary>A signal, as when the daemon's service is stopped: it ends, whatever has to stay behind.</summary>
        Shutdown,

        /// <summary>The machine is shut down: what becomes of the groups, the shutdown policy says.</summary>
        Machine,

        /// <summary>A person, who can see to what is in the way.</summary>
        Stop,

        /// <summary>A person, who wants groups to run on meanwhile.</summary>
        Restart,
    }

    private enum Answer
    {
        /// <summary>The life has ended.</summary>
        Over,

        /// <summary>There was nobody to ask, and nothing runs here any more.</summary>
        NoQuorum,

        /// <summary>Something here can't be moved.</summary>
        Stuck,
    }

    private NodeDaemon(
        string stateFolder, NodeSettings settings, Journal journal, ConfigurationArchive configurations, StateDisk disk, DaemonFile file)
    {
        this.file = file;
        this.stateFolder = stateFolder;
        this.settings = settings;
        writtenToken = settings.Token;
        this.journal = journal;
        this.configurations = configurations;
        this.disk = disk;
    }

    /// <summary>Runs until the node has left, or has failed for good.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string stateFolder, Signals signals, CancellationToken ending)
    {
        FileStatus.KeepToOwner();
        PrivateFolder.Check(stateFolder);
        NodeSettings settings = NodeSettings.Read(stateFolder);
        string[] open = [.. CheckFolders(stateFolder, settings)];
        if (settings.Lab is { } lab && LabControl.IsUnplugged(new LabFolder(lab), settings.Node))
        {
            Console.Out.WriteLine(
                $"The plug of lab node {settings.Node} is pulled; 'clusterd lab revive {settings.Node}' puts it in again.");
            return ExitCode.Success;
        }

        await using var journal = new Journal(stateFolder);
        foreach (string sentence in open)
        {
            Say(journal, settings.Node, "daemon.files", sentence);
        }

        await using var configurations = new ConfigurationArchive(
            stateFolder, message => Say(journal, settings.Node, "configuration.history", message));
        using var printing = new CancellationTokenSource();
        Task printed = PrintAsync(journal, printing.Token);
        var disk = new StateDisk(
            stateFolder, DiskInterval,
            trouble => Say(journal, settings.Node, "daemon.disk", trouble, JournalSeverity.Error),
            again => Say(journal, settings.Node, "daemon.disk", again, JournalSeverity.Information));
        // Not waited for at the end: it may be what hangs.
        _ = disk.WatchAsync(printing.Token);
        var daemon = new NodeDaemon(stateFolder, settings, journal, configurations, disk, DaemonFile.Begin(stateFolder));
        signals.OnRestart(() => daemon.Ask(Ending.Restart));
        signals.OnStop(() => daemon.Ask(Ending.Stop));
        signals.OnMachineStop(() => daemon.Ask(Ending.Machine));
        await using CancellationTokenRegistration stop = ending.Register(() => daemon.Ask(Ending.Shutdown));
        (int exitCode, string words) = await daemon.LiveAsync().ConfigureAwait(false);
        (daemon.file with { Ended = words, ExitCode = exitCode }).Write(stateFolder);
        await printing.CancelAsync().ConfigureAwait(false);
        await printed.ConfigureAwait(false);
        Console.Out.WriteLine(words);
        return exitCode;
    }

    /// <summary>What this daemon reads and writes is its user's alone, or it does not start.</summary>
    /// <returns>Files that are open to others.</returns>
    private static IEnumerable<string> CheckFolders(string stateFolder, NodeSettings settings)
    {
        PrivateFolder.Create(Path.GetFullPath(settings.EngineFolder, stateFolder));
        if (settings.Lab is { } lab)
        {
            PrivateFolder.Check(lab);
        }

        return PrivateFolder.CheckFiles(
            stateFolder,
            NodeSettings.FileName, settings.BootstrapConfiguration, settings.BootstrapConfiguration + ".used", settings.Certificate,
            settings.Authority,
            "configurations.db", "journal.jsonl", "journal.jsonl.1", "incarnation", NodeSettings.LogMemoryFile, NodeSettings.RecoveryFile);
    }

    private async Task<(int ExitCode, string Words)> LiveAsync()
    {
        using var notification = new SystemdNotification();
        using var ended = new CancellationTokenSource();
        await using var node = new CurrentLife(settings.Node, journal, configurations, disk);
        await using ApiServer api = CreateApi(node);
        // First: an address that is taken must not cost a membership.
        await api.StartAsync(ended.Token).ConfigureAwait(false);
        if (settings.Engine == NodeEngine.Corosync)
        {
            _ = new CorosyncKeeper(
                node, token => UseToken(node, token),
                (severity, message) => Say(journal, settings.Node, "corosync", message, severity)).RunAsync(ended.Token);
        }

        using Watchdog? armed = watchdog = StartWatchdog(node);
        (int ExitCode, string Words) end = await LiveOnAsync(node, notification, ended.Token).ConfigureAwait(false);
        if (end.ExitCode != ExitCode.Interrupted)
        {
            // The node has left, is in maintenance, or has stopped what it ran: what goes on here goes on unwatched, as was asked for.
            armed?.Release();
        }

        return end;
    }

    private Watchdog? StartWatchdog(CurrentLife node)
    {
        try
        {
            return Watchdog.Start(
                settings, stateFolder, node.WhyUnsound,
                (severity, message) => Say(journal, settings.Node, "node.watchdog", message, severity));
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Say(journal, settings.Node, "node.watchdog", e.Message, JournalSeverity.Error);
            throw;
        }
    }

    /// <summary>One life after the other.</summary>
    private async Task<(int ExitCode, string Words)> LiveOnAsync(
        CurrentLife node, SystemdNotification notification, CancellationToken ended)
    {
        bool first = true;
        while (true)
        {
            if (await BeginAsync(ended).ConfigureAwait(false) is not { } life)
            {
                return (ExitCode.Failure, $"The daemon of node {settings.Node} could not begin; its journal says why.");
            }

            node.Begin(life);
            if (first)
            {
                first = false;
                notification.Ready($"node {settings.Node}");
                _ = notification.KeepAliveAsync(ended);
            }

            (bool stays, (int ExitCode, string Words)? over) = await ServeAsync(life, notification).ConfigureAwait(false);
            if (over is { } words)
            {
                return words;
            }

            NodeEnd end = await life.Ended.ConfigureAwait(false);
            switch (end)
            {
                case NodeEnd.Left:
                    string done = await LeftAsync(life).ConfigureAwait(false);
                    return (ExitCode.Success, $"Node {settings.Node} has left the cluster; nothing of it runs here any more.{done}");
                case NodeEnd.Maintenance when stays && Stuck(life).Length == 0:
                    return (ExitCode.Success, $"Node {settings.Node} is away by plan; what ran on it was not touched.");
                case NodeEnd.Maintenance when stays:
                    return (ExitCode.Success, $"Node {settings.Node} is in maintenance: {Shorten(Stuck(life))} could not leave it, frozen "
                        + "or Failed, and stays as it is; the rest has moved.");
                case NodeEnd.Maintenance:
                    bool empty = life.State.Nodes.GetValueOrDefault(settings.Node)?.Groups.IsEmpty ?? true;
                    return (ExitCode.Restart, $"Node {settings.Node} is in maintenance; "
                        + (empty ? "no groups are on it." : "its groups go on running and are found again when the daemon is back."));
                case NodeEnd.Cancelled:
                    return (ExitCode.Interrupted, $"The daemon of node {settings.Node} has ended at once; the others will miss it.");
                case NodeEnd.Failed:
                    return (ExitCode.Failure, $"The daemon of node {settings.Node} has failed; its journal says why.");
                case NodeEnd.Expelled when asked.Task.IsCompleted:
                    return (ExitCode.Success, $"Node {settings.Node} was declared lost, has stopped everything, and ends.");
                case NodeEnd.Expelled or NodeEnd.Reload:
                    // The cluster goes on without this life; a new one may join, once this one has let go of the state folder.
                    await node.EndAsync().ConfigureAwait(false);
                    await Task.Delay(BetweenLives, ended).ConfigureAwait(false);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown end {end}.");
            }
        }
    }

    /// <summary>What becomes of the machine of a node that has left.</summary>
    /// <returns>What was done, in words; empty: nothing was to be done.</returns>
    private async Task<string> LeftAsync(NodeHost life)
    {
        DrainOrder order = life.State.Nodes.GetValueOrDefault(settings.Node)?.Drain ?? DrainOrder.None;
        if (!order.ForGood || settings.Engine != NodeEngine.Corosync || !life.State.Configuration.KeepsCorosync)
        {
            return await MachinePower.RunAsync(settings, order.AtLeave).ConfigureAwait(false);
        }

        // Once it is out of the list of nodes, the others would lose their token with it, and for a while perhaps their quorum.
        return await CorosyncMachine.StopForGoodAsync(CancellationToken.None).ConfigureAwait(false) is { } trouble
            ? $" Corosync still runs here: {trouble} Switch it off by hand, before the others forget this node (corosync-cfgtool -H)."
            : " Corosync is switched off here, too; see that neither is started again at boot, where it is not systemd that starts them.";
    }

    /// <summary>This life goes by it from now on, and the daemon from its next start.</summary>
    private void UseToken(CurrentLife node, int token)
    {
        if (token == writtenToken)
        {
            return;
        }

        node.UseToken(token);
        new NewNode(stateFolder, NodeSettings.Read(stateFolder) with { Token = token }, []).WriteSettings();
        Say(
            journal, settings.Node, "node.token",
            $"This daemon goes by a token time of {SpanText.Of(token)} from now on, as corosync does; it was {SpanText.Of(writtenToken)}.",
            JournalSeverity.Information);
        writtenToken = token;
    }

    /// <summary>The engine of this daemon.</summary>
    private IClusterEngine CreateEngine(EngineSetup setup)
    {
        string folder = Path.GetFullPath(settings.EngineFolder, stateFolder);
        return settings.Engine switch
        {
            NodeEngine.Corosync => new CorosyncEngine(
                new CorosyncEngineOptions { Setup = setup, Folder = folder, Token = settings.Token }),
            _ => new LocalEngine(LocalEngineOptions.For(
                setup, folder, settings.Token, Path.Combine(stateFolder, NodeSettings.LogMemoryFile))),
        };
    }

    /// <returns>Null: it can't begin, and the journal says why.</returns>
    private async Task<NodeHost?> BeginAsync(CancellationToken ending)
    {
        try
        {
            NodeSettings armed = watchdog is null ? settings
                : settings with { Watchdog = settings.Watchdog! with { TakenSeconds = (int)watchdog.Timeout.TotalSeconds } };
            return await NodeHost.StartAsync(armed, stateFolder, journal, configurations, CreateEngine, Reset, ending)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Say(journal, settings.Node, "daemon.failed", $"A life of this node can't begin: {DiskRemedy.With(e)}", JournalSeverity.Error);
            Console.Error.WriteLine($"clusterd: {DiskRemedy.With(e)}");
            return null;
        }
    }

    /// <summary>Until the life has ended, by itself or because somebody asked and nothing is in the way.</summary>
    /// <returns>Whether groups stay behind, and the end of the daemon when there was no quorum to ask.</returns>
    private async Task<(bool Stays, (int ExitCode, string Words)? Over)> ServeAsync(NodeHost life, SystemdNotification notification)
    {
        while (true)
        {
            await Task.WhenAny(life.Ended, asked.Task).ConfigureAwait(false);
            if (life.Ended.IsCompleted)
            {
                return (false, null);
            }

            Ending how = await asked.Task.ConfigureAwait(false);
            if (how == Ending.Stop && WhyNot(life) is { } refusal)
            {
                Refuse(refusal);
                continue;
            }

            notification.Stopping();
            if (how == Ending.Shutdown && settings.Lab is null)
            {
                how = await FindOutAsync().ConfigureAwait(false);
            }

            bool stays = how == Ending.Machine || (how == Ending.Shutdown && await LeaveBehindAsync(life).ConfigureAwait(false));
            NodeOperation operation = how == Ending.Machine ? NodeOperation.ShutDown
                : stays || how == Ending.Restart ? NodeOperation.Maintenance
                : NodeOperation.Leave;
            switch (await AskToEndAsync(life, operation).ConfigureAwait(false))
            {
                case Answer.Over:
                    return (stays, null);
                case Answer.NoQuorum:
                    return (stays, (
                        how == Ending.Restart ? ExitCode.Restart : ExitCode.Success,
                        $"Node {settings.Node} had no quorum; nothing of it runs here any more, and the others will miss it."));
                case Answer.Stuck when how == Ending.Stop:
                    await SubmitAsync(life, NodeOperation.ResumeWithoutFailback).ConfigureAwait(false);
                    Refuse(WhyNot(life) ?? $"Node {settings.Node} could not leave; its journal says why.");
                    break;
                case Answer.Stuck:
                    break;
                default:
                    throw new InvalidOperationException("Unknown answer.");
            }
        }
    }

    /// <summary>Whether it is the machine that goes down, or only this service.</summary>
    private async Task<Ending> FindOutAsync()
    {
        (bool? underWay, string? why) = await SystemShutdown.IsUnderWayAsync().ConfigureAwait(false);
        if (underWay is null)
        {
            Say($"Whether the machine is being shut down is not known ({why}); groups are moved as when only the daemon is stopped.");
        }

        return underWay == true ? Ending.Machine : Ending.Shutdown;
    }

    private void Ask(Ending how) => Volatile.Read(ref asked).TrySetResult(how);

    private void Refuse(string why)
    {
        Interlocked.Exchange(ref asked, new TaskCompletionSource<Ending>(TaskCreationOptions.RunContinuationsAsynchronously));
        file = file with { Refused = why, Refusals = file.Refusals + 1 };
        file.Write(stateFolder);
        Say(why);
    }

    private string[] Stuck(NodeHost life) =>
    [
        .. life.State.Groups.Values.Where(g => g.ActiveOn.Contains(settings.Node) && (g.Frozen || g.Phase == GroupPhase.Failed))
            .Select(g => g.Name),
    ];

    private static string Shorten(string[] names) =>
        names.Length <= 10 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(10))} and {names.Length - 10} more";

    /// <summary>Why a person who wants the node to leave must see to something first; null: it can.</summary>
    private string? WhyNot(NodeHost life)
    {
        string[] stuck = Stuck(life);
        if (life.State.Quorum != Quorum.Quorate || stuck.Length == 0)
        {
            return null;
        }

        return $"Node {settings.Node} can't leave: {Shorten(stuck)} on it is frozen or Failed. "
            + "Unlock or disable it first (Unlock-ClusterGroup, Stop-ClusterGroup), "
            + "or restart the daemon in maintenance (clusterd restart), which leaves groups running.";
    }

    /// <summary>Moves away what can be moved when something else has to stay.</summary>
    /// <returns>True: something stays, so that the node can't leave.</returns>
    private async Task<bool> LeaveBehindAsync(NodeHost life)
    {
        if (life.State.Quorum != Quorum.Quorate || Stuck(life) is not { Length: > 0 } stuck)
        {
            return false;
        }

        Say($"{Shorten(stuck)} can't leave this node, frozen or Failed, and stays; the rest is moved, and the node goes into maintenance.");
        if (await SubmitAsync(life, NodeOperation.Drain, untilReturn: true).ConfigureAwait(false) is { } drain)
        {
            await WaitForEndAsync(life, drain).ConfigureAwait(false);
        }

        return true;
    }

    private ApiServer CreateApi(CurrentLife node)
    {
        using X509Certificate2 authority = CertificateTrust.LoadAuthority(Path.Combine(stateFolder, settings.Authority));
        X509Certificate2 own = CertificateTrust.LoadPfx(Path.Combine(stateFolder, settings.Certificate));
        if (CertificateTrust.WhyNotTrusted(own, authority) is { } misfit)
        {
            // The node goes on: its groups are worth more than its API.
            Say(
                journal, settings.Node, "daemon.certificate",
                $"The certificate in {settings.Certificate} does not fit the authority in {settings.Authority} of {stateFolder}: "
                    + $"{misfit} Clients will refuse this node, and it them. "
                + "Put the cluster's ca.pem there, or issue the node's certificate again, and restart the daemon.",
                JournalSeverity.Error);
        }

        return new ApiServer(
            node,
            new ApiServerOptions
            {
                Listen = settings.Listen,
                Certificate = own,
                Authority = authority,
                MemberFiles = settings.Engine == NodeEngine.Corosync ? new CorosyncMemberFiles(settings) : null,
            },
            fault => Console.Error.WriteLine($"clusterd: the API failed in an unexpected way; please report it: {fault}"));
    }

    /// <summary>Asks the cluster until the node may go; one without quorum has its own deadline to stop by.</summary>
    private async Task<Answer> AskToEndAsync(NodeHost life, NodeOperation how)
    {
        while (!life.Ended.IsCompleted)
        {
            if (await SubmitAsync(life, how).ConfigureAwait(false) is { } answer)
            {
                if (await WaitForEndAsync(life, answer).ConfigureAwait(false) is not { } failure)
                {
                    return Answer.Over;
                }

                Say(failure);
                if (how == NodeOperation.Leave && Stuck(life).Length > 0)
                {
                    return Answer.Stuck;
                }
            }

            ClusterState state = life.State;
            bool empty = !state.Groups.Values.Any(g => g.ActiveOn.Contains(settings.Node) && !g.Frozen);
            if (empty && state.Quorum != Quorum.Quorate)
            {
                return Answer.NoQuorum;
            }

            using var pause = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await life.WaitForChangeAsync(pause.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Asked again whether something has changed or not.
            }
        }

        return Answer.Over;
    }

    /// <summary>Null: it is not known that the cluster heard it; the journal says why.</summary>
    private async Task<OperationState?> SubmitAsync(NodeHost life, NodeOperation operation, bool untilReturn = false)
    {
        using var limit = new CancellationTokenSource(SubmitLimit);
        try
        {
            return await life.SubmitAsync(
                new NodeRequest(
                    Guid.NewGuid().ToString("N"), $"{Environment.UserName} on {settings.Node}", settings.Node, operation,
                    UntilReturn: untilReturn),
                limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NotQuorateException or UnknownOutcomeException or OperationCanceledException)
        {
            Say(e is NotQuorateException
                ? "There is no quorum, so it is not asked for; what runs here is stopped."
                : $"It is not known whether the cluster heard it ({e.Message}); it is asked again.");
            return null;
        }
    }

    /// <returns>Why the operation failed, so that it must be asked for again; null: the life has ended, or a drain is done.</returns>
    private static async Task<string?> WaitForEndAsync(NodeHost life, OperationState operation)
    {
        while (!life.Ended.IsCompleted)
        {
            Task change = life.WaitForChangeAsync(CancellationToken.None);
            OperationState now = life.State.Operations.GetValueOrDefault(operation.Id, operation);
            if (now.Phase == OperationPhase.Failed)
            {
                return now.Message;
            }

            if (now is { Phase: OperationPhase.Succeeded } && now.Kind == OperationKind.NodeDrain)
            {
                return null;
            }

            await Task.WhenAny(life.Ended, change).ConfigureAwait(false);
        }

        return null;
    }

    private void Say(string message) => Say(journal, settings.Node, "daemon.stop", message);

    private static void Say(
        Journal journal, string node, string kind, string message, JournalSeverity severity = JournalSeverity.Warning) => journal.Append(
    [
        new JournalEntry { Index = 0, Time = 0, Severity = severity, Kind = kind, Message = message, Node = node },
    ]);

    private void Reset(string reason)
    {
        Console.Error.WriteLine($"clusterd: reset of {settings.Node}: {reason}");
        MachineReset.Run(settings, stateFolder, watchdog);
    }

    private static async Task PrintAsync(Journal journal, CancellationToken cancel)
    {
        try
        {
            await foreach (JournalRecord record in journal.FollowAsync(journal.Last, cancel).ConfigureAwait(false))
            {
                JournalEntry entry = record.Entry;
                string time = DateTimeOffset.FromUnixTimeMilliseconds(entry.WallTime).ToString(
                    "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
                string who = entry.Who is { } name ? $" [{name}]" : "";
                Console.Out.WriteLine($"{time} {entry.Severity.ToString().ToLowerInvariant()} {entry.Kind}: {entry.Message}{who}");
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }
}
