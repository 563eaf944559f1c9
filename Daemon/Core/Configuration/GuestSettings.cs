using System.Collections.Immutable;
using System.Globalization;

namespace ClusterTools.Core.Configuration;

/// <summary>What the parameters of a guest's resource say (docs/guests.md): how its host runs it, and how it moves.</summary>
public sealed record GuestSettings
{
    /// <summary>What stands in an agent's place: KVM, QEMU and Xen guests by libvirt.</summary>
    public const string Agent = "guest:libvirt";

    private const string NodePart = "{node}";
    private const string AddressPart = "{address}";

    private static readonly ImmutableSortedDictionary<string, Setting> Known = new Dictionary<string, Setting>(StringComparer.Ordinal)
    {
        ["name"] = new("a name without '/'", static (s, v) => v.Length > 0 && !v.Contains('/') ? s with { Name = v } : null),
        ["definition"] = new("an absolute path", static (s, v) => v.StartsWith('/') ? s with { Definition = v } : null),
        ["transient"] = Flag(static (s, v) => s with { IsTransient = v }),
        ["uri"] = new("a libvirt URI such as qemu:///system", static (s, v) => IsUri(v) ? s with { Uri = v } : null),
        ["shutdown_wait"] = new("seconds, 0 to 86400", static (s, v) => Number(v, 0, 86_400) is { } n ? s with { ShutdownWait = n } : null),
        ["on_io_error"] = new(
            "restart, leave or resume", static (s, v) => Word<GuestIoError>(v) is { } word ? s with { OnIoError = word } : null),
        ["migrate"] = new("live, pause or no", static (s, v) => v switch
        {
            "live" => s with { Migrate = MigrationKind.Live },
            "pause" => s with { Migrate = MigrationKind.Suspended },
            "no" => s with { Migrate = null },
            _ => null,
        }),
        ["migration_uri"] = new(
            $"a libvirt URI with {NodePart} or {AddressPart} in it",
            static (s, v) =>
                IsUri(v) && (v.Contains(NodePart, StringComparison.Ordinal) || v.Contains(AddressPart, StringComparison.Ordinal))
                    ? s with { MigrationUri = v }
                    : null),
        ["migration_network"] = new(
            $"a URI such as tcp://{NodePart}-migration", static (s, v) => IsUri(v) ? s with { MigrationNetwork = v } : null),
        ["migration_limit"] = new(
            "seconds, 1 to 86400", static (s, v) => Number(v, 1, 86_400) is { } n ? s with { MigrationLimit = n } : null),
        ["migration_at_limit"] = new("abort or pause", static (s, v) => v switch
        {
            "abort" => s with { PausesAtLimit = false },
            "pause" => s with { PausesAtLimit = true },
            _ => null,
        }),
        ["migration_bandwidth"] = new(
            "MiB a second, 1 to 1000000", static (s, v) => Number(v, 1, 1_000_000) is { } n ? s with { MigrationBandwidth = n } : null),
        ["migration_connections"] = new(
            "a number of connections, 1 to 64", static (s, v) => Number(v, 1, 64) is { } n ? s with { MigrationConnections = n } : null),
        ["migration_tls"] = Flag(static (s, v) => s with { MigrationTls = v }),
        ["auto_converge"] = Flag(static (s, v) => s with { AutoConverge = v }),
        ["copy_disks"] = Flag(static (s, v) => s with { CopyDisks = v }),
        ["cache_safe"] = Flag(static (s, v) => s with { IsCacheSafe = v }),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Its name on its host; null: the group's.</summary>
    public string? Name { get; init; }

    /// <summary>The file with its definition, at the same path on every host; null: each host that may run it knows it.</summary>
    public string? Definition { get; init; }

    /// <summary>The host forgets it when it ends.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How a host's daemon reaches its hypervisor.</summary>
    public string Uri { get; init; } = "qemu:///system";

    /// <summary>For so long it may take to shut down by itself before it is switched off, in seconds; null: what a stop may take.</summary>
    public int? ShutdownWait { get; init; }

    /// <summary>What becomes of it when it stands still because one of its disks can't be read or written.</summary>
    public GuestIoError OnIoError { get; init; }

    /// <summary>How it moves; null: it does not, and is shut down here and started there.</summary>
    public MigrationKind? Migrate { get; init; } = MigrationKind.Live;

    /// <summary>How one host's hypervisor reaches that of another.</summary>
    public string MigrationUri { get; init; } = "qemu+tls://{node}/system";

    /// <summary>Where its memory is sent; null: as the hosts say.</summary>
    public string? MigrationNetwork { get; init; }

    /// <summary>For so long a migration may take, in seconds.</summary>
    public int MigrationLimit { get; init; } = 600;

    /// <summary>When that is over it stands still until it is there; else it runs on where it is.</summary>
    public bool PausesAtLimit { get; init; }

    /// <summary>MiB a second; null: as the hypervisor has it.</summary>
    public int? MigrationBandwidth { get; init; }

    /// <summary>Connections side by side; null: one.</summary>
    public int? MigrationConnections { get; init; }

    /// <summary>What is sent is encrypted by the hypervisors.</summary>
    public bool MigrationTls { get; init; }

    /// <summary>One that changes its memory faster than it can be sent is slowed down.</summary>
    public bool AutoConverge { get; init; } = true;

    /// <summary>Its disks are copied along; else all hosts have them.</summary>
    public bool CopyDisks { get; init; }

    /// <summary>Its disks are safe for two hosts though their caches do not say so.</summary>
    public bool IsCacheSafe { get; init; }

    /// <summary>All parameters, for completion and help.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>Whether a resource is a guest by itself that the daemon runs without an agent's program.</summary>
    public static bool Is(string? agent) => agent == Agent;

    /// <summary>What the parameters say; what is wrong says nothing (see <see cref="WhyWrong"/>).</summary>
    public static GuestSettings Of(ImmutableSortedDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var settings = new GuestSettings();
        foreach ((string name, string value) in parameters)
        {
            settings = Known.GetValueOrDefault(name)?.Read(settings, value) ?? settings;
        }

        return settings;
    }

    /// <summary>The guest's name on its host.</summary>
    public string NameIn(ResourceConfiguration resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Name ?? resource.Id[(resource.Id.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>It is the same guest of the same hypervisor: what else is said of it may change while it runs.</summary>
    public bool IsSameGuest(GuestSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Name == other.Name && Uri == other.Uri;
    }

    /// <summary>What is wrong with a parameter, and what to do; null: nothing.</summary>
    public static (string Message, string Remedy)? WhyWrong(string name, string value) =>
        !Known.TryGetValue(name, out Setting? setting)
            ? ($"A guest has no parameter '{name}'.", $"Its parameters are {string.Join(", ", Known.Keys)}.")
        : setting.Read(new GuestSettings(), value) is null ? ($"'{name}' of a guest is '{value}'.", $"Give {setting.Shape}.")
        : null;

    /// <summary>An address of another host's hypervisor, with that node in it.</summary>
    /// <param name="pattern">Such as <see cref="MigrationUri"/>.</param>
    /// <param name="node">The other node.</param>
    public static string At(string pattern, NodeConfiguration node)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(node);
        string address = node.Addresses.IsDefaultOrEmpty ? node.Name : node.Addresses[0];
        return pattern
            .Replace(NodePart, node.Name, StringComparison.Ordinal)
            .Replace(AddressPart, address.Contains(':') ? $"[{address}]" : address, StringComparison.Ordinal);
    }

    private static Setting Flag(Func<GuestSettings, bool, GuestSettings> set) => new("true or false", (s, v) => v switch
    {
        "true" or "1" or "yes" => set(s, true),
        "false" or "0" or "no" => set(s, false),
        _ => null,
    });

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : null;

    private static T? Word<T>(string text)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out T word) && text.All(char.IsAsciiLetterLower) ? word : null;

    private static bool IsUri(string text) =>
        text.Contains(':') && !text.Any(char.IsWhiteSpace)
            && System.Uri.TryCreate(
                text.Replace(NodePart, "n", StringComparison.Ordinal).Replace(AddressPart, "n", StringComparison.Ordinal),
                UriKind.Absolute, out _);

    private sealed record Setting(string Shape, Func<GuestSettings, string, GuestSettings?> Read);
}
