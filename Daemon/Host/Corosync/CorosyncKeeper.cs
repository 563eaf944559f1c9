using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Node;

namespace ClusterTools.Host.Corosync;

/// <summary>
/// Keeps this machine's corosync.conf as the cluster's configuration has it: who is in it, where, and with how many votes. What all members
/// have committed each of them writes, so that no two go by different lists for longer than that takes.
/// </summary>
/// <param name="node">Whose configuration is kept to.</param>
/// <param name="useToken">Is told the token time that corosync goes by from now on, or from its next start.</param>
/// <param name="say">For the journal.</param>
internal sealed class CorosyncKeeper(IClusterNode node, Action<int> useToken, Action<JournalSeverity, string> say)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(10);

    /// <summary>How long who is taken out may take to leave the ring.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private string? said;

    /// <summary>Until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ClusterConfiguration? kept = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Task change = node.WaitForChangeAsync(cancellationToken);
                ClusterState state = node.State;
                if (!ReferenceEquals(state.Configuration, kept) && Concerns(state))
                {
                    if (!await KeepAsync(state.Configuration, cancellationToken).ConfigureAwait(false))
                    {
                        await Task.Delay(TryAgain, cancellationToken).ConfigureAwait(false);
                        continue;
                    }

                    kept = state.Configuration;
                }

                await change.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>A daemon that starts reads in its log what was in force once: only what a quorum has is gone by.</summary>
    private bool Concerns(ClusterState state) =>
        state.Quorum == Quorum.Quorate && state.Configuration.Nodes.ContainsKey(node.Name) && state.Configuration.KeepsCorosync;

    /// <returns>Whether there is nothing left to do.</returns>
    private async Task<bool> KeepAsync(ClusterConfiguration configuration, CancellationToken cancellationToken)
    {
        try
        {
            CorosyncSettings present = CorosyncMachine.ReadSettings();
            CorosyncSettings planned = CorosyncPlan.Of(configuration, present);
            await AwaitLeaversAsync(present, planned, cancellationToken).ConfigureAwait(false);
            if (!CorosyncFiles.WriteSettings(CorosyncSettings.DefaultFile, planned))
            {
                useToken(planned.Timing.Token);
                return await KeepArbiterAsync(present, planned, anew: false, cancellationToken).ConfigureAwait(false);
            }

            ImmutableArray<CorosyncDifference> differences = CorosyncDifference.Between(present, planned);
            if (await CorosyncMachine.ReloadAsync(cancellationToken).ConfigureAwait(false) is { } trouble)
            {
                // Written, and read at corosync's next start.
                Say(JournalSeverity.Warning, $"{CorosyncSettings.DefaultFile} has changed, but corosync has not read it: {trouble}");
            }
            else
            {
                Say(
                    JournalSeverity.Information,
                    $"Corosync goes by configuration version {configuration.Version} on this machine: "
                        + string.Join(" ", differences.Select(static d => $"{d.Place}: {d.Text}")));
            }

            if (differences.Any(static d => d.Apply == CorosyncApply.RestartCorosync))
            {
                Say(
                    JournalSeverity.Warning,
                    "Some of it corosync takes at its next start only. Restart it on one machine after the other: clusterd restart, then "
                        + "systemctl restart corosync clusterd.");
            }

            said = null;
            useToken(planned.Timing.Token);
            return await KeepArbiterAsync(
                present, planned, anew: differences.Any(static d => d.Apply == CorosyncApply.RestartDevice), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Say(
                JournalSeverity.Error,
                $"{CorosyncSettings.DefaultFile} can't be brought to configuration version {configuration.Version}: {e.Message} "
                    + "Until it is, this machine may not hear a new one.");
            return false;
        }
    }

    /// <summary>
    /// Who is taken out leaves the ring first: out of the list and still in the ring, it costs the others their token, and perhaps their
    /// quorum for a while.
    /// </summary>
    private async Task AwaitLeaversAsync(CorosyncSettings present, CorosyncSettings planned, CancellationToken cancellationToken)
    {
        foreach (CorosyncNode leaver in present.Nodes.Where(n => !planned.Nodes.Any(left => left.Id == n.Id)))
        {
            long begin = Environment.TickCount64;
            while (await CorosyncMachine.IsInRingAsync(leaver.Id, cancellationToken).ConfigureAwait(false))
            {
                if (Environment.TickCount64 - begin > LeaveLimit.TotalMilliseconds)
                {
                    Say(
                        JournalSeverity.Warning,
                        $"Corosync of {leaver.Name} still runs, though the node is taken out: the ring of the others breaks for a while. "
                            + "Switch it off there (systemctl disable --now corosync clusterd).");
                    break;
                }

                await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <returns>Whether there is nothing left to do.</returns>
    private async Task<bool> KeepArbiterAsync(
        CorosyncSettings present, CorosyncSettings planned, bool anew, CancellationToken cancellationToken)
    {
        try
        {
            if (planned.Device is CorosyncNetDevice)
            {
                await ArbiterClient.StartAsync(
                    anew, message => Say(JournalSeverity.Information, message), cancellationToken).ConfigureAwait(false);
            }
            else if (present.Device is CorosyncNetDevice)
            {
                await ArbiterClient.StopAsync(cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Say(JournalSeverity.Error, e.Message);
            return false;
        }
    }

    // Not every ten seconds the same.
    private void Say(JournalSeverity severity, string message)
    {
        if (message != said)
        {
            said = message;
            say(severity, message);
        }
    }
}
