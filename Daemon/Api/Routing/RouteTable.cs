namespace ClusterTools.Api;

/// <summary>
/// Finds the route of a path. Our own, since names may hold nearly any character: segments are split before they are
/// decoded, so that an encoded slash stays part of its name, and the framework's routing would cost megabytes.
/// </summary>
internal sealed class RouteTable
{
    private readonly Dictionary<int, Route[]> byLength;

    public RouteTable(IEnumerable<Route> routes)
    {
        All = [.. routes];

        // Written-out segments before names: /v1/fence-devices/test is not a device.
        byLength = All.GroupBy(r => r.Segments.Length).ToDictionary(
            g => g.Key, g => g.OrderBy(r => r.Pattern.Count(c => c == '{')).ToArray());
    }

    public IReadOnlyList<Route> All { get; }

    /// <exception cref="ApiException">There is none.</exception>
    public (Route Route, IReadOnlyDictionary<string, string> Names) Find(string method, string rawTarget)
    {
        string[] segments = Split(rawTarget, out string path);
        Route[] fitting = byLength.TryGetValue(segments.Length, out Route[]? candidates)
            ? [.. candidates.Where(r => Fits(r, segments))]
            : [];
        if (fitting.Length == 0)
        {
            throw Problems.NoSuchPath(path);
        }

        Route? route = fitting.FirstOrDefault(r => r.Method == method);
        if (route is null)
        {
            throw Problems.MethodNotAllowed(
                method, path, string.Join(", ", fitting.Select(r => r.Method).Distinct().Order(StringComparer.Ordinal)));
        }

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < segments.Length; i++)
        {
            if (route.Segments[i] is ['{', .. var name, '}'])
            {
                names.Add(name, segments[i]);
            }
        }

        return (route, names);
    }

    private static bool Fits(Route route, string[] segments)
    {
        for (int i = 0; i < segments.Length; i++)
        {
            if (route.Segments[i][0] != '{' && route.Segments[i] != segments[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string[] Split(string rawTarget, out string path)
    {
        int end = rawTarget.IndexOfAny(['?', '#']);
        path = end < 0 ? rawTarget : rawTarget[..end];
        if (!path.StartsWith('/') && Uri.TryCreate(path, UriKind.Absolute, out Uri? absolute))
        {
            // The form that proxies send (RFC 9112, 3.2.2).
            path = absolute.AbsolutePath;
        }

        return [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
    }
}
