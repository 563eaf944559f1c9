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
            foreach ((FenceDevice device, FenceStep step) in CallsOf(configuration))
            {
                if (why is null && await isStorage(device.Agent).ConfigureAwait(false))
                {
                    (why, string? unknown) = await WhyNoneAsync(configuration, device, step).ConfigureAwait(false);
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

    /// <returns>Why it may not use the disks, and what is not known of them where it may.</returns>
    private async Task<(string? Why, string? Doubt)> WhyNoneAsync(ClusterConfiguration configuration, FenceDevice device, FenceStep step)
    {
        bool isKey = StorageAgents.TakesKeys(device.Agent);
        FenceResult status = await call(configuration, step, device, FenceOperation.Status).ConfigureAwait(false);
        string mark = Mark(device, step);
        bool before = Given().Contains(mark);
        if (IsOn(status) && before)
        {
            return default;
        }

        if (!isKey && !status.Success)
        {
            // Behind a closed port nothing starts that needs the disks; a switch that is not reached takes nothing from the rest.
            return (null, $"Whether node {node} gets at its disks is not known: {status.Message}");
        }

        if (before)
        {
            return (status is { Success: true, ExitCode: 2 }
                ? $"it was cut off from its disks by '{device.Name}' since it booted. Boot it: then it gets at them again."
                : $"'{device.Name}' does not say whether its key is registered: {status.Message}", null);
        }

        FenceResult on = await call(configuration, step, device, FenceOperation.On).ConfigureAwait(false);
        if (!on.Success)
        {
            return ($"its {(isKey ? "key could not be registered" : "port could not be opened")} by '{device.Name}': {on.Message}", null);
        }

        try
        {
            Remember(mark);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ($"what '{device.Name}' has given it can't be written down in {stateFolder}: {error.Message}", null);
        }

        say(
            JournalSeverity.Information,
            $"Node {node} {(isKey ? "has registered its key" : "sees to it that its port is open")} by fence device '{device.Name}'.");
        return default;
    }

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

    private string[] Given() =>
        File.Exists(path) && File.ReadAllLines(path) is [var boot, .. var marks] && boot == ProcessIdentity.BootId ? marks : [];

    private void Remember(string mark) => File.WriteAllLines(path, [ProcessIdentity.BootId, .. Given().Append(mark)]);
}
