using System.Text;
using ClusterTools.Client;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Benchmarks;

/// <summary>Changes a running cluster's configuration to and fro: how often a group is restarted before it is moved.</summary>
internal sealed class ConfigurationChanges(ClusterClient client, string group)
{
    private ClusterConfiguration? next;

    /// <summary>One change, from what is asked until it is in force.</summary>
    public async Task ChangeAsync(CancellationToken cancel)
    {
        if (next is null)
        {
            (string json, _) = await client.GetConfigurationAsync(cancel).ConfigureAwait(false);
            next = ConfigurationJson.Read(Encoding.UTF8.GetBytes(json)).Configuration!;
        }

        long version = next.Version;
        GroupConfiguration changed = next.Groups[group];
        next = next with
        {
            Version = version + 1,
            Groups = next.Groups.SetItem(group, changed with { MaxRestarts = changed.MaxRestarts == 3 ? 4 : 3, RestartExpireTime = 300 }),
        };
        Contract.Operation done = await client
            .PutConfigurationAsync(Encoding.UTF8.GetString(ConfigurationJson.Write(next)), version, null, cancel).ConfigureAwait(false);
        if (done.Phase != Contract.OperationPhase.Succeeded)
        {
            throw new InvalidOperationException(done.Message);
        }
    }
}
