using System.Linq;
using ClusterTools.Contract;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>Edits of what groups need of each other.</summary>
internal static class GroupDependencyEdit
{
    private const string What = "dependency of group";

    /// <summary>Adds a dependency.</summary>
    /// <exception cref="ClusterApiException">There is one on this group already, or one of the groups is not there.</exception>
    public static void Add(JObject document, string group, string dependsOn, DependencyMode require, Colocation colocation)
    {
        JObject service = ServiceEdit.Group(document, group);
        string other = ConfigurationDocument.NameOf(ServiceEdit.Group(document, dependsOn));
        if (Find(service, other) is not null)
        {
            throw EditErrors.Exists($"{What} '{ConfigurationDocument.NameOf(service)}' on group", other);
        }

        List(service).Add(new JObject
        {
            ["group"] = other, ["require"] = ConfigurationDocument.Word(require), ["colocation"] = ConfigurationDocument.Word(colocation),
        });
    }

    /// <summary>Changes a dependency; what is null stays as it is.</summary>
    /// <exception cref="ClusterApiException">There is none.</exception>
    public static void Set(JObject document, string group, string dependsOn, DependencyMode? require, Colocation? colocation)
    {
        JObject dependency = Entry(ServiceEdit.Group(document, group), dependsOn);
        ConfigurationDocument.Set(dependency, "require", require is { } mode ? ConfigurationDocument.Word(mode) : null);
        ConfigurationDocument.Set(dependency, "colocation", colocation is { } place ? ConfigurationDocument.Word(place) : null);
    }

    /// <summary>Removes a dependency.</summary>
    /// <exception cref="ClusterApiException">There is none.</exception>
    public static void Remove(JObject document, string group, string dependsOn) => Entry(ServiceEdit.Group(document, group), dependsOn).Remove();

    private static JObject Entry(JObject service, string dependsOn) =>
        Find(service, dependsOn) ?? throw EditErrors.NotFound(
            $"{What} '{ConfigurationDocument.NameOf(service)}' on group", dependsOn, [.. List(service).OfType<JObject>().Select(d => d.Value<string>("group") ?? "")]);

    private static JObject? Find(JObject service, string dependsOn) =>
        List(service).OfType<JObject>().FirstOrDefault(d => string.Equals(d.Value<string>("group"), dependsOn, StringComparison.OrdinalIgnoreCase));

    private static JArray List(JObject service)
    {
        if (service["dependencies"] is JArray there)
        {
            return there;
        }

        var made = new JArray();
        service["dependencies"] = made;
        return made;
    }
}
