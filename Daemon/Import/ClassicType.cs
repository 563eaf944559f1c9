using System.Collections.Frozen;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>
/// What is known of a resource type of the classic resource manager, as data: which packaged agent does its work today,
/// how its attributes are called there, and what of it has no counterpart. A type is added by adding a row.
/// </summary>
internal sealed partial record ClassicType(string Name, string Agent)
{
    /// <summary>The attribute that names the resource and that <c>ref</c> points to.</summary>
    public string Primary { get; init; } = "name";

    /// <summary>Attributes without which it cannot run, whether own or inherited.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Attributes that the classic manager did without, and without which its start fails all the same.</summary>
    public string[] Needed { get; init; } = [];

    /// <summary>Classic attribute to the agent's parameter; the value stays.</summary>
    public (string Classic, string Agent)[] Renamed { get; init; } = [];

    /// <summary>Every attribute is a parameter of the agent, under the same name.</summary>
    public bool CopiesAll { get; init; }

    /// <summary>Parameters that stand for the type itself; a translated attribute replaces them.</summary>
    public (string Name, string Value)[] Fixed { get; init; } = [];

    /// <summary>Attributes beside the primary one that no two resources of the type share: the second one is left out.</summary>
    public string[] Unique { get; init; } = [];

    /// <summary>
    /// Attributes taken from the nearest resource around that has one of the named; as <c>service%name</c> from one of that type only.
    /// </summary>
    public (string Attribute, string[] From)[] Inherited { get; init; } = [];

    /// <summary>Attributes that need no translation, because what they ask for holds anyway or only bound classic parts together.</summary>
    public string[] Needless { get; init; } = [];

    /// <summary>Attributes without counterpart: what the user loses. Silent where the attribute is a switch that is off.</summary>
    public (string Attribute, string Loss)[] Lost { get; init; } = [];

    /// <summary>
    /// Limit of a start in milliseconds by the classic agent's metadata, which held with <c>__enforce_timeouts</c> only; 0: none.
    /// </summary>
    public int StartTimeout { get; init; }

    /// <summary>The same of a stop.</summary>
    public int StopTimeout { get; init; }

    /// <summary>
    /// The limit of a stop is what the agent waits before it ends the thing by force, as the classic one did: it always counts.
    /// </summary>
    public bool StopLimitIsWork { get; init; }

    /// <summary>With <c>self_fence</c> a node on which it does not stop is reset.</summary>
    public bool CanSelfFence { get; init; }

    /// <summary>May stand in the whole configuration once; a second reference is left out, as the classic manager did.</summary>
    public bool Once { get; init; }

    /// <summary>Made to be referred to in many places, each of which is a thing of its own.</summary>
    public bool IsShared { get; init; }

    /// <summary>
    /// Levels of its children, start and stop, in the order of the classic agent's metadata; a type that is not named, or has 0, has none.
    /// </summary>
    public (string Type, int Start, int Stop)[] Levels { get; init; } = [];

    /// <summary>Types that may not stand under it; they are left out, as the classic manager did.</summary>
    public string[] Forbidden { get; init; } = [];

    /// <summary>It says something of the types that may stand under it.</summary>
    public bool KnowsChildren => Levels.Length > 0 || Forbidden.Length > 0;

    /// <summary>What the table cannot say: parameters made of several attributes.</summary>
    public Action<ClassicResource>? Compose { get; init; }

    /// <summary>Why there is nothing that could run it; null when there is.</summary>
    public string? NotSupported { get; init; }

    /// <summary>The type that an element's name stands for.</summary>
    public static string NameOf(string element) => element is "group" or "resourcegroup" ? "service" : element;

    public static ClassicType? Find(string name) => Types.GetValueOrDefault(name);

    public static IEnumerable<string> Names =>
        Types.Values.Where(t => t.NotSupported is null).Select(t => t.Name).Order(StringComparer.Ordinal);

    public (int Start, int Stop) LevelOf(string child)
    {
        foreach (var (type, start, stop) in Levels)
        {
            if (type == child)
            {
                return (start, stop);
            }
        }
        return (0, 0);
    }

    /// <summary>When the classic manager looked at children of the type: those it knows levels of first, in this order.</summary>
    public int Turn(string child)
    {
        var at = Array.FindIndex(Levels, l => l.Type == child);
        return at < 0 ? Levels.Length : at;
    }

    public bool KnowsWithoutLevel(string child) => Array.Exists(Levels, l => l == (child, 0, 0));

    private const string ShutdownWaitLoss = "the agent waits as long as it knows; the limit of the stop bounds it";

    private const string NfsLockLoss = "NFS locks are not reclaimed by lock daemons on failover; "
        + "put an nfsserver resource into the group for that";

    private static (string, string) ShutdownWait => ("shutdown_wait", ShutdownWaitLoss);

    private static (string, string) StartupWait =>
        ("startup_wait", "the agent waits as long as it knows; the limit of the start bounds it");

    private static (string, string[]) NfsLockOfService => ("nfslock", ["service%nfslock"]);

    private static readonly FrozenDictionary<string, ClassicType> Types =
        ((IEnumerable<ClassicType>)[.. Services, .. Storage, .. Exports, .. Servers, .. Databases, .. Guests]).ToFrozenDictionary(
            t => t.Name, StringComparer.Ordinal);

    private static ClassicType Unsupported(string name, string remedy) => new(name, "") { NotSupported = remedy };
}
