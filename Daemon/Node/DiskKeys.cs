using System.Security.Cryptography;
using System.Text;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;

namespace ClusterTools.Node;

/// <summary>
/// This machine's own keys on disks that fence agents take it from (SCSI-3 persistent reservations). It registers them when it joins, once
/// between two boots: a machine that was cut off may have pages of another's disk in its memory still, and only a boot takes these away.
/// </summary>
/// <param name="node">This node.</param>
/// <param name="stateFolder">Where it remembers what it has registered since the boot.</param>
/// <param name="call">Calls a fence agent.</param>
/// <param name="say">For the journal.</param>
internal sealed class DiskKeys(
    string node, string stateFolder,
    Func<ClusterConfiguration, FenceStep, FenceDevice, FenceOperation, Task<FenceResult>> call,
    Action<JournalSeverity, string> say) : IDisposable
{
    private readonly string path = Path.Combine(stateFolder, "disk-keys");
    private readonly SemaphoreSlim one = new(1);
    private string? told;

    /// <summary>
    /// Registers what is not registered, and says why this machine may not use the disks of its fence devices; null: it may, or there are
    /// none. The last words for the journal are said once.
    /// </summary>
    public async Task<string?> WhyNoneAsync(ClusterConfiguration configuration, CancellationToken cancel)
    {
        (FenceDevice Device, FenceStep Step)[] calls = [.. ReservationAgents.CallsOf(configuration, node)];
        if (calls.Length == 0)
        {
            return null;
        }

        await one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            string? why = null;
            foreach ((FenceDevice device, FenceStep step) in calls)
            {
                why ??= await WhyNoneAsync(configuration, device, step).ConfigureAwait(false);
            }

            if (why is not null && why != told)
            {
                say(JournalSeverity.Error, $"Nothing is started on node {node}: {why}");
            }

            told = why;
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
        foreach ((FenceDevice at, FenceStep step) in ReservationAgents.CallsOf(configuration, node).Where(c => c.Device.Name == device))
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

    private async Task<string?> WhyNoneAsync(ClusterConfiguration configuration, FenceDevice device, FenceStep step)
    {
        FenceResult status = await call(configuration, step, device, FenceOperation.Status).ConfigureAwait(false);
        string mark = Mark(device, step);
        bool before = Registered().Contains(mark);
        if (IsOn(status) && before)
        {
            return null;
        }

        if (before)
        {
            return status is { Success: true, ExitCode: 2 }
                ? $"it was cut off from its disks by '{device.Name}' since it booted. Boot it: then it registers its key again."
                : $"'{device.Name}' does not say whether its key is registered: {status.Message}";
        }

        FenceResult on = await call(configuration, step, device, FenceOperation.On).ConfigureAwait(false);
        if (!on.Success)
        {
            return $"its key could not be registered by '{device.Name}': {on.Message}";
        }

        try
        {
            Remember(mark);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"that its key is registered by '{device.Name}' can't be written down in {stateFolder}: {error.Message}";
        }

        say(JournalSeverity.Information, $"Node {node} has registered its key by fence device '{device.Name}'.");
        return null;
    }

    private static bool IsOn(FenceResult status) => status is { Success: true, ExitCode: 0 };

    /// <summary>What is registered where, without showing it: there are secrets among parameters.</summary>
    private static string Mark(FenceDevice device, FenceStep step)
    {
        string all = string.Join('\n', [device.Agent, .. device.Parameters.SetItems(step.Parameters).Select(p => $"{p.Key}={p.Value}")]);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }

    private string[] Registered() =>
        File.Exists(path) && File.ReadAllLines(path) is [var boot, .. var marks] && boot == ProcessIdentity.BootId ? marks : [];

    private void Remember(string mark) => File.WriteAllLines(path, [ProcessIdentity.BootId, .. Registered().Append(mark)]);
}
