using System.Text;
using ClusterTools.Client;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// Changes of the configuration that are asked of one machine, one after the other: each is a parameter more of a fence device that nobody
/// uses, so that all that were answered must be there at the end.
/// </summary>
internal static class AskedChanges
{
    private const string CaughtUp = "caught-up";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until it is cancelled, whatever becomes of the machine.</summary>
    /// <param name="client">Whom it asks.</param>
    /// <param name="device">Whose parameters the changes are.</param>
    /// <param name="round">Begins the names of the changes; those of other rounds are taken away.</param>
    /// <param name="answered">Is told of each change that was answered to be in force.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task AskAsync(
        ClusterClient client, string device, string round, Action<string> answered, CancellationToken cancel)
    {
        for (int asked = 1; !cancel.IsCancellationRequested; asked++)
        {
            string change = $"{round}{asked}";
            if (await IsDoneAsync(client, device, round, change, cancel))
            {
                answered(change);
            }
            else
            {
                await Task.WhenAny(Task.Delay(Pause, cancel));
            }
        }
    }

    /// <summary>
    /// The changes that a machine has, once one more was done through it: before it is in a view again, it may know less.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> KeptAsync(ClusterClient client, CancellationToken cancel)
    {
        while (!await IsDoneAsync(client, CaughtUp, "", CaughtUp, cancel))
        {
            await Task.Delay(Pause, cancel);
        }

        (string json, _) = await client.GetConfigurationAsync(cancel);
        return Read(json).FenceDevices.Values.ToDictionary(d => d.Name, d => (IReadOnlyList<string>)[.. d.Parameters.Keys]);
    }

    /// <returns>False: whether it is in is not known.</returns>
    private static async Task<bool> IsDoneAsync(
        ClusterClient client, string device, string round, string change, CancellationToken cancel)
    {
        try
        {
            (string json, long version) = await client.GetConfigurationAsync(cancel);
            ClusterConfiguration now = Read(json);
            FenceDevice before = now.FenceDevices.GetValueOrDefault(device) ?? new FenceDevice { Name = device, Agent = "fence_switch" };
            FenceDevice after = before with
            {
                Parameters = before.Parameters.RemoveRange(
                    before.Parameters.Keys.Where(name => !name.StartsWith(round, StringComparison.Ordinal)))
                    .SetItem(change, $"asked for version {version}"),
            };
            Contract.Operation done = await client.PutConfigurationAsync(
                Write(now with { FenceDevices = now.FenceDevices.SetItem(device, after) }), version, change, cancel);
            return done.Phase == Contract.OperationPhase.Succeeded;
        }
        catch (Exception e) when (e is ClusterUnreachableException or ClusterApiException or OperationCanceledException)
        {
            // Its power is off, it has no quorum, or another one's change was first.
            return false;
        }
    }

    public static ClusterConfiguration Read(string json) =>
        ConfigurationFile.Read("configuration.json", Encoding.UTF8.GetBytes(json)).Configuration!;

    public static string Write(ClusterConfiguration configuration) => Encoding.UTF8.GetString(ConfigurationJson.Write(configuration));
}
