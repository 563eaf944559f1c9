using System.Linq;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>A change to an event script; what is null stays as it is, or as it is by default.</summary>
public sealed class EventScriptSettings
{
    /// <summary><c>exec:/path</c> or <c>powershell:/path.ps1</c>.</summary>
    public string? Command { get; set; }

    /// <summary>Kinds of events, all of them.</summary>
    public IReadOnlyList<string>? Events { get; set; }

    /// <summary>It is asked where groups start.</summary>
    public bool? Placement { get; set; }

    /// <summary>Its limit.</summary>
    public TimeSpan? Timeout { get; set; }
}

/// <summary>Edits of event scripts.</summary>
internal static class EventScriptEdit
{
    private const string What = "event script";

    public static void Add(JObject document, string name, EventScriptSettings settings)
    {
        var script = new JObject { ["name"] = name, ["command"] = "", ["events"] = new JArray(), ["placement"] = false, ["timeout"] = 10_000 };
        ConfigurationDocument.Add(document, ConfigurationDocument.EventScripts, What, name, script);
        Apply(script, settings);
    }

    public static void Set(JObject document, string name, EventScriptSettings settings) => Apply(Entry(document, name), settings);

    public static void Remove(JObject document, string name) => Entry(document, name).Parent!.Remove();

    private static JObject Entry(JObject document, string name) => ConfigurationDocument.Entry(document, ConfigurationDocument.EventScripts, What, name);

    private static void Apply(JObject script, EventScriptSettings settings)
    {
        // A path alone is a program, or a script of PowerShell.
        ConfigurationDocument.Set(script, "command", settings.Command is { } command ? CommandOf(command) : null);
        ConfigurationDocument.Set(script, "events", settings.Events is { } events ? new JArray(events.Distinct()) : null);
        ConfigurationDocument.Set(script, "placement", settings.Placement);
        ConfigurationDocument.Set(script, "timeout", ResourceDefinition.Milliseconds(settings.Timeout, nameof(settings.Timeout)));
    }

    private static string CommandOf(string command) =>
        !command.StartsWith("/", StringComparison.Ordinal) ? command
        : command.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase) ? $"powershell:{command}"
        : $"exec:{command}";
}
