using System.Collections;

namespace ClusterTools.Cmdlets;

/// <summary>Gets the cluster's guests: virtual machines that fail over by themselves, what they are, and where they run.</summary>
/// <remarks>
/// <para>A guest is a group of its own: what Get-ClusterGroup and its like show and do goes for guests, too. This command shows what is
/// said of guests alone: memory and processors (as their hosts tell), how they move, whether they do so now.</para>
/// </remarks>
/// <example><code>Get-ClusterGuest</code>Lists all guests, where they run and in which state.</example>
/// <example><code>Get-ClusterGuest | Where-Object Memory -gt 8GB | Start-GuestMigration -Destination node2 -WhatIf</code>Says what moving
/// the large guests to node2 would do.</example>
/// <example><code>Get-ClusterGuest -HostName node1</code>Gets the guests on node1.</example>
[Cmdlet(VerbsCommon.Get, "ClusterGuest")]
[OutputType(typeof(GuestStatus))]
public sealed class GetClusterGuestCommand : ClusterCmdlet
{
    /// <summary>Names of guests; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Guest")]
    [ArgumentCompleter(typeof(GuestCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [GuestName(Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Only guests on these nodes; wildcards are allowed.</summary>
    [Parameter]
    [Alias("Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName(Many = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <summary>Only guests in these states.</summary>
    [Parameter]
    [Alias("Phase")]
    [ValidateNotNullOrEmpty]
    public GroupPhase[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        HashSet<string>? hosts = HostName is null ? null : [.. FindNodes(HostName).Select(n => n.Name)];
        WriteClusterObjects(FindGuests(Name).Where(
            g => (hosts is null || (g.Host is { } host && hosts.Contains(host))) && (State is null || State.Contains(g.Phase))));
    });
}

/// <summary>Base of the cmdlets that say how a guest runs and moves.</summary>
public abstract class ClusterGuestSettingsCmdlet : ClusterConfigurationCmdlet
{
    private const string Live = "live";

    /// <summary>The failover domain that says where it may and should run; any node when empty.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FailoverDomainCompleter))]
    public string? FailoverDomain { get; set; }

    /// <summary>Whether it is started whenever the cluster gains quorum.</summary>
    [Parameter]
    [YesNo]
    public bool? Autostart { get; set; }

    /// <summary>What is done when it fails: Restart in place and relocate if that fails, Relocate, Disable, or RestartDisable.</summary>
    [Parameter]
    [Alias("Recovery")]
    [Cell(IsWord = true)]
    public RecoveryPolicy? RecoveryPolicy { get; set; }

    /// <summary>
    /// The file with its definition (libvirt's XML), at the same path on every node; it is defined from it at each start. Without one every
    /// node that may run the guest knows it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Definition { get; set; }

    /// <summary>
    /// How it moves: live (it runs on), pause (it stands still until it is there), or no (it is shut down here and started there).
    /// </summary>
    [Parameter]
    [ValidateSet(Live, "pause", "no")]
    public string? Migrate { get; set; }

    /// <summary>
    /// How one host's libvirt reaches that of another, with {node} or {address} in the place of that; qemu+tls://{node}/system when left
    /// out.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MigrationUri { get; set; }

    /// <summary>How long a migration may take, in seconds or as a TimeSpan; ten minutes when left out.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? MigrationLimit { get; set; }

    /// <summary>How long it may take to shut down by itself before it is switched off, in seconds or as a TimeSpan.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ShutdownWait { get; set; }

    /// <summary>How long a stop may take in all, in seconds or as a TimeSpan; three minutes when left out.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>Further parameters, as docs/guests.md lists them; $null takes one out.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Parameter { get; set; }

    /// <summary>What is said here of its resource.</summary>
    private protected Dictionary<string, string?> Parameters()
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Parameter ?? [])
        {
            all[Text(entry.Key) ?? ""] = Text(entry.Value);
        }

        Say("definition", Definition);
        Say("migrate", Migrate?.ToLowerInvariant());
        Say("migration_uri", MigrationUri);
        Say("migration_limit", Seconds(MigrationLimit));
        Say("shutdown_wait", Seconds(ShutdownWait));
        return all;

        void Say(string name, string? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }
    }

    private static string? Text(object? value) => value is null ? null
        : value is bool flag ? flag ? "true" : "false"
        : LanguagePrimitives.ConvertTo<string>(value);

    private static string? Seconds(TimeSpan? span) =>
        span is { } time ? Math.Ceiling(time.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
}

/// <summary>Adds a guest, a virtual machine, to the cluster.</summary>
/// <remarks>
/// <para>From then on the cluster knows the guest: it is found where it runs, started elsewhere when its host dies, and moved while it runs
/// when a node is emptied. Adding it neither starts nor stops it: one that runs on one of the nodes is adopted there, another one waits
/// for Start-ClusterGuest.</para>
/// <para>The guest is run by libvirt on each node (KVM, QEMU, Xen). Its disks are on storage that all nodes have; its definition is, too
/// (-Definition), or every node that may run it knows it already.</para>
/// <para>Names of guests are unique in the cluster. When libvirt knows it by another name than the cluster, -Parameter @{ name = ... }
/// says which.</para>
/// </remarks>
/// <example><code>New-ClusterGuest mail -Definition /srv/guests/mail.xml -WhatIf</code>Says what adding a guest would do whose
/// definition is on shared storage.</example>
/// <example><code>New-ClusterGuest build -Migrate no -RecoveryPolicy Relocate -Autostart $false -WhatIf</code>The same for one that every
/// node knows, that does not move while it runs, and that only people start.</example>
[Cmdlet(VerbsCommon.New, "ClusterGuest", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GuestStatus), typeof(Operation))]
public sealed class NewClusterGuestCommand : ClusterGuestSettingsCmdlet
{
    private static readonly TimeSpan UsualStop = TimeSpan.FromMinutes(3);

    /// <summary>The guest's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Goes on with a warning when libvirt is not installed on the node that answers.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override bool GoesOn => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Add(Noun.Guest, Name, () => new ConfigurationEdit
    {
        Group = new GroupEdit
        {
            Name = Name,
            Domain = FailoverDomain is { Length: > 0 } ? FailoverDomain : null,
            Autostart = Autostart,
            Recovery = RecoveryPolicy,
            Resources =
            [
                new ResourceDefinition
                {
                    Id = $"vm:{Name}",
                    Type = "vm",
                    Agent = "guest:libvirt",
                    Parameters = Parameters(),
                    StopTimeout = StopTimeout ?? UsualStop,
                },
            ],
        },
    });
}

/// <summary>Base of what is done to guests: which.</summary>
public abstract class GuestChangeCmdlet : ClusterChangeCmdlet
{
    private protected const string ByName = "Name";

    private protected const string ByObject = "InputObject";

    /// <summary>Names of guests; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Guest")]
    [ArgumentCompleter(typeof(GuestCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [GuestName(Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>Guests, as Get-ClusterGuest gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(GuestStatus), Many = true)]
    public GuestStatus[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Objects from the pipeline may be out of date; the question must describe the guest as it is now.
        foreach (GuestStatus guest in FindGuests(ParameterSetName == ByObject ? [.. InputObject.Select(g => g.Name)] : Name))
        {
            Process(guest);
        }
    }

    /// <summary>Does it to one guest.</summary>
    protected abstract void Process(GuestStatus guest);

    /// <summary>Asks by -Confirm or tells by -WhatIf what will happen, does it, waits, and writes the guest.</summary>
    /// <param name="guest">As it is now.</param>
    /// <param name="doing">Such as <c>Stopping</c>.</param>
    /// <param name="happens">What will happen, as a sentence.</param>
    /// <param name="operation">As the API calls it.</param>
    /// <param name="request">Null: nothing to say.</param>
    /// <param name="plan">The prediction's name of it; null: nothing else follows from it.</param>
    /// <param name="force">Nothing is asked.</param>
    private protected bool Run(
        GuestStatus guest, string doing, string happens, string operation, GroupOperationRequest? request = null, string? plan = null,
        bool force = false)
    {
        Foresight? foresight = plan is null
            ? null
            : Foresee((client, cancel) => client.GetPlanAsync(plan, guest.Name, request?.Node, cancel), guest.Name);
        string others = foresight is { Refused: null, Groups: { Length: > 0 } told } ? $" With it: {told}." : "";
        return Should(guest.Name, happens + others, foresight, force)
            && Change(
                guest.Name, $"{doing} guest {guest.Name}", (client, cancel) => client.GroupAsync(guest.Name, operation, request, cancel));
    }

    /// <summary>Writes the guest as it is now.</summary>
    private protected void Write(string guest) =>
        Attempt(guest, () => WriteClusterObject(Call((client, cancel) => client.GetGuestAsync(guest, cancel))));

    /// <summary>Where it is, for messages.</summary>
    protected static string Place(GuestStatus guest) => guest.Host is { } host ? $"{guest.Phase} on {host}" : $"{guest.Phase}";
}

/// <summary>Starts guests: they run from now on, and are recovered when they fail.</summary>
/// <remarks>
/// <para>Every node is asked before a guest is started: one that runs already, wherever that is, is adopted there.</para>
/// </remarks>
/// <example><code>Start-ClusterGuest mail* -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterGuest -State Disabled | Start-ClusterGuest -WhatIf</code>The same of all that are off.</example>
[Cmdlet(VerbsLifecycle.Start, "ClusterGuest", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GuestStatus), typeof(Operation))]
public sealed class StartClusterGuestCommand : GuestChangeCmdlet
{
    /// <summary>The node to start it on; by the rules of its failover domain when left out.</summary>
    [Parameter(Position = 1)]
    [Alias("Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <inheritdoc/>
    protected override void Process(GuestStatus guest) => Attempt(guest.Name, () =>
    {
        string? node = HostName is null ? null : FindNode(HostName);
        if (Run(
            guest, "Starting",
            $"Guest '{guest.Name}' ({Place(guest)}) is started{(node is null ? "" : $" on {node}")}, and is recovered when it fails.",
            "enable", new GroupOperationRequest { Node = node }))
        {
            Write(guest.Name);
        }
    });
}

/// <summary>Stops guests: they stay off until somebody starts them.</summary>
/// <remarks>
/// <para>The guest is asked to shut down. One that has not done so in time (Set-ClusterGuest -ShutdownWait) is switched off. One that is
/// migrating stays where it is first.</para>
/// </remarks>
/// <example><code>Stop-ClusterGuest mail* -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterGuest -HostName node2 | Stop-ClusterGuest -WhatIf</code>The same of all guests on node2.</example>
[Cmdlet(VerbsLifecycle.Stop, "ClusterGuest", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GuestStatus), typeof(Operation))]
public sealed class StopClusterGuestCommand : GuestChangeCmdlet
{
    /// <summary>Does not ask when another group runs nowhere then.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process(GuestStatus guest)
    {
        if (Run(
            guest, "Stopping", $"Guest '{guest.Name}' ({Place(guest)}) is shut down and stays off.", "disable", plan: "stop", force: Force))
        {
            Write(guest.Name);
        }
    }
}

/// <summary>Changes how guests run, move and are recovered; they go on running.</summary>
/// <remarks>
/// <para>Only what is given is changed. Nothing of it restarts a guest, but another name or hypervisor, which make it another guest.</para>
/// </remarks>
/// <example><code>Set-ClusterGuest mail* -Migrate pause -MigrationLimit 120 -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterGuest | Set-ClusterGuest -Parameter @{ on_io_error = 'resume' } -WhatIf</code>The same of all guests: one that
/// stands still because of its disk is let go on.</example>
[Cmdlet(VerbsCommon.Set, "ClusterGuest", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GuestStatus), typeof(Operation))]
public sealed class SetClusterGuestCommand : ClusterGuestSettingsCmdlet
{
    /// <summary>Names of guests; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Guest")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuestCompleter))]
    [ValidateNotNullOrEmpty]
    [GuestName(Many = true)]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        foreach (GuestStatus guest in Select(Noun.Guest, Name))
        {
            Dictionary<string, string?> parameters = Parameters();
            if (IsGiven(nameof(FailoverDomain)) || Autostart is not null || RecoveryPolicy is not null)
            {
                var rules = new GroupEdit
                {
                    Name = guest.Name,
                    Domain = IsGiven(nameof(FailoverDomain)) ? FailoverDomain ?? "" : null,
                    Autostart = Autostart,
                    Recovery = RecoveryPolicy,
                };
                Edit(guest.Name, $"Changing guest {guest.Name}", new ConfigurationEdit { Group = rules });
            }

            var resource = new ResourceEdit
            {
                Group = guest.Name,
                Id = guest.Resource,
                Definition = new ResourceDefinition { Parameters = parameters, StopTimeout = StopTimeout },
            };
            EditAndWrite(
                guest.Name, $"Changing guest {guest.Name}", new ConfigurationEdit { Resource = resource },
                () => WriteNow(Noun.Guest, guest.Name));
        }
    });
}

/// <summary>Takes guests out of the cluster; they go on running where they are.</summary>
/// <remarks>
/// <para>The cluster no longer looks after the guest: it neither stops it nor starts it when its host dies. Restore-ClusterConfiguration
/// brings it back.</para>
/// </remarks>
/// <example><code>Remove-ClusterGuest mail* -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterGuest test* | Remove-ClusterGuest -WhatIf</code>The same of all guests whose names begin so.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterGuest", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(GuestStatus), typeof(Operation))]
public sealed class RemoveClusterGuestCommand : ClusterConfigurationCmdlet
{
    /// <summary>Names of guests; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Guest")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuestCompleter))]
    [ValidateNotNullOrEmpty]
    [GuestName(Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>Give the guest back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        Remove(Noun.Guest, Name, PassThru, guest => new ConfigurationEdit { Group = new GroupEdit { Name = guest.Name } });
}
