using ClusterTools.Contract;
using ClusterTools.Core;

namespace ClusterTools.Client;

/// <summary>Something that a person can act on: what happened, to what, and what to do.</summary>
public abstract class ClusterException : Exception
{
    /// <param name="code">A stable word for programs, in lower case with hyphens.</param>
    /// <param name="message">What happened, to what.</param>
    /// <param name="remedy">What to do; empty when the message says it.</param>
    /// <param name="inner">The cause.</param>
    protected ClusterException(string code, string message, string remedy, Exception? inner)
        : base(PlainText.EscapeLines(remedy.Length == 0 ? message : $"{message} {remedy}"), inner)
    {
        Code = code;
        Detail = PlainText.EscapeLines(message);
        Remedy = PlainText.EscapeLines(remedy);
    }

    /// <summary>A stable word for programs: one of <see cref="ProblemCodes"/>, or the client's own.</summary>
    public string Code { get; }

    /// <summary>What happened, to what: the message without the remedy.</summary>
    public string Detail { get; }

    /// <summary>What to do; empty when the detail says it.</summary>
    public string Remedy { get; }
}

/// <summary>The API answered with a problem.</summary>
public sealed class ClusterApiException : ClusterException
{
    /// <param name="problem">As it was answered.</param>
    public ClusterApiException(Problem problem)
        // Of what the cluster's rules refuse, the detail says what to do; the rest is for programs that speak to the API themselves.
        : base(problem.Code, problem.Detail, problem.Code == ProblemCodes.Refused ? "" : problem.Remedy, null) => Problem = problem;

    /// <summary>As it was answered: status, near names, everything wrong, the refused operation.</summary>
    public Problem Problem { get; }

    /// <summary>The HTTP status.</summary>
    public int Status => Problem.Status;
}

/// <summary>No server of the cluster answered, or none is to be trusted.</summary>
public sealed class ClusterUnreachableException : ClusterException
{
    /// <summary>Nobody answered.</summary>
    public const string NoServerAnswered = "no-server-answered";

    /// <summary>Who answered is not a node of this cluster.</summary>
    public const string ServerNotTrusted = "server-not-trusted";

    /// <summary>What was answered is not this API.</summary>
    public const string AnswerNotUnderstood = "answer-not-understood";

    /// <summary>Another command closed the connection.</summary>
    public const string ConnectionClosed = "connection-closed";

    /// <inheritdoc/>
    public ClusterUnreachableException(string code, string message, string remedy, Exception? inner)
        : base(code, message, remedy, inner)
    {
    }
}

/// <summary>A client context can't be used: there is none of this name, or its file or certificate can't be read.</summary>
public sealed class ContextException : ClusterException
{
    /// <summary>There is no context of this name.</summary>
    public const string NotFound = "context-not-found";

    /// <summary>None was named, and none is current.</summary>
    public const string NoneCurrent = "no-current-context";

    /// <summary>There is a context of this name already.</summary>
    public const string Exists = "context-exists";

    /// <summary>The file can't be read.</summary>
    public const string FileUnreadable = "context-file-unreadable";

    /// <summary>A file with a private key can be read by others.</summary>
    public const string FileNotPrivate = "file-not-private";

    /// <summary>The certificate or the authority can't be read.</summary>
    public const string CertificateUnreadable = "certificate-unreadable";

    /// <inheritdoc/>
    public ContextException(string code, string message, string remedy, object? target = null, Exception? inner = null)
        : base(code, message, remedy, inner) => Target = target;

    /// <summary>The name or file that it is about.</summary>
    public object? Target { get; }
}
