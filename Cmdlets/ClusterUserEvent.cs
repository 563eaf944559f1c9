namespace ClusterTools.Cmdlets;

/// <summary>Sends an event of your own to the cluster: event scripts that ask for it are told, and may decide.</summary>
/// <remarks>
/// <para>The event stands in the journal as user.NAME with who sent it, and its data as the message. Event scripts that ask for user.NAME
/// or user.* are called with it: see New-ClusterEventScript. What they decide is done after the command has ended; the journal tells
/// it.</para>
/// </remarks>
/// <example><code>Send-ClusterUserEvent night -Data 'backup begins'</code>Tells the event scripts that ask for user.night.</example>
/// <example><code>'node2', 'node3' | Send-ClusterUserEvent rack-power -PassThru</code>Sends two events, each with its data, and shows the
/// journal's entries of them.</example>
[Cmdlet(VerbsCommunications.Send, "ClusterUserEvent", SupportsShouldProcess = true)]
[OutputType(typeof(JournalEntry))]
public sealed class SendClusterUserEventCommand : ClusterCmdlet
{
    private const int Recent = 100;

    /// <summary>The event's name: 1 to 64 letters, digits, '-', '_' and '.'.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>What is told with it: one plain line, 4,096 characters at most.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string? Data { get; set; }

    /// <summary>Gives the journal's entry.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        if (!ShouldProcess(
            $"Event scripts that ask for user.{Name} are told of it.", $"Send the event user.{Name}?", "Send-ClusterUserEvent"))
        {
            return;
        }

        Operation sent = Call((client, cancel) => client.SendEventAsync(new UserEventRequest { Name = Name, Data = Data }, cancel));
        if (PassThru)
        {
            WriteClusterObjects(Call((client, cancel) => client.GetJournalAsync($"limit={Recent}", cancel)).Entries
                .Where(e => e.Index == sent.Began && e.Kind == $"user.{Name}"));
        }
    });
}
