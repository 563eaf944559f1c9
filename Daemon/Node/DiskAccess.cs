using System.Security.Cryptography;
using System.Text;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;

namespace ClusterTools.Node;

/// <summary>
/// What fence agents may take from this machine at its disks: its key (SCSI-3 persistent reservations), or its port in the fabric. It gives
/// that back to itself when it joins, once between two boots: a machine that was cut off may have pages of another's disk in its memory
/// still, and only a boot takes these away.
/// </summary>
/// <param name="node">This node.</param>
/// <param name="stateFolder">Where it remembers what it has given itself since the boot.</param>
/// <param name="isStorage">Whether an agent cuts nodes off from their disks and leaves them running.</param>
/// <param name="call">Calls a fence agent.</param>
/// <param name="say">For the journal.</param>
internal sealed class DiskAccess(
    string node, string stateFolder,
    Func<string, Task<bool>> isStorage,
    Func<ClusterConfiguration, FenceStep, FenceDevice, FenceOperation, Task<FenceResult>> call,
    Action<JournalSeverity, string> say) : IDisposable
{
    // It had keys alone once.
    private readonly string path = Path.Combine(stateFolder, "disk-keys");
    private readonly SemaphoreSlim one = new(1);
    private readonly HashSet<string> owed = [];
    private string? told;

    /// <summary>
    /// Takes what it has not, and says why this machine may not use the disks of its fence devices; null: it may, or there are none. The
    /// last words for the journal are said once.
    /// </summary>
    public async Task<string?> WhyNoneAsync(ClusterConfiguration configuration, CancellationToken cancel)
    {
        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            string? why = null;
            string? doubt = null;
            (FenceDevice Device, FenceStep Step)[] calls = [.. CallsOf(configuration)];
            bool isFirst = calls.Length > 0 && !HasLooked();
            if (isFirst && WhyNotWritten([]) is { } trouble)
            {
                // Who can't tell the first look from a later one is careful.
                isFirst = false;
                doubt = trouble;
            }

            foreach ((FenceDevice device, FenceStep step) in calls)
            {
                if (why is null && await isStorage(device.Agent).ConfigureAwait(false))
                {
                    (why, string? unknown) = StorageAgents.TakesKeys(device.Agent)
                        ? (await WhyNoKeyAsync(configuration, device, step).ConfigureAwait(false), null)
                        : await WhyNoPortAsync(configuration, device, step, isFirst).ConfigureAwait(false);
                    doubt ??= unknown;
                }
            }

            string? words = why is null ? doubt : $"Nothing is started on node {node}: {why}";
            if (words is not null && words != told)
            {
                say(why is null ? JournalSeverity.Warning : JournalSeverity.Error, words);
            }

            told = words;
            return why;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>
    /// Why this node's word that it has cut another one off by a device would prove nothing; null: it would prove it. Without a key of its
    /// own on the disk there may be no reservation at all (the storage has forgotten it), and then everybody writes.
    /// </summary>
    public async Task<string?> WhyNoProofAsync(ClusterConfiguration configuration, string device)
    {
        foreach ((FenceDevice at, FenceStep step) in CallsOf(configuration)
            .Where(c => c.Device.Name == device && StorageAgents.TakesKeys(c.Device.Agent)))
        {
            FenceResult status = await call(configuration, step, at, FenceOperation.Status).ConfigureAwait(false);
            if (!IsOn(status))
            {
                return $"node {node}, which was to do it, has no key of its own there that it knows of ({status.Message})";
            }
        }

        return null;
    }

    public void Dispose() => one.Dispose();

    private async Task<string?> WhyNoKeyAsync(ClusterConfiguration configuration, FenceDevice device, FenceStep step)
    {
        FenceResult status = await call(configuration, step, device, FenceOperation.Status).ConfigureAwait(false);
        string mark = Mark(device, step);
        if (Given().Contains(mark))
        {
            return IsOn(status) ? null : IsOff(status) ? CutOff(device)
                : $"'{device.Name}' does not say whether its key is registered: {status.Message}";
        }

        FenceResult on = await call(configuration, step, device, FenceOperation.On).ConfigureAwait(false);
        if (!on.Success)
        {
            return $"its key could not be registered by '{device.Name}': {on.Message}";
        }

        if (WhyNotWritten([.. Given(), mark]) is { } trouble)
        {
            return $"that its key is registered by '{device.Name}' is not remembered: {trouble}";
        }

        say(JournalSeverity.Information, $"Node {node} has registered its key by fence device '{device.Name}'.");
        return null;
    }

    /// <summary>A port that is closed at the first look was closed before the boot; later, since.</summary>
    /// <returns>Why it may not use the disks, and what is not known of them where it may.</returns>
    private async Task<(string? Why, string? Doubt)> WhyNoPortAsync(
        ClusterConfiguration configuration, FenceDevice device, FenceStep step, bool isFirst)
    {
        FenceResult status = await call(configuration, step, device, FenceOperation.Status).ConfigureAwait(false);
        if (!IsOff(status))
        {
            // Behind a closed port nothing starts that needs the disks; a switch that is not reached takes nothing from the rest.
            return (null, IsOn(status) ? null : $"Whether node {node} gets at its disks is not known: {status.Message}");
        }

        string mark = Mark(device, step);
        if (!isFirst && !owed.Contains(mark))
        {
            return (CutOff(device), null);
        }

        owed.Add(mark);
        FenceResult on = await call(configuration, step, device, FenceOperation.On).ConfigureAwait(false);
        if (!on.Success)
        {
            return ($"its port could not be opened by '{device.Name}': {on.Message}", null);
        }

        owed.Remove(mark);
        say(JournalSeverity.Information, $"Node {node} has opened its port by fence device '{device.Name}'.");
        return default;
    }

    private static string CutOff(FenceDevice device) =>
        $"it was cut off from its disks by '{device.Name}' since it booted. Boot it: then it gets at them again.";

    private static bool IsOff(FenceResult status) => status is { Success: true, ExitCode: 2 };

    private static bool IsOn(FenceResult status) => status is { Success: true, ExitCode: 0 };

    /// <summary>The calls by which the node is cut off, each once: the same ones with another action give back what was taken.</summary>
    private IEnumerable<(FenceDevice Device, FenceStep Step)> CallsOf(ClusterConfiguration configuration) =>
        configuration.Nodes.TryGetValue(node, out NodeConfiguration? at) && !at.FenceMethods.IsDefault
            ? at.FenceMethods.SelectMany(static m => m.Steps)
                .Where(s => configuration.FenceDevices.ContainsKey(s.Device))
                .DistinctBy(static s => (s.Device, string.Join('\n', s.Parameters.Select(static p => $"{p.Key}={p.Value}"))))
                .Select(s => (configuration.FenceDevices[s.Device], s))
            : [];

    /// <summary>What was given where, without showing it: there are secrets among parameters.</summary>
    private static string Mark(FenceDevice device, FenceStep step)
    {
        string all = string.Join('\n', [device.Agent, .. device.Parameters.SetItems(step.Parameters).Select(p => $"{p.Key}={p.Value}")]);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }

    /// <summary>The marks of the keys that were registered since the boot.</summary>
    private string[] Given() => Read() is [_, .. var marks] ? marks : [];

    /// <summary>It was looked since the boot.</summary>
    private bool HasLooked() => Read() is not null;

    private string[]? Read() =>
        File.Exists(path) && File.ReadAllLines(path) is [var boot, ..] all && boot == ProcessIdentity.BootId ? all : null;

    private string? WhyNotWritten(string[] marks)
    {
        try
        {
            File.WriteAllLines(path, [ProcessIdentity.BootId, .. marks]);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{path} can't be written: {error.Message}";
        }
    }
}
