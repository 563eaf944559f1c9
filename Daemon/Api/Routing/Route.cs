using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>One thing that the API can do.</summary>
/// <param name="Method">GET, POST or PUT.</param>
/// <param name="Pattern">Path; a segment in braces is a name.</param>
/// <param name="Role">The least role that may.</param>
/// <param name="Handle">Answers it.</param>
/// <param name="Query">Query parameters that it knows; others are refused, so that a mistyped dry-run changes nothing.</param>
internal sealed record Route(string Method, string Pattern, AccessRole Role, Func<ApiRequest, Task> Handle, params string[] Query)
{
    public string[] Segments { get; } = Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
