using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>Configurations of the API as documents to look into.</summary>
internal static class ConfigurationReading
{
    /// <summary>The configuration in force, secrets replaced.</summary>
    public static async Task<(JObject Document, long Version)> ReadConfigurationAsync(
        this ClusterClient client, CancellationToken cancellationToken)
    {
        (string json, long version) = await client.GetConfigurationAsync(cancellationToken).ConfigureAwait(false);
        return (Read(client, json), version);
    }

    /// <summary>A version of the configuration, from whichever node keeps it.</summary>
    public static async Task<JObject> ReadConfigurationVersionAsync(
        this ClusterClient client, long version, CancellationToken cancellationToken) =>
        Read(client, await client.GetConfigurationVersionAsync(version, cancellationToken).ConfigureAwait(false));

    private static JObject Read(ClusterClient client, string json)
    {
        try
        {
            return ApiJson.ReadObject(new StringReader(json));
        }
        catch (JsonException e)
        {
            throw new ClusterUnreachableException(
                ClusterUnreachableException.AnswerNotUnderstood,
                $"{client.Server} answered with a configuration that is not understood: {e.Message}",
                "Check that this module is not older than the cluster's daemons.", e);
        }
    }
}
