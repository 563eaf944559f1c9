using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Cmdlets;

/// <summary>What the cmdlets of whole configurations have in common.</summary>
internal static class ConfigurationFiles
{
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ClusterApiException">It is not there, too large, or can't be read.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? throw EditErrors.File(path, "there is no such file.", "Correct the path.")
                : file.Length > Largest ? throw EditErrors.File(
                    path, $"it is larger than {Largest / 1024 / 1024} MiB.", "Check that it is a cluster configuration.")
                : File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw EditErrors.File(path, e.Message, "See that you may read it.");
        }
    }
}

/// <summary>Checks a configuration: everything that is wrong with it, with place, line and remedy. Nothing is changed.</summary>
/// <remarks>
/// <para>A file is a cluster.conf or a configuration in JSON, as Export-ClusterConfiguration writes it; it is checked against the one in
/// force, as an import would be. Without a file the configuration in force is checked. What is found is written as objects, errors and
/// warnings alike; when nothing is found, nothing is written.</para>
/// </remarks>
/// <example><code>Test-ClusterConfiguration</code>Lists what is wrong with the configuration in force.</example>
/// <example><code>Export-ClusterConfiguration ./check.json -Force; Test-ClusterConfiguration ./check.json -Quiet; Remove-Item ./check.json</code>Says whether a file could be imported.</example>
[Cmdlet(VerbsDiagnostic.Test, "ClusterConfiguration", DefaultParameterSetName = "InForce")]
[OutputType(typeof(ConfigurationProblem), typeof(bool))]
public sealed class TestClusterConfigurationCommand : ClusterCmdlet
{
    private bool sound = true;

    /// <summary>Files: cluster.conf, or JSON.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "File")]
    [Alias("FullName", "PSPath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The text of a configuration.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Text")]
    [ValidateNotNullOrEmpty]
    public string Content { get; set; } = "";

    /// <summary>Say no more than whether it is free of errors.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case "File":
                foreach (string path in Path)
                {
                    string file = GetUnresolvedProviderPathFromPSPath(path);
                    Check(file, file, client => client.CheckImportAsync(ConfigurationFiles.Read(file), Stopped, force: false));
                }

                break;
            case "Text":
                Check(null, null, client => client.CheckImportAsync(Encoding.UTF8.GetBytes(Content), Stopped, force: false));
                break;
            default:
                Check(null, null, async client =>
                {
                    (JObject document, long version) = await client.ReadConfigurationAsync(Stopped).ConfigureAwait(false);
                    return await client.CheckConfigurationAsync(document.ToString(), version, Stopped, force: false).ConfigureAwait(false);
                });
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Quiet)
        {
            WriteObject(sound);
        }
    }

    private void Check(object? target, string? file, Func<ClusterClient, Task<ConfigurationCheck>> check)
    {
        bool asked = Attempt(target, () =>
        {
            IReadOnlyList<ConfigurationProblem> problems;
            try
            {
                problems = Call((client, _) => check(client)).Problems;
            }
            catch (ClusterApiException e) when (e.Problem.Problems is { Count: > 0 } found)
            {
                problems = found;
            }

            foreach (ConfigurationProblem problem in problems)
            {
                sound &= problem.Severity != ProblemSeverity.Error;
                if (!Quiet)
                {
                    PSObject written = PSObject.AsPSObject(problem);
                    if (file is not null)
                    {
                        written.Properties.Add(new PSNoteProperty("File", file));
                    }

                    WriteClusterObject(written);
                }
            }
        });
        sound &= asked;
    }
}

/// <summary>Parameters that Import- and Restore-ClusterConfiguration have in common.</summary>
public abstract class ClusterConfigurationReplaceCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>Waits until all is at rest, and writes the version that is in force.</summary>
    private protected void Finish(string activity, ConfigurationOutcome? outcome)
    {
        if (outcome is null)
        {
            return;
        }

        Settle(activity, outcome);
        Attempt(null, () =>
        {
            // Who has told of the change keeps it, and answers when that is written.
            ConfigurationHistory history = Call((client, cancel) => client.GetConfigurationHistoryAsync(cancel));
            WriteClusterObjects(history.Versions.Where(v => v.Version == outcome.Version));
        });
    }
}

/// <summary>Replaces the configuration by a cluster.conf or by an exported configuration.</summary>
/// <remarks>
/// <para>The file is checked as a whole; nothing is changed when there is an error in it. -WhatIf says exactly what would be added,
/// changed, removed and restarted. Groups that are not in the file are stopped and removed. The grants in force are kept when the file has
/// none, as a cluster.conf has; secrets that an export shows as (secret) are those in force.</para>
/// <para>The command waits until all that the change starts, stops and restarts has come to rest, and gives the new version back.</para>
/// </remarks>
/// <example><code>Export-ClusterConfiguration ./backup.json -Force; Import-ClusterConfiguration ./backup.json -WhatIf; Remove-Item ./backup.json</code>Shows what importing a file would do.</example>
/// <example><code>Export-ClusterConfiguration ./again.json -Force; Import-ClusterConfiguration ./again.json -Reason 'as it was on Monday' -Confirm:$false; Remove-Item ./again.json</code>Brings back what a file says.</example>
[Cmdlet(VerbsData.Import, "ClusterConfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ConfigurationVersion), typeof(Operation))]
public sealed class ImportClusterConfigurationCommand : ClusterConfigurationReplaceCmdlet
{
    /// <summary>
    /// Goes on with a warning when no node that is asked has all the agents, or an agent would not take its parameters by what it says of
    /// itself.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override bool GoesOn => Force;

    /// <summary>The file: a cluster.conf, or JSON.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string file = GetUnresolvedProviderPathFromPSPath(Path);
        Attempt(file, () =>
        {
            byte[] content = ConfigurationFiles.Read(file);
            ConfigurationOutcome? outcome = Change(
                file,
                $"Importing {file}",
                (client, cancel) => client.CheckImportAsync(content, cancel, GoesOn),
                (client, version, cancel) => client.ImportConfigurationAsync(content, version, Reason, cancel, GoesOn));
            Finish("Importing the configuration", outcome);
        });
    }
}

/// <summary>Writes the configuration to a file that Import-ClusterConfiguration takes back as the same.</summary>
/// <remarks>
/// <para>The file is JSON. Secrets are not in it: (secret) stands in their place, which means the value in force when it is imported
/// again.</para>
/// </remarks>
/// <example><code>Export-ClusterConfiguration ./webshop.json -Force; Get-Item ./webshop.json; Remove-Item ./webshop.json</code>Writes the
/// configuration in force to a file.</example>
/// <example><code>Export-ClusterConfiguration -Path ./first.json -Version 1 -Force -PassThru | Remove-Item</code>Writes an older version
/// to a file, and gives the file back.</example>
[Cmdlet(VerbsData.Export, "ClusterConfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class ExportClusterConfigurationCommand : ClusterCmdlet
{
    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("FilePath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The version; the one in force when left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, long.MaxValue)]
    [ArgumentCompleter(typeof(ConfigurationVersionCompleter))]
    public long? Version { get; set; }

    /// <summary>Replace a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the file back.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string file = GetUnresolvedProviderPathFromPSPath(Path);
        Attempt(file, () =>
        {
            if (!ShouldProcess(file, $"Write {(Version is { } v ? $"version {v} of the configuration" : "the configuration")}"))
            {
                return;
            }

            if (File.Exists(file) && !Force)
            {
                throw EditErrors.File(file, "it is there already.", "Choose another name, or replace it with -Force.");
            }

            JObject document = Version is { } version
                ? Call((client, cancel) => client.ReadConfigurationVersionAsync(version, cancel))
                : Configuration();
            try
            {
                File.WriteAllText(
                    file, document.ToString(Formatting.Indented) + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw EditErrors.File(file, e.Message, "Choose a place where you may write.");
            }

            if (PassThru)
            {
                WriteObject(new FileInfo(file));
            }
        });
    }
}

/// <summary>Says what differs between two configurations: files, versions, or the one in force.</summary>
/// <remarks>
/// <para>Each difference is an object with its place and both values. What is not named is the configuration in force. Secrets are compared
/// where they can be seen, and never shown. A cluster.conf is translated by the cluster first, and must be of this cluster.</para>
/// </remarks>
/// <example><code>Export-ClusterConfiguration ./before.json -Force; Compare-ClusterConfiguration -ReferencePath ./before.json; Remove-Item ./before.json</code>Shows what has changed since the file was written: nothing.</example>
/// <example><code>Compare-ClusterConfiguration -ReferenceVersion 1 | Where-Object Path -like 'groups/*'</code>Shows what has changed in
/// the groups since the first version.</example>
[Cmdlet(VerbsData.Compare, "ClusterConfiguration")]
[OutputType(typeof(ConfigurationDifference))]
public sealed class CompareClusterConfigurationCommand : ClusterCmdlet
{
    /// <summary>A file with the configuration after; the one in force when neither this nor -DifferenceVersion is given.</summary>
    [Parameter(Position = 0)]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string? DifferencePath { get; set; }

    /// <summary>A file with the configuration before; the one in force when neither this nor -ReferenceVersion is given.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? ReferencePath { get; set; }

    /// <summary>The version before.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    [ArgumentCompleter(typeof(ConfigurationVersionCompleter))]
    public long? ReferenceVersion { get; set; }

    /// <summary>The version after.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    [ArgumentCompleter(typeof(ConfigurationVersionCompleter))]
    public long? DifferenceVersion { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () =>
    {
        if ((ReferencePath is not null && ReferenceVersion is not null) || (DifferencePath is not null && DifferenceVersion is not null))
        {
            throw EditErrors.Invalid("A file and a version are both given for one side.", "Give one of them.");
        }

        var which = new ConfigurationComparisonRequest
        {
            Before = Text(ReferencePath), BeforeVersion = ReferenceVersion, After = Text(DifferencePath), AfterVersion = DifferenceVersion,
        };
        MemberDifference[] found = Call((client, cancel) => client.CompareConfigurationsAsync(which, cancel));
        WriteClusterObjects(found.Select(d => new ConfigurationDifference(d)));
    });

    private string? Text(string? path)
    {
        if (path is null)
        {
            return null;
        }

        string file = GetUnresolvedProviderPathFromPSPath(path);
        string text = Encoding.UTF8.GetString(ConfigurationFiles.Read(file)).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        try
        {
            if (!text.StartsWith("<", StringComparison.Ordinal))
            {
                _ = ApiJson.ReadObject(new StringReader(text));
            }
        }
        catch (JsonException e)
        {
            throw EditErrors.File(file, e.Message, "Test-ClusterConfiguration says what is wrong with it.");
        }

        return text;
    }
}

/// <summary>Gets the versions of the configuration: when, who, why, and what they changed.</summary>
/// <remarks>
/// <para>The nodes keep the last 200 versions. A node that was away lacks some, so that all of them are asked; versions that no node has
/// which answers are named by a warning.</para>
/// </remarks>
/// <example><code>Get-ClusterConfigurationHistory -Newest 5</code>Shows the last five versions.</example>
/// <example><code>Get-ClusterConfigurationHistory | Where-Object { $_.Changes.Groups.Changed -contains 'webshop' }</code>Shows the
/// versions that changed the group webshop.</example>
[Cmdlet(VerbsCommon.Get, "ClusterConfigurationHistory")]
[OutputType(typeof(ConfigurationVersion))]
public sealed class GetClusterConfigurationHistoryCommand : ClusterCmdlet
{
    /// <summary>Only these versions.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateRange(1, long.MaxValue)]
    [ArgumentCompleter(typeof(ConfigurationVersionCompleter))]
    public long[]? Version { get; set; }

    /// <summary>Only so many, the newest.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Newest { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Version, () =>
    {
        ConfigurationHistory history = Call((client, cancel) => client.GetConfigurationHistoryAsync(cancel));
        foreach (long wanted in Version ?? [])
        {
            if (history.Versions.All(v => v.Version != wanted))
            {
                WriteProblem(
                    ClusterErrors.NotFound("version", wanted.ToString(System.Globalization.CultureInfo.InvariantCulture), []), wanted);
            }
        }

        ConfigurationVersion[] chosen = [.. history.Versions.Where(v => Version is null || Version.Contains(v.Version))];
        WriteClusterObjects(Newest is { } count ? chosen.Skip(Math.Max(0, chosen.Length - count)) : chosen);

        if (Version is null && Newest is null && history.Missing.Count > 0)
        {
            WriteWarning(
                "No node that answers has version "
                    + $"{string.Join(", ", history.Missing.Take(10))}{(history.Missing.Count > 10 ? " …" : "")}.");
        }
    });
}

/// <summary>Brings an older version of the configuration back, as the next one.</summary>
/// <remarks>
/// <para>Its secrets come back with it; the grants in force stay, so that nobody gets a right back that was taken from him. -WhatIf says
/// exactly what would be added, changed, removed and restarted. The command waits until all of that has come to rest, and gives the new
/// version back.</para>
/// </remarks>
/// <example><code>Restore-ClusterConfiguration 1 -WhatIf</code>Shows what bringing the first version back would do.</example>
/// <example><code>$now = (Get-ClusterConfigurationHistory -Newest 1).Version; Set-ClusterService reports -MaxRestarts 2 -RestartExpireTime 60; Restore-ClusterConfiguration $now -Confirm:$false</code>Takes a change back.</example>
[Cmdlet(VerbsData.Restore, "ClusterConfiguration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ConfigurationVersion), typeof(Operation))]
public sealed class RestoreClusterConfigurationCommand : ClusterConfigurationReplaceCmdlet
{
    /// <summary>The version, as Get-ClusterConfigurationHistory shows it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, long.MaxValue)]
    [ArgumentCompleter(typeof(ConfigurationVersionCompleter))]
    public long Version { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ConfigurationOutcome? outcome = Change(
            Version,
            $"Restoring version {Version} of the configuration",
            (client, cancel) => client.CheckRestoreAsync(Version, null, cancel),
            (client, version, cancel) => client.RestoreConfigurationAsync(Version, version, Reason, cancel));
        Finish("Restoring the configuration", outcome);
    }
}
