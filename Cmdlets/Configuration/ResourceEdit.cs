using System.Linq;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>Where a resource stands in its group's tree.</summary>
public sealed class ResourcePlace
{
    /// <summary>At the end of the top level.</summary>
    public static ResourcePlace Last { get; } = new();

    /// <summary>Id of the resource that it stands below; empty: top level; null: not said.</summary>
    public string? Parent { get; set; }

    /// <summary>Id of the sibling that it stands before.</summary>
    public string? Before { get; set; }

    /// <summary>Id of the sibling that it stands behind.</summary>
    public string? After { get; set; }

    /// <summary>Nothing is said of the place.</summary>
    public bool IsUnsaid => Parent is null && Before is null && After is null;
}

/// <summary>Edits of resources within a group.</summary>
internal static class ResourceEdit
{
    private const string What = "resource";

    /// <summary>Adds a resource and its children.</summary>
    /// <returns>Its id.</returns>
    public static string Add(JObject document, string group, ResourceDefinition definition, ResourcePlace place)
    {
        JObject service = ServiceEdit.Group(document, group);
        JObject resource = definition.ToJson(ConfigurationDocument.NameOf(service));
        string id = Id(resource);
        if (All(service).Any(r => Id(r) == id))
        {
            throw EditErrors.Exists($"resource in group '{ConfigurationDocument.NameOf(service)}':", id);
        }

        Put(service, resource, place);
        foreach (ResourceDefinition child in definition.Children)
        {
            Add(document, group, child, new ResourcePlace { Parent = id });
        }

        return id;
    }

    /// <summary>Changes a resource, moves it in the tree if a place is given, and renames it if the definition has another id.</summary>
    public static void Set(JObject document, string group, string id, ResourceDefinition definition, ResourcePlace place)
    {
        JObject service = ServiceEdit.Group(document, group);
        JObject resource = Find(service, id);
        definition.Apply(resource);
        if (place.IsUnsaid)
        {
            return;
        }

        string?[] below = [.. Below(resource).Select(Id)];
        string?[] named = [place.Parent, place.Before, place.After];
        if (named.FirstOrDefault(n => n is { Length: > 0 } && (Id(Find(service, n)) == Id(resource) || below.Contains(Id(Find(service, n))))) is { } wrong)
        {
            throw EditErrors.Invalid($"Resource '{Id(resource)}' can't stand beside or below '{wrong}', which is itself or stands below it.", "Name a resource outside of it.");
        }

        resource.Remove();
        Put(service, resource, place);
    }

    /// <summary>Switches a resource and what stands below it off or on.</summary>
    public static void Disable(JObject document, string group, string id, bool disabled) =>
        Find(ServiceEdit.Group(document, group), id)["disabled"] = disabled;

    /// <summary>Moves a resource and what stands below it to another group.</summary>
    public static void Move(JObject document, string group, string id, string to, ResourcePlace place)
    {
        JObject service = ServiceEdit.Group(document, to);
        JObject resource = Find(ServiceEdit.Group(document, group), id);
        string[] ids = [.. Below(resource).Prepend(resource).Select(Id)];
        if (All(service).Select(Id).FirstOrDefault(ids.Contains) is { } there)
        {
            throw EditErrors.Exists($"resource in group '{ConfigurationDocument.NameOf(service)}':", there);
        }

        resource.Remove();
        Put(service, resource, place);
    }

    /// <summary>Removes a resource; what stands below it goes too, or takes its place.</summary>
    public static void Remove(JObject document, string group, string id, bool keepChildren)
    {
        JObject resource = Find(ServiceEdit.Group(document, group), id);
        if (keepChildren)
        {
            JToken[] children = [.. Children(resource).Children()];
            Children(resource).RemoveAll();
            foreach (JToken child in children)
            {
                resource.AddBeforeSelf(child);
            }
        }

        resource.Remove();
    }

    /// <summary>A resource of a group, by its id, or by its name where that is unique.</summary>
    /// <exception cref="ClusterApiException">There is none.</exception>
    public static JObject Find(JObject service, string id)
    {
        JObject[] all = [.. All(service)];
        if (all.FirstOrDefault(r => Id(r) == id) is { } exact)
        {
            return exact;
        }

        JObject[] like = [.. all.Where(r => string.Equals(Id(r), id, StringComparison.OrdinalIgnoreCase))];
        if (like.Length == 0)
        {
            like = [.. all.Where(r => string.Equals(Id(r).Substring(Id(r).IndexOf(':') + 1), id, StringComparison.OrdinalIgnoreCase))];
        }

        return like.Length == 1 ? like[0] : throw EditErrors.NotFound($"{What} in group '{ConfigurationDocument.NameOf(service)}':", id, [.. all.Select(Id)]);
    }

    /// <summary>All resources of a group, each before what stands below it.</summary>
    public static IEnumerable<JObject> All(JObject service) => List(service, "resources").OfType<JObject>().SelectMany(r => new[] { r }.Concat(Below(r)));

    /// <summary>A resource's id.</summary>
    public static string Id(JObject resource) => resource.Value<string>("id") ?? "";

    private static IEnumerable<JObject> Below(JObject resource) => Children(resource).OfType<JObject>().SelectMany(r => new[] { r }.Concat(Below(r)));

    private static JArray Children(JObject resource) => List(resource, "children");

    private static JArray List(JObject owner, string member)
    {
        if (owner[member] is JArray there)
        {
            return there;
        }

        var made = new JArray();
        owner[member] = made;
        return made;
    }

    private static void Put(JObject service, JObject resource, ResourcePlace place)
    {
        if (place.Before is not null && place.After is not null)
        {
            throw EditErrors.Invalid("Before and After are both given.", "Give one of them.");
        }

        if ((place.Before ?? place.After) is not { } sibling)
        {
            (place.Parent is { Length: > 0 } parent ? Children(Find(service, parent)) : List(service, "resources")).Add(resource);
            return;
        }

        JObject beside = Find(service, sibling);
        if (place.Parent is { } said && ParentOf(beside) != (said.Length == 0 ? null : Id(Find(service, said))))
        {
            throw EditErrors.Invalid($"'{sibling}' does not stand below '{said}'.", "Leave Parent out: the sibling says it.");
        }

        if (place.Before is not null)
        {
            beside.AddBeforeSelf(resource);
        }
        else
        {
            beside.AddAfterSelf(resource);
        }
    }

    private static string? ParentOf(JObject resource) =>
        resource.Parent is JArray { Parent: JProperty { Name: "children", Parent: JObject parent } } ? Id(parent) : null;
}
