using System.Text.RegularExpressions;
using ClusterTools.Contract;
using ClusterTools.Core;

namespace ClusterTools.Api;

/// <summary>A request ends with this problem.</summary>
internal sealed class ApiException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;

    /// <summary>Value of the Allow header.</summary>
    public string? Allow { get; init; }

    /// <summary>Value of the Retry-After header, in seconds.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>Every problem that the API can answer with, in one place.</summary>
internal static partial class Problems
{
    public static ApiException NotQuorate(string message) => Of(
        503, ProblemCodes.NotQuorate, "The cluster has no quorum here", Plain(message),
        "Bring absent nodes back: look at their power, network and daemon. Another node may have quorum; Get-ClusterNodeHealth tells. "
            + "If they are gone for good and surely off, "
        + "run Start-ClusterNode -ForceQuorum here, and then Confirm-ClusterNodeDown for each; "
            + "of two nodes Confirm-ClusterNodeDown for the silent one is enough.");

    public static ApiException UnknownOutcome(string message, string requestId)
    {
        ApiException e = Of(
            504, ProblemCodes.UnknownOutcome, "It is not known whether the change was made", Plain(message),
            $"Send the same request with the same request id ({requestId}) again, to this node or another: "
                + "it is applied once, and you get its outcome.");
        e.Problem.RequestId = requestId;
        return e;
    }

    public static ApiException QuorumNotNeeded(string message) => Of(
        409, ProblemCodes.Refused, "The cluster has quorum", $"{message} Quorum is forced only where there is none. Nothing was changed.",
        "To have an absent node taken for dead, fence it, or confirm it down (Confirm-ClusterNodeDown).");

    public static ApiException UnknownForcedQuorum(TimeSpan limit, string requestId)
    {
        ApiException e = Of(
            504, ProblemCodes.UnknownOutcome, "It is not known whether quorum was forced",
            $"The node did not answer within {limit.TotalSeconds:0} s.",
            $"Get-ClusterQuorum says whether there is quorum now; if not, ask again with the same request id ({requestId}).");
        e.Problem.RequestId = requestId;
        return e;
    }

    public static ApiException Refused(Operation operation)
    {
        ApiException e = Of(
            409, ProblemCodes.Refused, "The cluster refuses this", operation.Message,
            "The detail says why and what to do. To ask again, use a new request id.");
        e.Problem.Operation = operation;
        e.Problem.RequestId = operation.Id;
        return e;
    }

    public static ApiException VersionConflict(long expected, long current, bool precondition)
    {
        ApiException e = Of(
            precondition ? 412 : 409, ProblemCodes.VersionConflict, "The configuration was changed meanwhile",
            $"The change was made from version {expected}, but version {current} is in force. Nothing was changed.",
            $"Get the configuration again (version {current}), make the change in it, and send it as a change of that version.");
        e.Problem.CurrentVersion = current;
        return e;
    }

    public static ApiException EditRefused(Core.Configuration.EditRefusedException refused)
    {
        string[] near = NearNames.Of(refused.Missing, refused.There);
        (int status, string code) = refused.Reason switch
        {
            Core.Configuration.EditRefusal.NotFound => (404, ProblemCodes.NotFound),
            Core.Configuration.EditRefusal.AlreadyExists => (409, ProblemCodes.AlreadyExists),
            Core.Configuration.EditRefusal.InUse => (409, ProblemCodes.InUse),
            Core.Configuration.EditRefusal.Invalid => (400, ProblemCodes.BadRequest),
            var other => throw new ArgumentOutOfRangeException(nameof(refused), other, "No such reason."),
        };
        string remedy = refused.Reason != Core.Configuration.EditRefusal.NotFound ? refused.Remedy
            : near.Length > 0 ? $"Did you mean {string.Join(", ", near)}?"
            : refused.There.Count == 0 ? "There is none at all."
            : $"There are: {string.Join(", ", refused.There.Take(10))}{(refused.There.Count > 10 ? " …" : "")}.";
        ApiException e = Of(status, code, "The change can't be made", Shown(refused.Message), remedy);
        e.Problem.Near = near.Length > 0 ? near : null;
        return e;
    }

    public static ApiException RunbookConflict(string name, long expected, long current, bool precondition)
    {
        ApiException e = Of(
            precondition ? 412 : 409, ProblemCodes.VersionConflict, "The runbook was changed meanwhile",
            current == 0
                ? $"The change was made from version {expected} of runbook '{Shown(name)}', which is not there any more. "
                    + "Nothing was changed."
                : $"The change was made from version {expected} of runbook '{Shown(name)}', but it is at version {current}. "
                    + "Nothing was changed.",
            "Read the runbook again, make the change in it, and send it with its version.");
        e.Problem.CurrentVersion = current;
        return e;
    }

    public static ApiException VersionNotKept(long version, string node)
    {
        ApiException e = Of(
            404, ProblemCodes.NotFound, "Not found", $"Configuration version {version} is not kept on node {node}.",
            "Get-ClusterConfigurationHistory lists what is kept here; a node that was there then may still have it.");
        return e;
    }

    public static ApiException HistoryUnreadable(string message) => Of(
        500, ProblemCodes.Internal, "The configuration history can't be read", Plain(message),
        "Check the disk of this node's state folder. Every other node keeps a history of its own (Get-ClusterConfigurationHistory -Node).");

    public static ApiException RequestIdReused(string requestId, string kind, string target)
    {
        ApiException e = Of(
            409, ProblemCodes.RequestIdReused, "This request id belongs to another request",
            $"Request id '{requestId}' was used for {kind} {target}. Nothing was changed.", "Use a new request id, or none at all.");
        e.Problem.RequestId = requestId;
        return e;
    }

    /// <param name="what">Such as <c>group</c>.</param>
    /// <param name="name">What was asked for.</param>
    /// <param name="list">The command that lists them.</param>
    /// <param name="names">What there is.</param>
    public static ApiException NotFound(string what, string name, string list, IEnumerable<string> names)
    {
        string[] near = NearNames.Of(name, names);
        ApiException e = Of(
            404, ProblemCodes.NotFound, $"No such {what}", $"There is no {what} '{name}'.",
            near.Length > 0 ? $"Did you mean {string.Join(", ", near)}? {list} lists all." : $"{list} lists all.");
        e.Problem.Near = near.Length > 0 ? near : null;
        return e;
    }

    public static ApiException NoSuchPath(string path) => Of(
        404, ProblemCodes.NoSuchPath, "No such path", $"There is nothing at {Shown(path)}.",
        "docs/api.md lists the paths; they begin with /v1.");

    public static ApiException MethodNotAllowed(string method, string path, string allow)
    {
        ApiException e = Of(
            405, ProblemCodes.MethodNotAllowed, "Method not allowed", $"{Shown(method)} can't be done with {Shown(path)}.",
            $"Use {allow}.");
        return new ApiException(e.Problem) { Allow = allow };
    }

    public static ApiException BadRequest(string detail, string remedy, int? line = null, string? place = null)
    {
        ApiException e = Of(400, ProblemCodes.BadRequest, "The request is not understood", detail, remedy);
        if (line is not null || place is not null)
        {
            e.Problem.Problems =
            [
                new ConfigurationProblem
                {
                    Severity = ProblemSeverity.Error,
                    Line = line,
                    Path = OneLine(place ?? ""),
                    Message = OneLine(detail),
                    Remedy = OneLine(remedy),
                },
            ];
        }

        return e;
    }

    /// <param name="problems">All that was found.</param>
    /// <param name="agentsMissing">Nothing is wrong but that agents are not installed here.</param>
    public static ApiException InvalidConfiguration(IReadOnlyList<ConfigurationProblem> problems, bool agentsMissing = false)
    {
        ConfigurationProblem[] errors = [.. problems.Where(p => p.Severity == ProblemSeverity.Error)];
        ConfigurationProblem first = errors[0];
        string place = first.Line is { } line ? $"line {line}: {first.Path}" : first.Path;
        string more = errors.Length > 1 ? $" And {errors.Length - 1} more, see problems." : "";
        ApiException e = Of(
            400, agentsMissing ? ProblemCodes.AgentNotInstalled : ProblemCodes.InvalidConfiguration, "The configuration is refused",
            $"{place}: {first.Message}{more} Nothing was changed.", first.Remedy);
        e.Problem.Problems = problems;
        return e;
    }

    public static ApiException UnknownCertificate(string fingerprint) => Of(
        403, ProblemCodes.UnknownCertificate, "This certificate has no rights here",
        $"The certificate with SHA-256 fingerprint {fingerprint} has no grant in the configuration in force, or none any more, or "
            + "has expired.",
        $"Ask an administrator of the cluster for a certificate, or to add a grant for {fingerprint} under 'access' of the configuration.");

    public static ApiException RoleRequired(string name, string has, string needs) => Of(
        403, ProblemCodes.RoleRequired, "No right to do this",
        $"'{name}' is {has}; this needs {needs}.",
        $"Ask someone who is {needs}, or have an administrator raise the role in the configuration's 'access'.");

    public static ApiException FenceDevicesSilent(int limit) => Of(
        504, ProblemCodes.TimedOut, "The fence devices did not answer",
        $"The test of the fence devices did not end within {SpanText.Of(limit)}.",
        "Test them one by one (Test-ClusterFenceDevice -Node, -Name); check the network to the one that is silent.");

    public static ApiException AgentFailed(string agent, string message) => Of(
        502, ProblemCodes.AgentFailed, "The agent does not tell what it is", $"{Shown(agent)}: {Plain(message)}",
        "Run it by hand on this node with its meta-data action (fence agents: -o metadata) and see what it says.");

    public static ApiException PlanTooLong(TimeSpan limit) => Of(
        504, ProblemCodes.TimedOut, "The plan did not come in time", $"What would happen was not told within {limit.TotalSeconds:0} s.",
        "Ask again when the cluster is at rest, or ask another node.");

    public static ApiException TooLarge(long limit) => Of(
        413, ProblemCodes.TooLarge, "The body is too large", $"The body is longer than {limit:N0} bytes. Nothing of it was used.",
        "Check what you are sending; a configuration may have 16 MiB, everything else far less.");

    public static ApiException TooSlow() => Of(
        408, ProblemCodes.TooSlow, "The body did not come in time", "The rest of the body did not come in time. Nothing of it was used.",
        "Check the network and send it again.");

    public static ApiException TooManyStreams(long limit) => Of(
        503, ProblemCodes.TooManyStreams, "Too many event streams", $"{limit} event streams are open, which is the limit.",
        "Close one, or ask another node.");

    public static ApiException TooMuchUnderWay(long limit) => Of(
        503, ProblemCodes.TooMuchUnderWay, "Too much is under way",
        $"What was sent and what waits to be read would be more than {limit:N0} bytes at once, which is the limit.",
        "Read the answers that were asked for, ask for less at once ('limit', or one thing by its name), or ask another node.");

    public static ApiException TooManyRequests(long limit) => Of(
        503, ProblemCodes.TooManyRequests, "Too many requests at once", $"{limit} requests are under way, which is the limit.",
        "Wait for the answers of some of them, or ask another node.");

    public static ApiException TooManyWrites(double rate, int seconds)
    {
        ApiException e = Of(
            429, ProblemCodes.TooManyWrites, "Too much is written",
            "This certificate has written more into the journal than is good for those who read it. Nothing was changed.",
            $"Wait {seconds} s and send it again; {rate:0.##} messages a second are taken. Gather what belongs together into one message.");
        return new ApiException(e.Problem) { RetryAfter = seconds };
    }

    public static ApiException NoConfiguration(string node) => Of(
        503, ProblemCodes.NoConfiguration, "The cluster has no configuration yet",
        $"Node {node} knows no configuration, so nobody has rights yet.",
        "Wait until the cluster has formed; Get-ClusterNodeHealth says when. If it does not form, read the daemon's log.");

    public static ApiException Stopping(string node) => Of(
        503, ProblemCodes.Stopping, "The daemon is stopping", $"The daemon of node {node} is stopping.",
        "Start it again (systemctl start clusterd), or ask a node that goes on; Get-ClusterNodeHealth tells which do.");

    public static ApiException Internal() => Of(
        500, ProblemCodes.Internal, "The daemon failed to answer",
        "A fault in the daemon kept it from answering.", "Read the daemon's log on this node (journalctl -u clusterd) and report it.");

    // What a caller has sent stands in many of them, and a terminal shows them.
    private static string OneLine(string text) => PlainText.CutWords(PlainText.Escape(text), TextLimits.JournalMessage);

    private static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";

    /// <summary>Words of the machine's own without its folders: they are nobody's to know, and the daemon's log has them.</summary>
    internal static string Plain(string text) => Folders().Replace(text, "");

    [GeneratedRegex(@"(?<![\w:/])(?:/[\w.@%+~-]+)+/(?=[\w.@%+~-])")]
    private static partial Regex Folders();

    private static ApiException Of(int status, string code, string title, string detail, string remedy) => new(new Problem
    {
        Type = "urn:clustertools:problem:" + code,
        Title = title,
        Status = status,
        Detail = OneLine(detail),
        Code = code,
        Remedy = OneLine(remedy),
    });
}
