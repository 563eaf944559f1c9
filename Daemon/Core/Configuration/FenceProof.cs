namespace ClusterTools.Core.Configuration;

/// <summary>
/// What the success of a fence agent proves (FEATURES C3): some cut nothing off, whatever they answer. One rule for validation,
/// import and fencing itself.
/// </summary>
public static class FenceProof
{
    private const string OnlyPretends = "answers 'done' to everything and cuts nothing off";
    private const string AsksAPerson = "cuts nothing off: it only asks a person";
    private const string OnlyHandsOn = "cuts nothing off: it hands the request on to another cluster stack, which is not there";
    private const string OnlyAllows = "cuts nothing off: it only says whether the other devices of its method are asked";
    private const string OnlyDescribes = "cuts nothing off: it stands for a watchdog that another cluster stack looks after";
    private const string OnlyTells = "cuts nothing off: it tells OpenStack what to do with the guests of a node that is off already";
    private const string IsNoAgent = "is a program beside the fence agents, and cuts nothing off by itself";

    // By the name without fence_ before it.
    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["dummy"] = OnlyPretends,
        ["null"] = OnlyPretends,
        ["none"] = OnlyPretends,
        ["noop"] = OnlyPretends,
        ["true"] = OnlyPretends,
        ["echo"] = OnlyPretends,
        ["manual"] = AsksAPerson,
        ["ack_manual"] = AsksAPerson,
        ["meatware"] = AsksAPerson,
        ["human"] = AsksAPerson,
        ["pcmk"] = OnlyHandsOn,
        ["redirect"] = OnlyHandsOn,
        ["node"] = IsNoAgent,
        ["tool"] = IsNoAgent,
        ["check"] = IsNoAgent,
        ["virtd"] = IsNoAgent,
        ["xvmd"] = IsNoAgent,
        ["kdump_send"] = IsNoAgent,
        ["delay"] = OnlyAllows,
        ["heuristics"] = OnlyAllows,
        ["watchdog"] = OnlyDescribes,
        ["compute"] = OnlyTells,
        ["evacuate"] = OnlyTells,
    };

    // What fence-agents' own metadata says of those that cut nothing off, whatever their file is called.
    private static readonly (string Words, string Why)[] Descriptions =
    [
        ("not a fence agent by itself", OnlyAllows),
        ("not called for fencing", OnlyDescribes),
        ("dummy fence agent", OnlyPretends),
        ("dummy fencing", OnlyPretends),
    ];

    private static readonly string[] CuttingActions = ["off", "reboot", "disable", "cycle", "reset"];

    /// <summary>
    /// Why the agent's success proves nothing, as the end of a sentence that begins with its name; null: it cuts a node off, for all that
    /// its name tells.
    /// </summary>
    /// <param name="agent">A name or a path, as in a <see cref="FenceDevice"/>.</param>
    public static string? WhyNone(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        if (agent == WatchdogDevice.Agent)
        {
            return null;
        }

        string name = Plain(agent);
        return Known.TryGetValue(name, out string? why) ? why
            : name.StartsWith("heuristics_", StringComparison.OrdinalIgnoreCase) ? OnlyAllows
            : name.StartsWith("pcmk_", StringComparison.OrdinalIgnoreCase) ? OnlyHandsOn
            : null;
    }

    /// <summary>The same from what an agent says of itself.</summary>
    /// <param name="name">Its own name for itself.</param>
    /// <param name="description">Its descriptions, short and long.</param>
    /// <param name="actions">The actions that it offers; none: it does not say.</param>
    public static string? WhyNone(string name, string description, IReadOnlyCollection<string> actions)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(actions);
        foreach ((string words, string why) in Descriptions)
        {
            if (description.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return why;
            }
        }

        return WhyNone(name)
            ?? (actions.Count > 0 && !actions.Any(a => CuttingActions.Contains(a, StringComparer.OrdinalIgnoreCase))
                ? "cuts nothing off: by its own words it offers neither off nor reboot"
                : null);
    }

    /// <summary>
    /// Why a method proves nothing even when every device of it succeeds, as a sentence without its end; null: one of its devices cuts the
    /// node off.
    /// </summary>
    /// <param name="configuration">Where its devices are defined.</param>
    /// <param name="method">The method.</param>
    /// <param name="byMetadata">Why an agent proves nothing by its own words, where they are known.</param>
    public static string? WhyNone(ClusterConfiguration configuration, FenceMethod method, Func<string, string?>? byMetadata = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(method);
        string? first = null;
        foreach (FenceStep step in method.Steps)
        {
            if (step.Action == FenceAction.On)
            {
                continue;
            }

            // What is not defined is refused for that.
            if (!configuration.FenceDevices.TryGetValue(step.Device, out FenceDevice? device)
                || (WhyNone(device.Agent) ?? byMetadata?.Invoke(device.Agent)) is not { } why)
            {
                return null;
            }

            first ??= $"{device.Agent} (device '{step.Device}') {why}";
        }

        return first ?? "none of its devices is asked to switch off";
    }

    /// <summary>Why a node can't be fenced by what the configuration says, as the end of a sentence about it; null: it can.</summary>
    public static string? WhyNone(ClusterConfiguration configuration, string node)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (!configuration.Nodes.TryGetValue(node, out NodeConfiguration? at) || at.FenceMethods.IsDefaultOrEmpty)
        {
            return "it has no fence methods";
        }

        string? first = null;
        foreach (FenceMethod method in at.FenceMethods)
        {
            if (WhyNone(configuration, method) is not { } why)
            {
                return null;
            }

            first ??= $"its fence methods prove nothing: {why}";
        }

        return first;
    }

    /// <summary>The agent stands for a person who makes sure that a node is dead: here it is Confirm-ClusterNodeDown that asks.</summary>
    public static bool OnlyAsksAPerson(string agent) => WhyNone(agent) == AsksAPerson;

    /// <summary>The agent tells that a node has crashed, and proves nothing of one that hangs or is cut off from the network.</summary>
    public static bool OnlySeesCrashes(string agent) => Plain(agent) == "kdump";

    /// <summary>Its name, without folder, extension and the <c>fence_</c> before it.</summary>
    internal static string Plain(string agent)
    {
        string name = agent[(agent.LastIndexOf('/') + 1)..].Trim();
        int extension = name.LastIndexOf('.');
        if (extension > 0 && name[(extension + 1)..] is "sh" or "py" or "pl")
        {
            name = name[..extension];
        }

        name = name.Replace('-', '_');
        return name.StartsWith("fence_", StringComparison.OrdinalIgnoreCase) ? name["fence_".Length..] : name;
    }
}
