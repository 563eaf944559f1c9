using System.Text;

namespace ClusterTools.Cmdlets;

/// <summary>
/// Errors as PowerShell shows them: the code in PascalCase as id, category, target, and the remedy as recommended action.
/// </summary>
internal static class ClusterErrors
{
    /// <summary>A name fits several where one is needed; the client's own code.</summary>
    public const string AmbiguousName = "ambiguous-name";

    /// <summary>An operation did not end in the time that the user gave; it goes on.</summary>
    public const string OperationTimedOut = "operation-timed-out";

    /// <summary>An operation ended without having done what was asked.</summary>
    public const string OperationFailed = "operation-failed";

    /// <summary>A node that was switched on did not join in time.</summary>
    public const string NodeDidNotJoin = "node-did-not-join";

    /// <summary>Something must be confirmed, and nobody can be asked.</summary>
    public const string ConfirmationNeeded = "confirmation-needed";

    private static readonly bool ShowsRecommendation = typeof(PSObject).Assembly.GetName().Version?.Major >= 7;

    public static ErrorRecord Record(ClusterException e, object? target)
    {
        object? about = target ?? (e as ContextException)?.Target;
        var record = new ErrorRecord(e, Pascal(e.Code), Category(e.Code), about);
        if (e.Remedy.Length > 0)
        {
            // Since version 7 the shell shows the recommended action itself.
            record.ErrorDetails = new ErrorDetails(ShowsRecommendation ? e.Detail : e.Message) { RecommendedAction = e.Remedy };
        }

        return record;
    }

    public static ClusterApiException NotFound(string what, string name, IEnumerable<string> names)
    {
        string[] near = NearNames.Of(name, names);
        return Own(
            ProblemCodes.NotFound,
            404,
            $"There is no {what} '{name}'.",
            near.Length > 0 ? $"Did you mean {string.Join(", ", near)}?" : $"{Lister(what)} lists what there is.",
            near);
    }

    public static ClusterApiException Ambiguous(string what, string pattern, IEnumerable<string> names)
    {
        string[] found = [.. names];
        return Own(AmbiguousName, 400, $"'{pattern}' means more than one {what}: {string.Join(", ", found)}.", "Name one of them.", found);
    }

    /// <summary>What the cluster would refuse was not asked for.</summary>
    /// <param name="why">In the cluster's words.</param>
    public static ClusterApiException WouldBeRefused(string why) =>
        Own(ProblemCodes.Refused, 409, why, "Nothing was changed. Do what the message says first, then ask again.");

    /// <summary>A problem that the client itself sees.</summary>
    public static ClusterApiException Own(
        string code, int status, string detail, string remedy, IReadOnlyList<string>? near = null, Operation? operation = null) =>
        new(new Problem
        {
            Code = code,
            Status = status,
            Title = detail,
            Detail = detail,
            Remedy = remedy,
            Near = near is { Count: > 0 } ? near : null,
            Operation = operation,
        });

    private static string Lister(string what) => what switch
    {
        "group" => "Get-ClusterGroup",
        "node" => "Get-ClusterNode",
        "resource" => "Get-ClusterResource",
        "operation" => "Get-ClusterOperation",
        "failover domain" => "Get-ClusterFailoverDomain",
        "fence device" => "Get-ClusterFenceDevice",
        "context" => "Get-ClusterContext",
        _ => "The command without a name",
    };

    private static ErrorCategory Category(string code) => code switch
    {
        ProblemCodes.NotFound or ProblemCodes.NoSuchPath or ContextException.NotFound or ContextException.NoneCurrent =>
            ErrorCategory.ObjectNotFound,
        ProblemCodes.UnknownCertificate or ProblemCodes.RoleRequired => ErrorCategory.PermissionDenied,
        ProblemCodes.NotQuorate or ProblemCodes.NoConfiguration or ProblemCodes.Stopping or ProblemCodes.TooManyStreams
            or ProblemCodes.TooManyWrites => ErrorCategory.ResourceUnavailable,
        ClusterUnreachableException.NoServerAnswered or ClusterUnreachableException.ConnectionClosed => ErrorCategory.ConnectionError,
        ClusterUnreachableException.ServerNotTrusted or ContextException.FileNotPrivate => ErrorCategory.SecurityError,
        ClusterUnreachableException.AnswerNotUnderstood or ContextException.FileUnreadable or ContextException.CertificateUnreadable
            or ProblemCodes.InvalidConfiguration or ProblemCodes.AgentNotInstalled => ErrorCategory.InvalidData,
        ProblemCodes.TimedOut or ProblemCodes.UnknownOutcome or ProblemCodes.TooSlow or OperationTimedOut or NodeDidNotJoin =>
            ErrorCategory.OperationTimeout,
        ProblemCodes.Refused => ErrorCategory.InvalidOperation,
        OperationFailed => ErrorCategory.OperationStopped,
        ProblemCodes.VersionConflict or ProblemCodes.RequestIdReused or ProblemCodes.AlreadyExists or ContextException.Exists =>
            ErrorCategory.ResourceExists,
        ProblemCodes.InUse => ErrorCategory.ResourceBusy,
        EditErrors.FileUnusable => ErrorCategory.OpenError,
        LabException.DaemonNotFound or LabException.NoLab => ErrorCategory.ObjectNotFound,
        LabException.LabTimedOut => ErrorCategory.OperationTimeout,
        LabException.LabFailed => ErrorCategory.OperationStopped,
        ProblemCodes.BadRequest or ProblemCodes.TooLarge or AmbiguousName or ConfirmationNeeded => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };

    private static string Pascal(string code)
    {
        var text = new StringBuilder(code.Length);
        bool upper = true;
        foreach (char c in code)
        {
            if (c == '-')
            {
                upper = true;
                continue;
            }

            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return text.ToString();
    }
}
