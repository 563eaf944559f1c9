using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>Limits of starts and stops, and how often a resource is looked at.</summary>
internal sealed class ResourceTimes(AttributeReader read, ImportProblems problems)
{
    /// <summary>
    /// Limit of a start and of a stop in milliseconds where the classic cluster had none: long enough for any work that ends, and not for
    /// ever.
    /// </summary>
    private const int LongLimit = 3_600_000;

    /// <summary>The same for status checks.</summary>
    private const int LongStatusLimit = 600_000;

    /// <summary>What is enforced may take at least this long in milliseconds: today's agents do more than the classic ones.</summary>
    private const int LeastLimit = 60_000;

    /// <summary>Milliseconds between deeper status checks where the file gives a depth and no interval.</summary>
    private const int DeepInterval = 60_000;

    private int _withoutLimit;
    private int _lineWithoutLimit;

    /// <summary>
    /// Limits and flags before what the file says of single actions. Only with <c>__enforce_timeouts</c> anything was limited in the
    /// classic cluster.
    /// </summary>
    public ResourceConfiguration Limits(ConfElement element, ClassicType type, string path, ResourceConfiguration resource)
    {
        var enforced = Enforced(element);
        if (!enforced && _withoutLimit++ == 0)
        {
            _lineWithoutLimit = element.Line;
        }
        static int Limit(int classic, int none) => classic == 0 ? none : Math.Max(classic, LeastLimit);
        return resource with
        {
            StartTimeout = enforced ? Limit(type.StartTimeout, LongLimit) : LongLimit,
            StopTimeout = type.StopLimitIsWork ? type.StopTimeout : enforced ? Limit(type.StopTimeout, LongLimit) : LongLimit,
            MonitorTimeout = enforced && type.StartTimeout > 0 ? LeastLimit : LongStatusLimit,
            EnforceTimeouts = read.Flag(element, "__enforce_timeouts", path, fallback: true),
        };
    }

    private static bool Enforced(ConfElement element) => element.Take("__enforce_timeouts") is { } given
        && AttributeReader.IsSwitch(given.Value) == true;

    /// <summary>Said once for all resources.</summary>
    public void TellLongLimits()
    {
        if (_withoutLimit > 0)
        {
            problems.Warning("groups",
                "The classic cluster limited nothing without __enforce_timeouts; here a start or a stop counts as failed after "
                    + $"{LongLimit / 3_600_000} hour, a status check after {LongStatusLimit / 60_000} minutes"
                    + $" ({_withoutLimit:N0} {(_withoutLimit == 1 ? "resource" : "resources")}).",
                "Where a hang must be noticed sooner, write __enforce_timeouts=\"1\" and <action name=\"start\" timeout=\"…\"/>, or set "
                    + "startTimeout, stopTimeout and monitorTimeout after the import.",
                _lineWithoutLimit);
        }
    }

    /// <summary>Limits and intervals. What is said without a depth, or with depth="*", holds for all status checks.</summary>
    public ResourceConfiguration Actions(ConfElement element, ConfElement definition, ClassicType type, string path,
        ResourceConfiguration resource)
    {
        var enforced = Enforced(element);
        var own = ReferenceEquals(element, definition) ? element.Children : definition.Children.Concat(element.Children);
        foreach (var action in own.Where(c => c.Name == "action"))
        {
            problems.NoChildren(action, path);
            var operation = read.Name(action, "name", path)?.ToLowerInvariant();
            var timeout = Timeout(action, path, enforced || (operation == "stop" && type.StopLimitIsWork));
            var interval = action.Take("interval");
            var every = interval is null ? null : read.Seconds(interval, path) is { } seconds ? (int?)Math.Min(seconds * 1000, 86_400_000)
                : null;
            var depth = action.Take("depth");
            switch (operation)
            {
                case null:
                    break;
                case "start":
                    resource = resource with { StartTimeout = timeout ?? resource.StartTimeout };
                    break;
                case "stop":
                    resource = resource with { StopTimeout = timeout ?? resource.StopTimeout };
                    break;
                case "status" or "monitor":
                    resource = Status(resource, depth, timeout, every, path);
                    break;
                case "recover" or "reload" or "reconfig" or "migrate" or "meta-data" or "validate-all" or "verify-all":
                    if (!definition.Told)
                    {
                        problems.Lost(path, $"The <action> '{operation}'", "it has no limit of its own", action.Line);
                    }
                    break;
                default:
                    problems.Warning(path, $"The <action> '{operation.Shown()}' is not understood and is ignored.",
                        "Use start, stop or status.", action.Line);
                    break;
            }
            problems.Leftovers(action, "action", path);
        }
        return resource;
    }

    /// <summary>The limit of one action in milliseconds; null: it has none, and the one for its kind holds.</summary>
    private int? Timeout(ConfElement action, string path, bool enforced)
    {
        var given = action.Take("timeout");
        var limit = Milliseconds(given, path);
        if (enforced || limit is null)
        {
            return limit;
        }
        problems.Warning(path,
            "timeout=\"…\" of an <action> limits nothing without __enforce_timeouts=\"1\" on its resource, as in the classic cluster.",
            "Write __enforce_timeouts=\"1\" on the resource if it is meant, or remove the timeout.", given!.Line);
        return null;
    }

    private ResourceConfiguration Status(ResourceConfiguration resource, ConfAttribute? depth, int? timeout, int? interval, string path)
    {
        var text = depth?.Value.Trim() ?? "*";
        var isAll = text.StartsWith('*');
        var level = 0;
        if (!isAll && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out level) || level > 100))
        {
            problems.Warning(path, $"depth=\"{text.Shown()}\" is no depth of a status check; 0 is taken.", "Write 0 to 100, or * for all.",
                depth!.Line);
            level = 0;
        }
        if (isAll || level == 0)
        {
            resource = resource with { MonitorTimeout = timeout ?? resource.MonitorTimeout, MonitorInterval = interval
                ?? resource.MonitorInterval };
        }
        if (isAll)
        {
            return resource with
            {
                StatusChecks = interval == 0
                    ? []
                    : [.. resource.StatusChecks.Select(c => c with { Timeout = timeout ?? c.Timeout, Interval = interval ?? c.Interval })],
            };
        }
        if (level == 0)
        {
            return resource;
        }
        var check = resource.StatusChecks.FirstOrDefault(c => c.Depth == level)
            ?? new StatusCheck { Depth = level, Interval = DeepInterval, Timeout = resource.MonitorTimeout };
        var others = resource.StatusChecks.RemoveAll(c => c.Depth == level);
        return resource with
        {
            StatusChecks = interval == 0 ? others
                : [.. others.Add(check with { Timeout = timeout ?? check.Timeout, Interval = interval ?? check.Interval }).OrderBy(c =>
                c.Depth)],
        };
    }

    /// <summary>Null when there is none, when it is wrong, or when it is 0, which the classic manager takes for no limit.</summary>
    private int? Milliseconds(ConfAttribute? given, string path) =>
        given is not null && read.Seconds(given, path) is { } seconds and > 0 ? (int)Math.Min(seconds * 1000, 86_400_000) : null;
}
