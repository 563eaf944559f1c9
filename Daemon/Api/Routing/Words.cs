using ClusterTools.Core;

namespace ClusterTools.Api;

/// <summary>What a caller says in words is taken whole or refused: the Core would cut it, and nobody would be told.</summary>
internal static class Words
{
    /// <summary>The text, if it is in one plain line and not too long.</summary>
    /// <param name="text">Null: nothing was said.</param>
    /// <param name="place">The member, query parameter or segment that it came in.</param>
    /// <param name="limit">Characters.</param>
    /// <exception cref="ApiException">It is not.</exception>
    public static string? Checked(string? text, string place, int limit)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > limit)
        {
            throw Problems.BadRequest(
                $"'{place}' has {text.Length:N0} characters; the limit is {limit:N0}. Nothing was changed.",
                "Shorten it; put what is longer into a file, and name the file.", place: place);
        }

        return PlainText.WhyNot(text) is { } hidden
            ? throw Problems.BadRequest(
                $"'{place}' has a character in it that can't be seen or is no letter: {hidden}. Nothing was changed.",
                "Give it in one line, without control characters and marks of direction or format; a line end can be written as \\n.",
                place: place)
            : text;
    }
}
