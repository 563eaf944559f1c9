using System.Globalization;

namespace ClusterTools.Api;

/// <summary>The version that a change was made from: compare-and-set.</summary>
internal static class ExpectedVersion
{
    /// <summary>
    /// From <c>If-Match</c>, <c>If-None-Match: *</c> or the query parameter <c>expected-version</c>; null: none is named.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="current">The version there is, for <c>If-Match: *</c>; null: there is none.</param>
    /// <param name="source">What gives the version, for the remedy.</param>
    /// <param name="precondition">It came as a header, so that a conflict is answered with 412.</param>
    /// <exception cref="ApiException">It is not a version, or two are named.</exception>
    public static long? Of(ApiRequest request, long? current, string source, out bool precondition)
    {
        long? inQuery = request.Number("expected-version", 0, long.MaxValue);
        string header = request.Http.Request.Headers.IfMatch.ToString();
        string none = request.Http.Request.Headers.IfNoneMatch.ToString();
        precondition = header.Length > 0 || none.Length > 0;
        if (!precondition)
        {
            return inQuery;
        }

        long version;
        if (none.Length > 0)
        {
            version = none == "*" && header.Length == 0
                ? 0
                : throw Problems.BadRequest(
                    "If-None-Match is not understood.",
                    "Send If-None-Match: * for something that is not there yet, or If-Match with its version.", place: "If-None-Match");
        }
        else if (header == "*")
        {
            // If-Match: * only needs something to exist; version 0 means that nothing does.
            return inQuery ?? current ?? long.MaxValue;
        }
        else
        {
            string text = header.StartsWith("W/", StringComparison.Ordinal) ? header[2..] : header;
            if (!long.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out version))
            {
                throw Problems.BadRequest(
                    "If-Match is not a version.", $"Send the ETag of {source}, such as If-Match: \"7\".", place: "If-Match");
            }
        }

        return inQuery is null || inQuery == version
            ? version
            : throw Problems.BadRequest("The header and expected-version differ.", "Give the version in one place.", place: "If-Match");
    }
}
