using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <summary>The API answered with a problem; <see cref="Exception.Message"/> has what happened and what to do.</summary>
public sealed class ClusterApiException(Problem problem) : Exception($"{problem.Detail} {problem.Remedy}".Trim())
{
    public Problem Problem { get; } = problem;

    /// <summary>One of <see cref="ProblemCodes"/>.</summary>
    public string Code => Problem.Code;

    public int Status => Problem.Status;
}

/// <summary>No server of the cluster could be reached, or none is to be trusted.</summary>
public sealed class ClusterUnreachableException(string message, Exception? inner) : Exception(message, inner);
