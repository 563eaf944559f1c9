namespace ClusterTools.Import;

/// <summary>The classic manager's event scripts.</summary>
internal static class EventSection
{
    /// <summary>The classic scripts are S-Lang on functions of the classic manager, and can't be run by anything else.</summary>
    public static void Tell(ConfElement section, ImportProblems problems)
    {
        problems.Warning("eventScripts",
            "<events> is known and has no effect: event scripts of the classic manager (S-Lang) are not run, and groups are placed by "
            + "their failover domains.",
            "Write what they decide anew, as an event script that reads JSON (eventScripts in the configuration), if you can't do without "
                + "them.", section.Line);
        foreach (var element in section.Children)
        {
            if (element.Name != "event")
            {
                problems.UnknownElement(element, "eventScripts", ["event"]);
                continue;
            }
            string[] of = ["class", "node", "node_state", "node_id", "node_clean", "node_local", "service", "service_state",
                "service_owner"];
            var when = string.Join(", ", of.Select(a => element.Text(a) is { } value ? $"{a} {value.Shown()}" : null).OfType<string>());
            problems.Warning("eventScripts",
                $"The event '{(element.Text("name") ?? "").Shown()}'{(when.Length > 0 ? $" ({when})" : "")} is not acted "
                    + $"on{(element.Text("file") is { } file ? $": {file.Shown()} is not run" : "")}.",
                "Write it anew as an event script, if you can't do without it.", element.Line);
        }
    }
}
