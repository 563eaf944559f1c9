using System.Reflection;
using System.Text.Json;

namespace ClusterTools.Build.Testing;

/// <summary>
/// PowerShell and Pester for the tests: the tool that .config/dotnet-tools.json names and the package that the build brings, so that
/// nothing needs to be installed.
/// </summary>
internal static class TestShell
{
    private static readonly string Folder = Path.Combine(Repository.Out, "shell");

    /// <summary>Why there is none; null: it is here.</summary>
    public static string? Missing { get; private set; } = "PowerShell was not set up";

    /// <summary>Path of the shell. It is called pwsh and first on the PATH of all tests, which start further ones by that name.</summary>
    public static string Program => Path.Combine(Folder, "bin", OperatingSystem.IsWindows() ? "pwsh.cmd" : "pwsh");

    /// <summary>What every test's process gets: the shell on PATH, and Pester where modules are looked for.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    /// <summary>Restores both. What can't be had is said, not thrown: the tests that need it then count as skipped.</summary>
    public static async Task SetUpAsync(CancellationToken cancel)
    {
        (int? exitCode, string output) = await Command.CaptureAsync("dotnet", ["tool", "restore"], TimeSpan.FromMinutes(10), cancel)
            .ConfigureAwait(false);
        string version = Version();
        string package = Path.Combine(PackageRoot, "powershell", version);
        string? program = Directory.Exists(package)
            ? Directory.EnumerateFiles(package, "pwsh.dll", SearchOption.AllDirectories)
                .FirstOrDefault(
                    static path => Path.GetFileName(Path.GetDirectoryName(path)) == (OperatingSystem.IsWindows() ? "win" : "unix"))
            : null;
        if (exitCode != 0 || program is null)
        {
            Missing =
                $"PowerShell {version} could not be restored as a dotnet tool (.config/dotnet-tools.json): "
                    + $"{output.Trim().ReplaceLineEndings(" ")}";
            Say.Warning($"setup: {Missing}");
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Program)!);
        await File.WriteAllTextAsync(
            Program,
            OperatingSystem.IsWindows() ? $"@dotnet \"{program}\" %*\r\n"
            : $"#!/bin/sh\nexec dotnet '{program.Replace("'", "'\\''", StringComparison.Ordinal)}' \"$@\"\n",
            cancel).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        string pester = Said("PesterVersion");
        Layout.CopyFolder(Path.Combine(PackageRoot, "pester", pester, "tools"), Path.Combine(Folder, "modules", "Pester", pester));
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = Path.GetDirectoryName(Program) + Path.PathSeparator + System.Environment.GetEnvironmentVariable("PATH"),
            ["PSModulePath"] = Path.Combine(Folder, "modules") + Path.PathSeparator
            + System.Environment.GetEnvironmentVariable("PSModulePath"),
            ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
            ["POWERSHELL_UPDATECHECK"] = "Off",
        };
        Missing = null;
        Say.Note($"setup: PowerShell {version} (dotnet tool) and Pester {pester} (package) are here.");
    }

    private static string PackageRoot => Said("PackageRoot");

    private static string Version()
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, ".config", "dotnet-tools.json")));
        return manifest.RootElement.GetProperty("tools").GetProperty("powershell").GetProperty("version").GetString()!;
    }

    /// <summary>What the project file said when this program was built.</summary>
    private static string Said(string key) =>
        typeof(TestShell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
