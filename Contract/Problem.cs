namespace ClusterTools.Contract;

/// <summary>An error: problem details (RFC 9457), <c>application/problem+json</c>.</summary>
public sealed class Problem
{
    /// <summary><c>urn:clustertools:problem:</c> and the code.</summary>
    public string Type { get; set; } = "";

    public string Title { get; set; } = "";

    public int Status { get; set; }

    /// <summary>What happened, to what.</summary>
    public string Detail { get; set; } = "";

    /// <summary>A stable word for programs; see <see cref="ProblemCodes"/>.</summary>
    public string Code { get; set; } = "";

    /// <summary>What to do.</summary>
    public string Remedy { get; set; } = "";

    /// <summary>The node that answered.</summary>
    public string? Node { get; set; }

    /// <summary>Of a change: the id to send again.</summary>
    public string? RequestId { get; set; }

    /// <summary>Existing names like the one that was not found.</summary>
    public IReadOnlyList<string>? Near { get; set; }

    /// <summary>Everything wrong in a configuration or body.</summary>
    public IReadOnlyList<ConfigurationProblem>? Problems { get; set; }

    /// <summary>The operation that was refused.</summary>
    public Operation? Operation { get; set; }

    /// <summary>Of a version conflict: the version in force.</summary>
    public long? CurrentVersion { get; set; }
}

/// <summary>Something wrong in a configuration: where, what, and what to do about it.</summary>
public sealed class ConfigurationProblem
{
    public ProblemSeverity Severity { get; set; }

    /// <summary>Place in the model, such as <c>groups/webshop/resources/ip:192.0.2.100</c>.</summary>
    public string Path { get; set; } = "";

    public string Message { get; set; } = "";

    public string Remedy { get; set; } = "";

    /// <summary>Line in what was sent, from 1.</summary>
    public int? Line { get; set; }
}

/// <summary>What a dry run found: the configuration was not changed.</summary>
public sealed class ConfigurationCheck
{
    /// <summary>The version it would become.</summary>
    public long Version { get; set; }

    /// <summary>Warnings; with an error the answer is a <see cref="Problem"/> instead.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; set; } = [];

    /// <summary>Nothing would change.</summary>
    public bool Unchanged { get; set; }

    /// <summary>Why the cluster, as it is now, would refuse it; null: it would not.</summary>
    public string? Refused { get; set; }

    /// <summary>The arithmetic of quorum as it would be then, in words.</summary>
    public string Quorum { get; set; } = "";

    /// <summary>What the change would do.</summary>
    public ConfigurationEffect Effect { get; set; } = new();

    /// <summary>Names of groups that would be added.</summary>
    public IReadOnlyList<string> GroupsAdded { get; set; } = [];

    /// <summary>Names of groups that would be changed.</summary>
    public IReadOnlyList<string> GroupsChanged { get; set; } = [];

    /// <summary>Names of groups that would be stopped and removed.</summary>
    public IReadOnlyList<string> GroupsRemoved { get; set; } = [];

    /// <summary>
    /// Resources that would be stopped, then those that would be started, if all groups that are to run ran: every stop, then every start,
    /// in order.
    /// A group that comes or goes is told with its own step.
    /// </summary>
    public IReadOnlyList<PlanStep> Steps { get; set; } = [];

    /// <summary>
    /// What it would become, as the text of the JSON that <c>GET /v1/configuration</c> gives; only when asked for with <c>show</c>.
    /// </summary>
    public string? Configuration { get; set; }
}

public enum ProblemSeverity
{
    Warning,
    Error,
}

/// <summary>Values of <see cref="Problem.Code"/>; they never change their meaning.</summary>
public static class ProblemCodes
{
    /// <summary>503: without quorum nothing is changed.</summary>
    public const string NotQuorate = "not-quorate";

    /// <summary>504: send the same request id again to find out.</summary>
    public const string UnknownOutcome = "unknown-outcome";

    /// <summary>409: the cluster's rules forbid it.</summary>
    public const string Refused = "refused";

    /// <summary>409 or 412: the configuration was changed meanwhile.</summary>
    public const string VersionConflict = "version-conflict";

    /// <summary>409: the request id belongs to another request.</summary>
    public const string RequestIdReused = "request-id-reused";

    /// <summary>409: an edit would add what is there already.</summary>
    public const string AlreadyExists = "already-exists";

    /// <summary>409: an edit would remove what something else needs.</summary>
    public const string InUse = "in-use";

    /// <summary>404: no group, node, device, domain or operation of this name.</summary>
    public const string NotFound = "not-found";

    /// <summary>404: no such path.</summary>
    public const string NoSuchPath = "no-such-path";

    /// <summary>405.</summary>
    public const string MethodNotAllowed = "method-not-allowed";

    /// <summary>400.</summary>
    public const string BadRequest = "bad-request";

    /// <summary>400: see <see cref="Problem.Problems"/>.</summary>
    public const string InvalidConfiguration = "invalid-configuration";

    /// <summary>
    /// 400: nothing is wrong with the configuration but that this node has not the agents; another one may have them. See
    /// <see cref="Problem.Problems"/>.
    /// </summary>
    public const string AgentNotInstalled = "agent-not-installed";

    /// <summary>403: the certificate is of this cluster and has no grant, or none any more.</summary>
    public const string UnknownCertificate = "unknown-certificate";

    /// <summary>403: the grant's role does not suffice.</summary>
    public const string RoleRequired = "role-required";

    /// <summary>413.</summary>
    public const string TooLarge = "too-large";

    /// <summary>408: the body did not come in time.</summary>
    public const string TooSlow = "too-slow";

    /// <summary>504: what was only asked, not changed, did not come in time.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>502: an agent was asked what it is, and did not tell.</summary>
    public const string AgentFailed = "agent-failed";

    /// <summary>503: the limit of event streams is reached.</summary>
    public const string TooManyStreams = "too-many-streams";

    /// <summary>503: bodies and answers of too many bytes are under way at once.</summary>
    public const string TooMuchUnderWay = "too-much-under-way";

    /// <summary>503: too many requests are under way at once.</summary>
    public const string TooManyRequests = "too-many-requests";

    /// <summary>429: this certificate has written too much into the journal lately; Retry-After says how long to wait.</summary>
    public const string TooManyWrites = "too-many-writes";

    /// <summary>503: the cluster has no configuration yet.</summary>
    public const string NoConfiguration = "no-configuration";

    /// <summary>There is no invitation for this certificate, or it is over or used.</summary>
    public const string NotInvited = "not-invited";

    /// <summary>A machine can't join this cluster now.</summary>
    public const string CannotJoin = "cannot-join";

    /// <summary>503: the daemon is stopping.</summary>
    public const string Stopping = "stopping";

    /// <summary>500: a fault of the daemon.</summary>
    public const string Internal = "internal";
}
