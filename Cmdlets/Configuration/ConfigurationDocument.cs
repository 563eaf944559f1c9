using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>
/// The configuration as the JSON document that <c>GET /v1/configuration</c> gives, to look into.
/// </summary>
internal static class ConfigurationDocument
{
    public const string Groups = "groups";
    public const string Access = "access";

    /// <summary>An object of the document by name, such as <c>groups</c>; made when it is not there.</summary>
    public static JObject Section(JObject document, string name)
    {
        if (document[name] is JObject there)
        {
            return there;
        }

        var made = new JObject();
        document[name] = made;
        return made;
    }

    /// <summary>All services as typed objects.</summary>
    public static ServiceConfiguration[] Services(JObject document) =>
        [.. Section(document, Groups).Properties().Select(p => ApiJson.Read<ServiceConfiguration>(p.Value.ToString()))];
}
