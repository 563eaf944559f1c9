using ClusterTools.Core;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>How a runbook stands.</summary>
public enum RunbookState
{
    /// <summary>No run is remembered.</summary>
    NotBegun,

    /// <summary>A shell is at it, or was when it went away.</summary>
    Running,

    /// <summary>It waits for a person, who goes on with <c>-Resume</c>.</summary>
    Waiting,

    /// <summary>A step has failed; <c>-Resume</c> tries it again.</summary>
    Failed,

    /// <summary>It is through.</summary>
    Done,
}

/// <summary>A runbook of the module, and what the cluster remembers of its run.</summary>
public sealed class ClusterRunbook
{
    /// <summary>Name of the runbook.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it does.</summary>
    public string Synopsis { get; set; } = "";

    /// <summary>The script.</summary>
    public string Path { get; set; } = "";

    /// <summary>How its run stands.</summary>
    public RunbookState State { get; set; }

    /// <summary>Id of the run; null: none is remembered.</summary>
    public string? Run { get; set; }

    /// <summary>The step that it is at.</summary>
    public string? Step { get; set; }

    /// <summary>Ids of the steps that are done.</summary>
    public IReadOnlyList<string> Done { get; set; } = [];

    /// <summary>What it waits for, or what went wrong.</summary>
    public string Message { get; set; } = "";

    /// <summary>Who went on with it last.</summary>
    public string? Who { get; set; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset? Began { get; set; }

    /// <summary>When it was written down last.</summary>
    public DateTimeOffset? Updated { get; set; }

    /// <summary>What the runbook itself keeps: JSON text.</summary>
    public string? Data { get; set; }

    /// <summary>Version of what the cluster remembers, for compare-and-set; 0: nothing.</summary>
    public long Version { get; set; }

    /// <summary>Takes over what the cluster remembers.</summary>
    /// <exception cref="JsonException">It is not a run.</exception>
    internal void Remember(Runbook kept)
    {
        JObject run = ApiJson.ReadObject(new System.IO.StringReader(kept.Content ?? "{}"));
        Version = kept.Version;
        Who = kept.Who;
        // A document that anybody may have written; what is shown of it is plain.
        Run = run.Value<string>("run") is { } id ? PlainText.Escape(id) : null;
        State = Enum.GetValues(typeof(RunbookState)).Cast<RunbookState?>()
            .FirstOrDefault(s => string.Equals(s.ToString(), run.Value<string>("state"), StringComparison.OrdinalIgnoreCase))
                ?? RunbookState.Running;
        Step = run.Value<string>("step") is { } step ? PlainText.Escape(step) : null;
        Message = PlainText.EscapeLines(run.Value<string>("message") ?? "");
        Began = Time(run.Value<string>("began"));
        Updated = Time(run.Value<string>("updated"));
        Done = [.. (run["done"] as JArray ?? []).Select(d => PlainText.Escape(d.ToString()))];
        Data = run["data"]?.ToString(Formatting.None);
    }

    /// <summary>As the cluster is to remember it.</summary>
    /// <exception cref="JsonException"><see cref="Data"/> is not JSON.</exception>
    internal string Content() => new JObject
    {
        ["run"] = Run,
        ["state"] = State.ToString(),
        ["step"] = Step,
        ["message"] = Message,
        ["began"] = Began?.ToString("o"),
        ["updated"] = Updated?.ToString("o"),
        ["done"] = new JArray(Done),
        ["data"] = Data is null ? null : ApiJson.ReadValue(Data),
    }.ToString(Formatting.None);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(
            text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.RoundtripKind,
            out DateTimeOffset time)
            ? time
            : null;
}
