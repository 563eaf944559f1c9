using System.Collections.ObjectModel;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;
using Newtonsoft.Json;

namespace ClusterTools.Cmdlets;

/// <summary>Base of the cmdlets of runbooks: the scripts of the module, and what the cluster remembers of them.</summary>
public abstract class ClusterRunbookCmdlet : ClusterCmdlet
{
    private static readonly Regex SynopsisOfHelp = new(
        @"\.SYNOPSIS\s+(?<text>.+?)\s*(?=^\s*\.[A-Z]|#>)", RegexOptions.Singleline | RegexOptions.Multiline);

    /// <summary>The folder of the runbooks.</summary>
    internal static string Folder =>
        Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(typeof(ClusterRunbookCmdlet).Assembly.Location))!, "Module", "Runbooks");

    /// <summary>All runbooks of the module, without what the cluster knows of them.</summary>
    internal static ClusterRunbook[] Shipped() =>
    [
        .. Directory.GetFiles(Folder, "*.ps1").Where(f => char.IsUpper(Path.GetFileName(f)[0])).OrderBy(f => f, StringComparer.Ordinal)
            .Select(f => new ClusterRunbook
        {
            Name = Path.GetFileNameWithoutExtension(f),
            Path = f,
            Synopsis = Regex.Replace(SynopsisOfHelp.Match(File.ReadAllText(f)).Groups["text"].Value, @"\s+", " "),
        }),
    ];

    /// <summary>A runbook with what the cluster remembers of its run.</summary>
    protected ClusterRunbook Recall(ClusterRunbook runbook)
    {
        try
        {
            runbook.Remember(Call((client, cancel) => client.GetRunbookAsync(runbook.Name, cancel)));
        }
        catch (ClusterApiException e) when (e.Code == ProblemCodes.NotFound)
        {
            // Nothing is remembered of it.
        }
        catch (JsonException)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, $"What the cluster remembers of runbook '{runbook.Name}' is not a run.",
                $"Forget it with Remove-ClusterRunbook {runbook.Name}.");
        }

        return runbook;
    }
}

/// <summary>Lists the runbooks, and how their runs stand on this cluster.</summary>
/// <remarks>
/// <para>
/// Runbooks are scripts of the module for planned work: rolling maintenance of all nodes, evacuating one node and bringing it back, a
/// failover drill. The cluster itself remembers which steps of a run are done, so that a run begun in one shell is resumed in another.
/// </para>
/// </remarks>
/// <example>
/// <code>Get-ClusterRunbook</code>
/// All runbooks, and how each one stands.
/// </example>
/// <example>
/// <code>Get-ClusterRunbook | Where-Object State -in Waiting, Failed</code>
/// Runs that wait for somebody.
/// </example>
[Cmdlet(VerbsCommon.Get, "ClusterRunbook")]
[OutputType(typeof(ClusterRunbook))]
public sealed class GetClusterRunbookCommand : ClusterRunbookCmdlet
{
    /// <summary>Names of runbooks; wildcards are allowed. Left out: all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RunbookCompleter))]
    [NameOf(typeof(ClusterRunbook), nameof(ClusterRunbook.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (ClusterRunbook runbook in Select("runbook", Shipped(), r => r.Name, Name))
        {
            Attempt(runbook.Name, () => WriteClusterObject(Recall(runbook)));
        }
    }
}

/// <summary>Runs a runbook: planned work, step by step, resumable, with a report at the end.</summary>
/// <remarks>
/// <para>
/// A runbook's own parameters become parameters of this command once -Name is given; Tab shows them. With -WhatIf nothing is
/// changed: the steps that would be run come back as objects.
/// </para>
/// <para>
/// Each step is written down on the cluster when it is done. A run that failed, that waits for a person (-Pause) or whose shell went away
/// is gone on with by -Resume, from any shell; its parameters are remembered, except for script blocks, which must be given again. -Restart
/// forgets the old run and begins anew. A report comes back at the end: what was done, how long it took, and where the transcript is.
/// </para>
/// </remarks>
/// <example>
/// <code>Start-ClusterRunbook -Name RollingMaintenance -WhatIf</code>
/// The steps of a rolling maintenance of all nodes; nothing is changed.
/// </example>
/// <example>
/// <code>Start-ClusterRunbook -Name RollingMaintenance -Node node3 -Restart -Action { param($Node) "patched $Node" } -Confirm:$false</code>
/// Empties node3, runs the script block, and brings the node back.
/// </example>
/// <example>
/// <code>Start-ClusterRunbook -Name FailoverDrill -Group webshop -Restart -Confirm:$false</code>
/// Moves a group to another node and back, and reports how long it was away.
/// </example>
[Cmdlet(VerbsLifecycle.Start, "ClusterRunbook", SupportsShouldProcess = true)]
[OutputType("ClusterTools.RunbookReport", "ClusterTools.RunbookStep")]
public sealed class StartClusterRunbookCommand : ClusterRunbookCmdlet, IDynamicParameters
{
    // Completers for runbook parameters of these names.
    private static readonly Dictionary<string, Type> Completed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Group"] = typeof(GroupCompleter),
        ["Node"] = typeof(NodeCompleter),
        ["TargetNode"] = typeof(NodeCompleter),
    };

    private static readonly string[] PassedOn = [nameof(Cluster), nameof(TranscriptPath), "WhatIf", "Confirm", "Verbose", "Debug"];

    private RuntimeDefinedParameterDictionary? own;

    /// <summary>Name of the runbook.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RunbookCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Goes on with the run that the cluster remembers.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>Forgets the run that the cluster remembers, and begins anew.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>File for the transcript; left out: one in the user's own folder for such data, named in the report.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TranscriptPath { get; set; }

    /// <inheritdoc/>
    public object? GetDynamicParameters()
    {
        if (Find() is not { } runbook || InvokeCommand.GetCommand(runbook.Path, CommandTypes.ExternalScript) is not { } script)
        {
            return null;
        }

        own = [];
        foreach (ParameterMetadata parameter in script.Parameters.Values)
        {
            if (!CommonParameters.Contains(parameter.Name) && !OptionalCommonParameters.Contains(parameter.Name)
                && GetType().GetProperty(parameter.Name) is null)
            {
                var attributes = new System.Collections.ObjectModel.Collection<Attribute>([.. parameter.Attributes]);
                if (Completed.TryGetValue(parameter.Name, out Type? completer) && !attributes.OfType<ArgumentCompleterAttribute>().Any())
                {
                    attributes.Add(new ArgumentCompleterAttribute(completer));
                }

                own.Add(parameter.Name, new RuntimeDefinedParameter(parameter.Name, parameter.ParameterType, attributes));
            }
        }

        return own;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        ClusterRunbook runbook = SelectOne("runbook", Shipped(), r => r.Name, Name);
        var with = new System.Collections.Hashtable { ["Resume"] = Resume, ["Restart"] = Restart };
        foreach (string name in PassedOn)
        {
            if (MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                with[name] = value;
            }
        }

        foreach (RuntimeDefinedParameter parameter in own?.Values.Where(p => p.IsSet) ?? [])
        {
            with[parameter.Name] = parameter.Value;
        }

        InvokeCommand.InvokeScript(
            "$script, $with = $args; & $script @with", useNewScope: true,
            PipelineResultTypes.Output | PipelineResultTypes.Error, null, runbook.Path, with);
    });

    private ClusterRunbook? Find() => Array.Find(Shipped(), r => string.Equals(r.Name, Name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Writes down on the cluster how a run of a runbook stands; for runbooks.</summary>
/// <remarks>
/// <para>
/// Runbooks call this after every step. It is a compare-and-set: if somebody else has gone on with the run since it was read, the
/// error VersionConflict comes back and nothing is changed.
/// </para>
/// </remarks>
/// <example>
/// <code>Get-ClusterRunbook -Name EvacuateNode | Set-ClusterRunbook -State Waiting -Message 'Exchange the power supply'</code>
/// Remembers that the run waits for somebody.
/// </example>
/// <example>
/// <code>Get-ClusterRunbook -Name EvacuateNode | Set-ClusterRunbook -State Failed -Step node2/drain -Message 'The node did not answer'</code>
/// Remembers which step has failed, and why.
/// </example>
[Cmdlet(VerbsCommon.Set, "ClusterRunbook", SupportsShouldProcess = true)]
[OutputType(typeof(ClusterRunbook))]
public sealed class SetClusterRunbookCommand : ClusterRunbookCmdlet
{
    /// <summary>The runbook as it was read.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Revived(typeof(ClusterRunbook))]
    public ClusterRunbook InputObject { get; set; } = null!;

    /// <summary>How the run stands.</summary>
    [Parameter]
    public RunbookState? State { get; set; }

    /// <summary>Id of a run that begins now; what was remembered of an earlier one goes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Run { get; set; }

    /// <summary>The step that the run is at.</summary>
    [Parameter]
    public string? Step { get; set; }

    /// <summary>Ids of steps that are done now, added to those that were.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Done { get; set; }

    /// <summary>What the run waits for, or what went wrong.</summary>
    [Parameter]
    public string? Message { get; set; }

    /// <summary>What the runbook itself keeps: JSON text.</summary>
    [Parameter]
    public string? Data { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(InputObject.Name, () =>
    {
        if (!ShouldProcess(
            $"runbook {InputObject.Name}",
            $"Remember that its run is {State ?? InputObject.State}{(Step is null ? "" : $" at step {Step}")}"))
        {
            return;
        }

        ClusterRunbook next = InputObject;
        if (Run is not null)
        {
            next = new ClusterRunbook
            {
                Name = next.Name,
                Path = next.Path,
                Synopsis = next.Synopsis,
                Version = next.Version,
                Run = Run,
                Began = DateTimeOffset.UtcNow,
            };
        }

        next.State = State ?? next.State;
        next.Step = Step ?? next.Step;
        next.Message = Message ?? next.Message;
        next.Data = Data ?? next.Data;
        next.Done = [.. next.Done, .. (Done ?? []).Except(next.Done)];
        next.Updated = DateTimeOffset.UtcNow;
        string content;
        try
        {
            content = next.Content();
        }
        catch (JsonException e)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, $"The data of runbook '{next.Name}' is not JSON: {e.Message}",
                "Give JSON text to -Data, such as ConvertTo-Json writes.");
        }

        Call((client, cancel) => client.PutRunbookAsync(next.Name, content, next.Version, cancel));
        WriteClusterObject(Recall(next));
    });
}

/// <summary>Forgets the run of a runbook.</summary>
/// <remarks>
/// <para>What the run has done stays as it is: a node that it emptied stays empty until Resume-ClusterNode.</para>
/// </remarks>
/// <example>
/// <code>Remove-ClusterRunbook -Name FailoverDrill</code>
/// Forgets a drill that was given up.
/// </example>
/// <example>
/// <code>Get-ClusterRunbook | Where-Object State -eq Done | Remove-ClusterRunbook</code>
/// Forgets all runs that are through.
/// </example>
[Cmdlet(VerbsCommon.Remove, "ClusterRunbook", SupportsShouldProcess = true)]
public sealed class RemoveClusterRunbookCommand : ClusterRunbookCmdlet
{
    /// <summary>Names of runbooks; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RunbookCompleter))]
    [NameOf(typeof(ClusterRunbook), nameof(ClusterRunbook.Name), Many = true)]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (ClusterRunbook runbook in Select("runbook", Shipped(), r => r.Name, Name))
        {
            Attempt(runbook.Name, () =>
            {
                ClusterRunbook known = Recall(runbook);
                if (known.Version > 0 && ShouldProcess($"runbook {known.Name}", $"Forget run {known.Run}, which is {known.State}"))
                {
                    Call((client, cancel) => client.DeleteRunbookAsync(known.Name, known.Version, cancel));
                }
            });
        }
    }
}

/// <summary>Names of the runbooks that the module has.</summary>
public sealed class RunbookCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, System.Management.Automation.Language.CommandAst commandAst,
        System.Collections.IDictionary fakeBoundParameters)
    {
        var wildcard = WildcardPattern.Get($"{wordToComplete}*", WildcardOptions.IgnoreCase);
        return ClusterRunbookCmdlet.Shipped().Where(r => wildcard.IsMatch(r.Name))
            .Select(r => new CompletionResult(
                r.Name, r.Name, CompletionResultType.ParameterValue, r.Synopsis.Length > 0 ? r.Synopsis : r.Name));
    }
}
