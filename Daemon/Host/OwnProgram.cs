using System.Collections.Immutable;

namespace ClusterTools.Host;

/// <summary>How this program is started again.</summary>
internal static class OwnProgram
{
    /// <summary>Its own executable; or dotnet and its assembly, when it was started that way.</summary>
    public static ImmutableArray<string> CommandLine { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "clusterd.dll")]
            : [Environment.ProcessPath!];
}
