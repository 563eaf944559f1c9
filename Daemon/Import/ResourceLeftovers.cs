namespace ClusterTools.Import;

/// <summary>What of a resource nothing has taken is told.</summary>
internal sealed class ResourceLeftovers(ImportProblems problems)
{
    private static readonly string[] GroupAttributes =
        ["domain", "autostart", "exclusive", "recovery", "max_restarts", "restart_expire_time", "depend", "depend_mode", "priority",
        "nfslock", "nfs_client_cache", "hardrecovery"];

    public void Tell(ClassicResource classic, ConfElement definition, ClassicType type, string place, string path)
    {
        if (place == "resource")
        {
            foreach (var attribute in GroupAttributes)
            {
                if ((type.Name is "service" or "vm") && definition.Take(attribute) is { } given && !definition.Told)
                {
                    problems.Warning(path,
                        $"The attribute '{attribute}' of <{definition.Name}> has no effect within a service: the outer group's holds.",
                        "Remove it, or make it a group of its own.", given.Line);
                }
            }
        }
        if (type.Inherited.Any(i => i.Attribute == "nfslock") && definition.Attributes.All(a => a.Name != "nfslock")
            && classic.Value("nfslock") is { } inherited && AttributeReader.IsSwitch(inherited) == true)
        {
            problems.Warning(path,
                $"nfslock reaches <{definition.Name}> from the service around it and has no effect: "
                + $"{ClassicOptions.Loss("group", "nfslock")}.",
                "Put an nfsserver resource into the service, or remove nfslock.", definition.Line);
        }
        foreach (var needless in type.Needless)
        {
            classic.Given(needless);
        }
        foreach (var (attribute, loss) in type.Lost)
        {
            if (classic.Given(attribute) is { } given && !definition.Told && AttributeReader.IsSwitch(given.Value) != false)
            {
                problems.Lost(path, $"The attribute '{attribute}' of <{definition.Name}>", loss, given.Line);
            }
        }
        problems.Leftovers(definition, place, path);
    }
}
