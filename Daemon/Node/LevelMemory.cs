using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>
/// The highest functional level that this node has acted by, beside its state: a daemon that does not know it must not take part, and has
/// to know that before it does.
/// </summary>
internal static class LevelMemory
{
    private const string FileName = "functional-level";

    /// <exception cref="InvalidDataException">This program does not know the level; says what to do.</exception>
    public static int Check(string stateFolder, int known)
    {
        long acted = NumberFile.Read(PathIn(stateFolder)) ?? Cluster.FirstLevel;
        return acted <= known ? (int)acted : throw new InvalidDataException(
            $"This node has acted by functional level {acted}, and this clusterd knows levels up to {known}: its version is older than the "
                + "cluster. Install the version that the other nodes run.");
    }

    public static void Remember(string stateFolder, int level) => NumberFile.Write(PathIn(stateFolder), level);

    private static string PathIn(string stateFolder) => Path.Combine(stateFolder, FileName);
}

/// <summary>The cluster acts by rules that this program does not know.</summary>
internal sealed class LevelUnknownException(int level, int known) : Exception(
    $"The cluster acts by functional level {level}, and this clusterd knows levels up to {known}.");
