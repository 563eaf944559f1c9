using System.Globalization;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Import;

namespace ClusterTools.Node;

// What a cluster begins with, and that one which has existed does not begin again from it in silence.
public sealed partial class NodeHost
{
    private readonly bool accepts;
    private readonly long knownVersion;
    private bool admitted;
    private bool formed;

    /// <summary>This node has known no configuration yet, or somebody has said that it may go on without the log it knew.</summary>
    private bool MayForm => accepts || Configurations.Newest is null;

    private static bool IsRecovering(string stateFolder) => File.Exists(Path.Combine(stateFolder, NodeSettings.RecoveryFile));

    /// <summary>
    /// The configuration that this node may propose; null: none, or it has been in a cluster and nobody has said that it may begin anew.
    /// </summary>
    private static async Task<ClusterConfiguration?> ReadBootstrapAsync(
        NodeSettings settings, string stateFolder, ConfigurationArchive configurations, CancellationToken cancellationToken)
    {
        string file = Path.Combine(stateFolder, settings.BootstrapConfiguration);
        if (!File.Exists(file) || (configurations.Newest is not null && !IsRecovering(stateFolder)))
        {
            return null;
        }

        ImportResult read = ConfigurationFile.Read(file, await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false));
        return read.Configuration ?? throw new InvalidDataException(
            $"{file} can't be used: {string.Join(" ", read.Problems.Where(p => p.Severity == ProblemSeverity.Error).Take(5))}");
    }

    private void ProposeBootstrap()
    {
        if (!MayForm)
        {
            throw new LogLostException("The log holds no configuration, and this node has been in a cluster that had one.");
        }

        if (Bootstrap is null)
        {
            Say(JournalSeverity.Error, "configuration.none", "The cluster has no configuration and this node has none to propose. "
                + "Import one with Import-ClusterConfiguration.");
            return;
        }

        // The same id from every node: the first one counts.
        _ = ProposeAsync(new ConfigurationRequest(
            "bootstrap", "clusterd init", Bootstrap, "the configuration that the cluster was made with", ConfigurationOrigin.Init));
    }

    /// <summary>
    /// A member that has seen a newer configuration than the one in force takes no part in it: the log was damaged, or is another.
    /// </summary>
    private void Admit(Engines.ViewChanged view)
    {
        if (admitted || view.Quorum != ViewQuorum.Quorate || !view.Members.Contains(new Member(Name, Incarnation)))
        {
            return;
        }

        long inForce = replica.State.Configuration.Version;
        if (!accepts && inForce > 0 && knownVersion > inForce)
        {
            throw new LogLostException(
                $"Configuration version {inForce} is in force in the log, and this node has seen version {knownVersion}: "
                    + "the log has lost what came between.");
        }

        admitted = true;
        KeepConfiguration(null, null);
    }

    /// <summary>Once there is a cluster, what it began with is of no more use, and would bring back what was changed since.</summary>
    private void PutBootstrapAway()
    {
        if (formed)
        {
            return;
        }

        formed = true;
        string file = Path.Combine(stateFolder, settings.BootstrapConfiguration);
        try
        {
            if (File.Exists(file))
            {
                File.Move(file, file + ".used", overwrite: true);
            }

            File.Delete(Path.Combine(stateFolder, NodeSettings.RecoveryFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(JournalSeverity.Warning, "configuration.bootstrap", $"{file} could not be put out of the way ({e.Message}). Remove it: "
                + "the cluster has formed.");
        }
    }

    private string WhatIsKnown()
    {
        string kept = Configurations.Newest is { } newest
            ? $"This node keeps configuration version {newest.Version}{newest.Dated} in {Path.Combine(stateFolder, "configurations.db")}."
            : "This node keeps no configuration in its archive; others may.";
        return $"It is not gone on with in silence, and nothing was changed. {kept} If a copy of the log is at hand, stop every daemon "
            + "and put it back. Otherwise "
            + $"'clusterd recover --state {stateFolder}' (with one --state for each node of this machine) shows what is known, and goes "
                + "on with the newest version when you say so.";
    }
}
