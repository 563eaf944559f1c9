namespace ClusterTools.Engines.Tests;

/// <summary>A folder that is gone after the test.</summary>
/// <param name="root">In which folder; null: the one for temporary files.</param>
public sealed class TemporaryFolder(string? root = null) : IDisposable
{
    public string Path { get; } = root is null ? Directory.CreateTempSubdirectory("clustertools-engines-").FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(root, $"clustertools-engines-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
