using System.Linq;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>How a fence device is used for a node.</summary>
public sealed class FenceAssignment
{
    /// <summary>The node.</summary>
    public string Node { get; set; } = "";

    /// <summary>Name of the node's fence method; null: the device's name, or the method that uses the device already.</summary>
    public string? Method { get; set; }

    /// <summary>The word for reboot, off or on; null: reboot, or as it is.</summary>
    public string? Action { get; set; }

    /// <summary>Parameters of this call (port, plug …).</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; set; }

    /// <summary>The method is tried before the others.</summary>
    public bool First { get; set; }
}

/// <summary>A change to a fence device; what is null stays as it is.</summary>
public sealed class FenceDeviceSettings
{
    /// <summary>The agent program, such as <c>fence_ipmilan</c>.</summary>
    public string? Agent { get; set; }

    /// <summary>Parameters to set; a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; set; }

    /// <summary>Nodes that it is to cut off.</summary>
    public IReadOnlyList<FenceAssignment> Assignments { get; set; } = [];

    /// <summary>Names of nodes that it is no longer used for.</summary>
    public IReadOnlyList<string> Released { get; set; } = [];
}

/// <summary>Edits of fence devices and of the nodes' fence methods that use them.</summary>
internal static class FenceDeviceEdit
{
    private const string What = "fence device";

    public static void Add(JObject document, string name, FenceDeviceSettings settings)
    {
        ConfigurationDocument.Add(
            document, ConfigurationDocument.FenceDevices, What, name, new JObject { ["name"] = name, ["agent"] = settings.Agent, ["parameters"] = new JObject() });
        Apply(document, name, settings);
    }

    public static void Set(JObject document, string name, FenceDeviceSettings settings) => Apply(document, name, settings);

    /// <summary>Removes a device; from the nodes' fence methods too if that is wanted.</summary>
    /// <exception cref="ClusterApiException">There is none, or nodes use it.</exception>
    public static void Remove(JObject document, string name, bool release)
    {
        JObject device = ConfigurationDocument.Entry(document, ConfigurationDocument.FenceDevices, What, name);
        string own = ConfigurationDocument.NameOf(device);
        JObject[] users = [.. Nodes(document).Where(n => Methods(n).OfType<JObject>().Any(m => Steps(m, own).Any()))];
        if (users.Length > 0 && !release)
        {
            throw EditErrors.Used(What, own, users.Length == 1 ? "node" : "nodes", users.Select(ConfigurationDocument.NameOf),
                "Take it from them with Set-ClusterFenceDevice -RemoveNode first, or use -Force: then their fence methods go on without it.");
        }

        foreach (JObject user in users)
        {
            Release(user, own);
        }

        device.Parent!.Remove();
    }

    private static void Apply(JObject document, string name, FenceDeviceSettings settings)
    {
        JObject device = ConfigurationDocument.Entry(document, ConfigurationDocument.FenceDevices, What, name);
        string own = ConfigurationDocument.NameOf(device);
        ConfigurationDocument.Set(device, "agent", settings.Agent);
        ConfigurationDocument.Merge(device, "parameters", settings.Parameters);
        foreach (string node in settings.Released)
        {
            Release(Node(document, node), own);
        }

        foreach (FenceAssignment assignment in settings.Assignments)
        {
            Assign(Node(document, assignment.Node), own, assignment);
        }
    }

    private static void Assign(JObject node, string device, FenceAssignment assignment)
    {
        JArray methods = Methods(node);
        JObject? method = methods.OfType<JObject>().FirstOrDefault(m => assignment.Method is { } named ? m.Value<string>("name") == named : Steps(m, device).Any());
        if (method is null)
        {
            method = new JObject { ["name"] = assignment.Method ?? device, ["steps"] = new JArray() };
            methods.Add(method);
        }

        if (assignment.First)
        {
            method.Remove();
            methods.AddFirst(method);
        }

        JObject[] steps = [.. Steps(method, device)];
        if (steps.Length == 0)
        {
            var step = new JObject { ["device"] = device, ["action"] = "reboot", ["parameters"] = new JObject() };
            if (method["steps"] is not JArray list)
            {
                list = [];
                method["steps"] = list;
            }

            // Every off of a method comes before its first on.
            JToken? on = assignment.Action == "off" ? list.FirstOrDefault(s => (string?)s["action"] == "on") : null;
            if (on is null)
            {
                list.Add(step);
            }
            else
            {
                on.AddBeforeSelf(step);
            }

            steps = [step];
        }

        foreach (JObject step in steps)
        {
            // A pair of off and on stays one.
            ConfigurationDocument.Set(step, "action", steps.Length == 1 ? assignment.Action : null);
            ConfigurationDocument.Merge(step, "parameters", assignment.Parameters);
        }
    }

    private static void Release(JObject node, string device)
    {
        foreach (JObject method in Methods(node).OfType<JObject>().ToArray())
        {
            JObject[] steps = [.. Steps(method, device)];
            foreach (JObject step in steps)
            {
                step.Remove();
            }

            if (steps.Length > 0 && method["steps"] is not JArray { Count: > 0 })
            {
                method.Remove();
            }
        }
    }

    private static JObject Node(JObject document, string name) => ConfigurationDocument.Entry(document, ConfigurationDocument.Nodes, "node", name);

    private static IEnumerable<JObject> Nodes(JObject document) =>
        ConfigurationDocument.Section(document, ConfigurationDocument.Nodes).Properties().Select(p => p.Value).OfType<JObject>();

    private static JArray Methods(JObject node)
    {
        if (node["fenceMethods"] is JArray there)
        {
            return there;
        }

        var made = new JArray();
        node["fenceMethods"] = made;
        return made;
    }

    private static IEnumerable<JObject> Steps(JObject method, string device) =>
        (method["steps"] as JArray)?.OfType<JObject>().Where(s => (string?)s["device"] == device) ?? [];
}
