namespace ClusterTools.Cmdlets;

/// <summary>Writes messages into the cluster's journal, beside what the cluster itself writes there.</summary>
/// <remarks>
/// <para>Every node keeps the journal; Get-ClusterEvent reads it. A message says who wrote it. For what a person or a script does around
/// the cluster and others should find later.</para>
/// </remarks>
/// <example><code>Write-ClusterLog 'Firmware of node3 is being updated.' -Node node3</code>Writes a message about a node.</example>
/// <example><code>'Backup begins', 'Backup ended' | Write-ClusterLog -Group webshop -PassThru</code>Writes two messages about a group and
/// shows them.</example>
[Cmdlet(VerbsCommunications.Write, "ClusterLog", SupportsShouldProcess = true)]
[OutputType(typeof(JournalEntry))]
public sealed class WriteClusterLogCommand : ClusterCmdlet
{
    private const int Recent = 100;

    /// <summary>The message, in one line, 4000 characters at most.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Message { get; set; } = "";

    /// <summary>Information, Warning or Error.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public JournalSeverity Severity { get; set; } = JournalSeverity.Information;

    /// <summary>The group that it is about.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <summary>The node that it is about.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>Gives what was written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Message, () =>
    {
        if (!ShouldProcess(
            $"The journal gets the message '{Message}' ({Severity}).", $"Write '{Message}' into the journal?", "Write-ClusterLog"))
        {
            return;
        }

        string? group = Group is null ? null : SelectOne(Noun.Group, Group).Name;
        string? node = Node is null ? null : FindNode(Node);
        Operation written = Call((client, cancel) => client.WriteJournalAsync(
            new JournalWriteRequest { Message = Message, Severity = Severity, Group = group, Node = node }, cancel));
        if (PassThru)
        {
            WriteClusterObjects(Call((client, cancel) => client.GetJournalAsync($"limit={Recent}", cancel)).Entries
                .Where(e => e.Index == written.Began && e.Message == Message));
        }
    });
}
