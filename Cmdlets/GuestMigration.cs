namespace ClusterTools.Cmdlets;

/// <summary>Moves guests to other nodes while they run.</summary>
/// <remarks>
/// <para>The guest goes to the node that is named, or to the best other one that its failover domain allows. As its definition says it
/// runs on meanwhile, but for a moment at the end (-Live), or stands still until it is there (-Offline).</para>
/// <para>It stays where it is when the migration fails, takes longer than it may (Set-ClusterGuest -MigrationLimit), or is ended
/// (Stop-GuestMigration). Whatever came of it, every node is asked where the guest is before anything else is done with it, so that it
/// never comes to run twice.</para>
/// <para>A guest is not migrated while the cluster switches: as long as a node is lost and not proven down.</para>
/// </remarks>
/// <example><code>Start-GuestMigration mail* -Destination node2 -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterGuest -HostName node1 | Start-GuestMigration -Offline -WhatIf</code>The same of all guests on node1, which
/// stand still meanwhile.</example>
[Cmdlet(VerbsLifecycle.Start, "GuestMigration", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GuestMigration), typeof(Operation))]
public sealed class StartGuestMigrationCommand : GuestChangeCmdlet
{
    /// <summary>The node that it goes to; the best other one when left out.</summary>
    [Parameter(Position = 1)]
    [Alias("Node", "To")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>It runs on meanwhile, whatever its definition says.</summary>
    [Parameter]
    public SwitchParameter Live { get; set; }

    /// <summary>It stands still until it is there, whatever its definition says.</summary>
    [Parameter]
    [Alias("Suspended")]
    public SwitchParameter Offline { get; set; }

    /// <inheritdoc/>
    protected override void Process(GuestStatus guest) => Attempt(guest.Name, () =>
    {
        if (Live && Offline)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, "-Live and -Offline say opposite things of how the guest moves.", "Give one of them.");
        }

        string? node = Destination is null ? null : FindNode(Destination);
        MigrationKind? kind = Live ? MigrationKind.Live : Offline ? MigrationKind.Suspended : null;
        string how = (kind ?? guest.Migrates) == MigrationKind.Suspended ? "standing still until it is there" : "while it runs";
        if (Run(
            guest, "Migrating", $"Guest '{guest.Name}' ({Place(guest)}) moves to {node ?? "the best other node"}, {how}.", "migrate",
            new GroupOperationRequest { Node = node, Kind = kind }))
        {
            Attempt(guest.Name, () => WriteClusterObjects(FindMigrations([guest.Name])));
        }
    });
}

/// <summary>Ends migrations: the guests stay where they are.</summary>
/// <remarks>
/// <para>A guest of which the last step was taken already has moved all the same; the operation that had asked for the migration says what
/// came of it, and so does Get-GuestMigration.</para>
/// </remarks>
/// <example><code>Stop-GuestMigration mail* -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterGuest -State Migrating | Stop-GuestMigration -WhatIf</code>The same of all that are moving.</example>
[Cmdlet(VerbsLifecycle.Stop, "GuestMigration", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GuestMigration), typeof(Operation))]
public sealed class StopGuestMigrationCommand : GuestChangeCmdlet
{
    /// <inheritdoc/>
    protected override void Process(GuestStatus guest)
    {
        if (Run(
            guest, "Ending the migration of",
            $"The migration of guest '{guest.Name}' ({Place(guest)}) ends; it stays where it is, unless the last step was taken already.",
            "stopMigration"))
        {
            Attempt(guest.Name, () => WriteClusterObjects(FindMigrations([guest.Name])));
        }
    }
}

/// <summary>Gets migrations of guests: those under way, and the last one of each guest.</summary>
/// <remarks>
/// <para>Of one under way: how much is sent and left, and how long the guest is expected to stand still. Of one that is over: how long it
/// took, how long the guest stood still, and what came of it.</para>
/// </remarks>
/// <example><code>Get-GuestMigration</code>Lists the migrations under way, and the last one of every other guest.</example>
/// <example><code>Get-GuestMigration -State Running | Format-List</code>All about those under way.</example>
[Cmdlet(VerbsCommon.Get, "GuestMigration")]
[OutputType(typeof(GuestMigration))]
public sealed class GetGuestMigrationCommand : ClusterCmdlet
{
    /// <summary>Names of guests; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Guest")]
    [ArgumentCompleter(typeof(GuestCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [GuestName(Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Only those in these states.</summary>
    [Parameter]
    [Alias("Phase")]
    [ValidateNotNullOrEmpty]
    public MigrationPhase[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
        WriteClusterObjects(FindMigrations(Name is null ? null : [.. FindGuests(Name).Select(g => g.Name)])
            .Where(m => State is null || State.Contains(m.Phase))));
}
