using System.Runtime.InteropServices;

namespace ClusterTools.Build;

/// <summary>
/// How the daemon is built: as one native program; else for the shared runtime, compiled ahead of time or not. What the better ways need
/// is no part of the SDK, and not every registry and machine has it.
/// </summary>
internal sealed record DaemonForm(string Name, string InWords, string[] Properties)
{
    private static readonly string[] Linkers = ["clang", "gcc"];

    public static string Project { get; } = Path.Combine("Daemon", "Host", "clusterd.csproj");

    private static string Rid => $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    private static DaemonForm Native { get; } = new(
        "native", "one native program", ["-p:ClusterToolsNative=true", $"-p:ClusterToolsRuntime={Rid}"]);

    /// <summary>The best that is possible here. What can be restored is asked once for each version of the SDK.</summary>
    public static async Task<DaemonForm> FindAsync(CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return Shared("plain", "native programs are made on Linux, x64 and arm64, alone");
        }

        string why = "neither clang nor gcc is here to link a native one; ./build.sh setup says how to install it";
        if (Linkers.Any(l => Command.Find(l) is not null))
        {
            why = "the packs for a native one (ILCompiler) can't be restored here";
            if (await RestoresAsync(Native, cancel).ConfigureAwait(false))
            {
                return Native;
            }
        }

        DaemonForm ahead = Shared("ahead", why);
        return await RestoresAsync(ahead, cancel).ConfigureAwait(false) ? ahead : Shared("plain", why);
    }

    private static DaemonForm Shared(string name, string why) => name == "ahead"
        ? new(name, $"for the shared runtime, compiled ahead of time: {why}", [
            "-p:ClusterToolsReadyToRun=true", $"-p:ClusterToolsRuntime={Rid}"])
        : new(name, $"for the shared runtime, so that it starts more slowly: {why}", []);

    private static async Task<bool> RestoresAsync(DaemonForm form, CancellationToken cancel)
    {
        (_, string version) = await Command.CaptureAsync("dotnet", ["--version"], TimeSpan.FromMinutes(1), cancel).ConfigureAwait(false);
        string answered = Path.Combine(Repository.Out, $".restores-{form.Name}");
        string key = $"{version.Trim()} {Rid} ";
        if (File.Exists(answered) && await File.ReadAllTextAsync(answered, cancel).ConfigureAwait(false) is { } known
            && known.StartsWith(key, StringComparison.Ordinal))
        {
            return known.EndsWith("yes", StringComparison.Ordinal);
        }

        (int? exitCode, _) = await Command.CaptureAsync(
            "dotnet", ["restore", Project, "-v", "q", "--nologo", .. form.Properties],
            TimeSpan.FromMinutes(5), cancel).ConfigureAwait(false);
        bool possible = exitCode == 0;
        if (!possible)
        {
            // What failed may be the restore itself rather than the packs: then there is no answer to keep.
            await Command.DotnetAsync(
                "Restoring the daemon's packages", ["restore", Project, "-v", "q", "--nologo"], cancel).ConfigureAwait(false);
        }

        Directory.CreateDirectory(Repository.Out);
        await File.WriteAllTextAsync(answered, key + (possible ? "yes" : "no"), cancel).ConfigureAwait(false);
        return possible;
    }
}
