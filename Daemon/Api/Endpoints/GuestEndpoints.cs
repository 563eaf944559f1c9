using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Guests, and how they move.</summary>
internal static class GuestEndpoints
{
    public static IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/guests", AccessRole.Viewer, r => r.AnswerSortedAsync(All(r), g => g.Name, GuestViews.Guest), Pages.Query()),
        new("GET", "/v1/guests/{guest}", AccessRole.Viewer, r => r.AnswerAsync(GuestViews.Guest(Find(r)))),
        new("GET", "/v1/migrations", AccessRole.Viewer, r => r.AnswerSortedAsync(
            All(r).Where(g => g.Migration is not null || g.LastMigration is not null), g => g.Name,
            g => GuestViews.Migration(r.State, g)), Pages.Query()),
    ];

    private static IEnumerable<GroupState> All(ApiRequest request) => request.State.Groups.Values.Where(g => g.Definition.IsGuest);

    private static GroupState Find(ApiRequest request) =>
        request.State.Groups.TryGetValue(request.Name("guest"), out GroupState? group) && group.Definition.IsGuest
            ? group
            : throw Problems.NotFound("guest", request.Name("guest"), "Get-ClusterGuest", All(request).Select(g => g.Name));
}
