using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Host.Corosync;

/// <summary>
/// What the cluster's configuration wants corosync to do. It is the same on every node, for all of it comes from the configuration, but for
/// what a machine's own file says beside it.
/// </summary>
internal static class CorosyncPlan
{
    /// <summary>
    /// How long the arbiter may be silent, and while the membership changes. Shorter, and a short stop of it would cost its vote; longer,
    /// and who is cut from it would wait longer for the word that there is none.
    /// </summary>
    private const int ArbiterTimeout = 3_000;
    private const int ArbiterSyncTimeout = 6_000;

    /// <summary>The settings.</summary>
    /// <param name="configuration">All of its nodes have addresses.</param>
    /// <param name="present">What the machine's file says now; null: there is none.</param>
    /// <exception cref="InvalidDataException">Corosync could not work so; says what to do.</exception>
    public static CorosyncSettings Of(ClusterConfiguration configuration, CorosyncSettings? present)
    {
        ImmutableArray<CorosyncNode> nodes =
        [
            .. configuration.Nodes.Values.OrderBy(static n => n.Id).Select(static n => new CorosyncNode
            {
                Name = n.Name, Id = n.Id, Votes = n.Votes, Addresses = n.Addresses,
            }),
        ];
        CorosyncSettings before = present ?? new CorosyncSettings
        {
            ClusterName = configuration.Name, Timing = CorosyncTiming.Of(configuration.Timing.Token), Nodes = nodes,
        };
        CorosyncSettings settings = before.WithTiming(before.Timing with
        {
            Token = configuration.Timing.Token,
            // A file from before that was known.
            QuietRounds = before.Timing.QuietRounds ?? CorosyncTiming.FewQuietRounds,
        }) with
        {
            ClusterName = configuration.Name,
            // Machines that were away meanwhile are let in all the same: what they have missed the cluster tells them.
            Version = 1,
            Nodes = nodes,
            TwoNode = configuration.TwoNode && configuration.ArbiterInForce is null,
            Device = Arbiter(configuration.ArbiterInForce) ?? present?.Device as CorosyncProgramDevice,
        };
        return CorosyncCheck.FirstError(settings) is { } problem
            ? throw new InvalidDataException($"Corosync can't work so: {problem}")
            : settings;
    }

    private static CorosyncDevice? Arbiter(QuorumArbiterConfiguration? arbiter) => arbiter is null ? null : new CorosyncNetDevice
    {
        Host = arbiter.Host,
        Tls = arbiter.Tls ? CorosyncDeviceTls.Required : CorosyncDeviceTls.Off,
        Algorithm = CorosyncDeviceAlgorithm.Ffsplit,
        Votes = 1,
        Timeout = ArbiterTimeout,
        SyncTimeout = ArbiterSyncTimeout,
    };
}
