using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.Api;

/// <content>What differs between two configurations: files, kept versions, the one in force.</content>
internal sealed partial class ConfigurationEndpoints
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private async Task Compare(ApiRequest request)
    {
        var body = await request.ReadAsync<Contract.ConfigurationComparisonRequest>(ConfigurationLimits.FileBytes).ConfigureAwait(false);
        await lookingBack.WaitAsync(request.Aborted).ConfigureAwait(false);
        try
        {
            JsonObject before = await SideAsync(request, body.Before, body.BeforeVersion, "before").ConfigureAwait(false);
            JsonObject after = await SideAsync(request, body.After, body.AfterVersion, "after").ConfigureAwait(false);
            await request.AnswerAsync<Contract.MemberDifference[]>(
                [.. ConfigurationComparison.Between(before, after).Select(StateViews.Difference)]).ConfigureAwait(false);
        }
        finally
        {
            lookingBack.Release();
        }
    }

    /// <summary>One of the two, without its secrets.</summary>
    private static async Task<JsonObject> SideAsync(ApiRequest request, string? text, long? version, string side)
    {
        if (version is { } kept)
        {
            return text is null
                ? ConfigurationComparison.Document(await KeptAsync(request, kept).ConfigureAwait(false), request.IsSecret)
                : throw Problems.BadRequest(
                    $"A text and a version are both given for '{side}'.", "Give one of them, or neither for the one in force.",
                    place: side);
        }

        if (text is null)
        {
            return ConfigurationComparison.Document(request.State.Configuration, request.IsSecret);
        }

        return text.AsSpan().TrimStart("\uFEFF \t\r\n") is ['{', ..] ? OfJson(request, text, side) : OfFile(request, text);
    }

    private static JsonObject OfFile(ApiRequest request, string text)
    {
        ImportResult read = ConfigurationFile.Read("the body", Encoding.UTF8.GetBytes(text), request.Node.Agents.Resources.Types());
        return read.Configuration is { } translated
            ? ConfigurationComparison.Document(translated, request.IsSecret)
            : throw Problems.InvalidConfiguration([.. read.Problems.Select(StateViews.Problem)]);
    }

    // As it stands: also what is wrong in it, or of another cluster, can be compared.
    private static JsonObject OfJson(ApiRequest request, string text, string side)
    {
        JsonObject document;
        try
        {
            document = (JsonObject)JsonNode.Parse(text.TrimStart('\uFEFF'), documentOptions: Strict)!;
        }
        catch (JsonException e)
        {
            throw Problems.BadRequest(
                $"The text of '{side}' is not JSON: {e.Message}", "Test-ClusterConfiguration says what is wrong with it.",
                (int?)e.LineNumber + 1, side);
        }

        ConfigurationComparison.Hide(document, request.IsSecret);
        return document;
    }
}
