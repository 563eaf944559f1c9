namespace ClusterTools.Core.Configuration.Import;

/// <summary>The classic manager's event scripts.</summary>
internal sealed partial class ClusterConfTranslation
{
    /// <summary>The classic scripts are S-Lang on functions of the classic manager, and can't be run by anything else.</summary>
    private void Events(ConfElement section)
    {
        _problems.Warning("eventScripts", "<events> is known and has no effect: event scripts of the classic manager (S-Lang) are not run, and groups are placed by their failover domains.",
            "Write what they decide anew, as an event script that reads JSON (eventScripts in the configuration), if you can't do without them.", section.Line);
        foreach (var element in section.Children)
        {
            if (element.Name != "event")
            {
                UnknownElement(element, "eventScripts", ["event"]);
                continue;
            }
            string[] of = ["class", "node", "node_state", "node_id", "node_clean", "node_local", "service", "service_state", "service_owner"];
            var when = string.Join(", ", of.Select(a => Text(element, a) is { } value ? $"{a} {ConfElementReader.Shown(value)}" : null).OfType<string>());
            _problems.Warning("eventScripts",
                $"The event '{ConfElementReader.Shown(Text(element, "name") ?? "")}'{(when.Length > 0 ? $" ({when})" : "")} is not acted on{(Text(element, "file") is { } file ? $": {ConfElementReader.Shown(file)} is not run" : "")}.",
                "Write it anew as an event script, if you can't do without it.", element.Line);
        }
    }
}
