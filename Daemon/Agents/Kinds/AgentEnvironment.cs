using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTools.Agents;

/// <summary>The environment that agents get: a known small set, never the daemon's own as it is.</summary>
internal static class AgentEnvironment
{
    /// <summary>Marks every process of one action, so that it is found again after a crash of the daemon.</summary>
    public const string ActionMarker = "CLUSTERTOOLS_ACTION_ID";

    // The lab's power switch finds what belongs to a node by this.
    internal const string LabMarker = "CLUSTERTOOLS_LAB_NODE";

    private static readonly ImmutableArray<string> Passed = OperatingSystem.IsWindows()
        ? ["SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "TEMP", "TMP", "ProgramFiles", "ProgramData", "USERPROFILE", "PSModulePath"]
        : ["HOME", "USER", "LOGNAME", "TZ", "TMPDIR", "DOTNET_ROOT", LabMarker];

    /// <summary>The folders agents find programs in.</summary>
    public static string SearchPath(ResourceAgentOptions options) => options.SearchPath ?? DefaultSearchPath;

    /// <summary>The daemon's own PATH, with the system's folders after it.</summary>
    public static string DefaultSearchPath { get; } = OperatingSystem.IsWindows()
        ? Environment.GetEnvironmentVariable("PATH") ?? ""
        : string.Join(':', $"{Environment.GetEnvironmentVariable("PATH")}:{ProcessRunner.DefaultPath}"
            .Split(':', StringSplitOptions.RemoveEmptyEntries).Distinct());

    /// <summary>What every agent gets.</summary>
    public static ImmutableSortedDictionary<string, string>.Builder Create(ResourceAgentOptions options)
    {
        var environment = CreateBasic(SearchPath(options));
        foreach ((string name, string value) in options.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>What every program gets that the daemon runs.</summary>
    public static ImmutableSortedDictionary<string, string>.Builder CreateBasic(string searchPath)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string name in Passed)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        environment["PATH"] = searchPath;
        environment["LANG"] = "C.UTF-8";
        return environment;
    }

    /// <summary>For executables and PowerShell scripts: <c>CLUSTER_PARAM_name</c> for each parameter, and what is being asked.</summary>
    public static ImmutableSortedDictionary<string, string>.Builder CreateForProgram(ResourceAgentOptions options, ResourceRequest request)
    {
        var environment = Create(options);
        environment["CLUSTER_GROUP"] = request.Group;
        environment["CLUSTER_RESOURCE"] = request.Resource;
        environment["CLUSTER_OPERATION"] = request.Operation.ToString().ToLowerInvariant();
        environment["CLUSTER_CHECK_LEVEL"] = request.CheckLevel.ToString();
        environment["CLUSTER_TIMEOUT_MS"] = ((long)request.Timeout.TotalMilliseconds).ToString();
        AddParameters(environment, request, "CLUSTER_PARAM_");
        return environment;
    }

    /// <summary>Adds the parameters under a prefix.</summary>
    /// <exception cref="ResourceAgentException">A name or value cannot stand in an environment.</exception>
    public static void AddParameters(ImmutableSortedDictionary<string, string>.Builder environment, ResourceRequest request, string prefix)
    {
        foreach ((string name, string value) in request.Parameters)
        {
            if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0 || value.Contains('\0'))
            {
                throw new ResourceAgentException(
                    $"Parameter '{name}' of {request.Resource} in group '{request.Group}' cannot be passed: "
                        + "a name may hold neither '=' nor NUL, a value no NUL.", 2);
            }

            environment[prefix + name] = value;
        }
    }

    /// <summary>A name for the resource that is safe as a file's name and its own on this node.</summary>
    public static string InstanceOf(ResourceRequest request)
    {
        string plain = $"{request.Group}.{request.Resource.Replace(':', '.')}";
        string safe = string.Concat(plain.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'));
        bool ambiguous = safe != plain || request.Group.Contains('.') || request.Resource.Count(static c => c == ':') != 1
            || request.Resource.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot
                && dot < request.Resource.IndexOf(':', StringComparison.Ordinal);
        if (!ambiguous && safe.Length <= 100)
        {
            return safe;
        }

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Group}\0{request.Resource}"));
        return $"{safe[..Math.Min(safe.Length, 100)]}-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}";
    }
}
