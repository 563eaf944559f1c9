using System.Buffers;
using System.Text;
using System.Text.Json;
using ClusterTools.Core;

namespace ClusterTools.Api;

/// <summary>
/// Lists in pages (<c>?limit=</c>, <c>?after=</c>): an answer has at most so many items and so many bytes, whatever the state holds. Where
/// there is more, the header <c>Link</c> (RFC 8288) with <c>rel="next"</c> says where to go on.
/// </summary>
internal static class Pages
{
    /// <summary>Items of one answer.</summary>
    public const int MostItems = 1000;

    /// <summary>Bytes of one answer; it is longer only when its first item is.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>Query parameters of every list, with its own.</summary>
    public static string[] Query(params string[] own) => [.. own, "limit", "after"];

    /// <summary>Answers with a page of a list that is sorted by name.</summary>
    public static Task AnswerSortedAsync<TItem, TView>(
        this ApiRequest request, IEnumerable<TItem> items, Func<TItem, string> key, Func<TItem, TView> view) =>
        AnswerPageAsync(
            request, request.Query("after") is { } after ? items.Where(i => string.CompareOrdinal(key(i), after) > 0) : items, key, view);

    /// <summary>
    /// Answers with a page of a list in order of time: where the one to go on after is forgotten, all that is left is newer.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="items">All of them: one that no longer fits may still be the one to go on after.</param>
    /// <param name="key">What tells one from the others.</param>
    /// <param name="view">As the wire shows it.</param>
    /// <param name="fits">Which are asked for; null: all.</param>
    public static Task AnswerInOrderAsync<TItem, TView>(
        this ApiRequest request, IEnumerable<TItem> items, Func<TItem, string> key, Func<TItem, TView> view, Func<TItem, bool>? fits = null)
    {
        IReadOnlyList<TItem> all = [.. items];
        int at = all.Count;
        if (request.Query("after") is { } after)
        {
            while (at > 0 && key(all[at - 1]) != after)
            {
                at--;
            }
        }
        else
        {
            at = 0;
        }

        return AnswerPageAsync(request, all.Skip(at).Where(i => fits is null || fits(i)), key, view);
    }

    private static Task AnswerPageAsync<TItem, TView>(
        ApiRequest request, IEnumerable<TItem> items, Func<TItem, string> key, Func<TItem, TView> view)
    {
        long limit = request.Number("limit", 1, MostItems) ?? MostItems;
        var page = new ArrayBufferWriter<byte>();
        page.Write("["u8);
        int count = 0;
        string last = "";
        foreach (TItem item in items)
        {
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(view(item), ApiJson.Strict.GetTypeInfo<TView>());
            if (count == limit || (count > 0 && page.WrittenCount + bytes.Length > MostBytes))
            {
                request.Http.Response.Headers.Link = $"<{Next(request, last)}>; rel=\"next\"";
                break;
            }

            page.Write(count == 0 ? [] : ","u8);
            page.Write(bytes);
            count++;
            last = key(item);
        }

        page.Write("]"u8);
        return request.AnswerAsync(page.WrittenSpan.ToArray(), "application/json");
    }

    private static string Next(ApiRequest request, string last)
    {
        var next = new StringBuilder(request.Http.Request.Path.ToUriComponent()).Append("?after=").Append(Uri.EscapeDataString(last));
        foreach ((string name, var value) in request.Http.Request.Query)
        {
            if (name != "after")
            {
                next.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value.ToString()));
            }
        }

        return next.ToString();
    }
}
