using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of an event script; what is null stays as it is, or as it is by default.</summary>
public sealed record EventScriptEdit : IConfigurationEdit
{
    private const string What = "event script";

    public required string Name { get; init; }

    /// <summary><c>exec:/path</c> or <c>powershell:/path.ps1</c>; a path alone is one of the two.</summary>
    public string? Command { get; init; }

    /// <summary>Kinds of events, all of them.</summary>
    public ImmutableArray<string>? Events { get; init; }

    public bool? Placement { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? Timeout { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        ImmutableSortedDictionary<string, EventScript> all = configuration.EventScripts;
        string own = action == EditAction.Add ? Name : Edits.Find(all, What, Name);
        return configuration with
        {
            EventScripts = action switch
            {
                EditAction.Add => Edits.Add(all, What, own, With(new EventScript { Name = own, Command = "" })),
                EditAction.Remove => all.Remove(own),
                _ => all.SetItem(own, With(all[own])),
            },
        };
    }

    private EventScript With(EventScript script) => script with
    {
        Command = Command switch
        {
            null => script.Command,
            ['/', ..] => $"{(Command.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase) ? "powershell" : "exec")}:{Command}",
            _ => Command,
        },
        Events = Events is { } events ? [.. events.Distinct()] : script.Events,
        Placement = Placement ?? script.Placement,
        Timeout = Edits.Time(Timeout, script.Timeout, nameof(Timeout)),
    };
}
