using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Microsoft.AspNetCore.Http;

namespace ClusterTools.Api;

/// <summary>The configuration: read without secrets, changed by compare-and-set.</summary>
internal sealed class ConfigurationEndpoints(Changes changes, ApiServerOptions options) : IDisposable
{
    private const string Kind = "configuration.set";

    private const int LongestReason = 1000;

    // A node that is a little behind hears of the expected version within this time.
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(2);

    // Reading 16 MiB costs several times as much memory: one at a time.
    private readonly SemaphoreSlim reading = new(1);

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/configuration", AccessRole.Viewer, r => Read(r, export: false)),
        new("GET", "/v1/configuration/export", AccessRole.Viewer, r => Read(r, export: true)),
        new("PUT", "/v1/configuration", AccessRole.Administrator, r => Change(r, import: false), "dry-run", "expected-version", "reason", "wait"),
        new("POST", "/v1/configuration/import", AccessRole.Administrator, r => Change(r, import: true), "dry-run", "expected-version", "reason", "wait"),
    ];

    public void Dispose() => reading.Dispose();

    private static Task Read(ApiRequest request, bool export)
    {
        ClusterConfiguration configuration = request.State.Configuration;
        IHeaderDictionary headers = request.Http.Response.Headers;
        headers.ETag = $"\"{configuration.Version}\"";
        headers.CacheControl = "no-store";
        if (export)
        {
            headers.ContentDisposition = $"attachment; filename=\"{configuration.Name}-{configuration.Version}.json\"";
        }

        return request.AnswerAsync(ConfigurationJson.Write(SecretParameters.Redact(configuration)), "application/json");
    }

    private async Task Change(ApiRequest request, bool import)
    {
        bool dry = request.Flag("dry-run");
        TimeSpan? wait = request.Wait(options.MaxWait);
        string? reason = request.Query("reason");
        if (reason?.Length > LongestReason)
        {
            throw Problems.BadRequest($"The reason is longer than {LongestReason} characters.", "Shorten it.", place: "reason");
        }

        long? expected = Expected(request, out bool precondition);
        string id = request.RequestId(null);
        if (!dry && Changes.Known(request, id, Kind, null) is { } known)
        {
            // Sent again: its version is in force by now, and would look like a conflict.
            await Changes.AnswerAsync(request, known, wait, null).ConfigureAwait(false);
            return;
        }

        ClusterConfiguration current = await CurrentAsync(request, expected).ConfigureAwait(false);
        if (expected is { } version && version != current.Version)
        {
            throw Problems.VersionConflict(version, current.Version, precondition);
        }

        ImportResult read = await ReadAsync(request, current, import).ConfigureAwait(false);
        if (read.Configuration is not { } next)
        {
            throw Problems.InvalidConfiguration([.. read.Problems.Select(StateViews.Problem)]);
        }

        if (import || expected is not null)
        {
            next = next with { Version = current.Version + 1 };
        }
        else if (next.Version != current.Version + 1)
        {
            throw Problems.VersionConflict(next.Version - 1, current.Version, precondition: false);
        }

        if (import && next.Access.IsEmpty)
        {
            // A cluster.conf knows nothing of certificates.
            next = next with { Access = current.Access };
        }

        ImmutableArray<ConfigurationProblem> found = [.. read.Problems, .. ConfigurationValidation.ValidateChange(current, next), .. OwnAccess(request, next)];
        Contract.ConfigurationProblem[] problems = [.. found.Select(StateViews.Problem)];
        if (found.Any(p => p.Severity == ProblemSeverity.Error))
        {
            throw Problems.InvalidConfiguration(problems);
        }

        if (dry)
        {
            await request.AnswerAsync(Check(current, next, problems)).ConfigureAwait(false);
            return;
        }

        OperationState operation = await changes.SubmitAsync(
            request, new ConfigurationRequest(id, request.Caller.Who, next, reason), Kind, null).ConfigureAwait(false);
        if (operation.Phase == OperationPhase.Failed && request.Node.State.Configuration.Version is var now && now != current.Version)
        {
            throw Problems.VersionConflict(current.Version, now, precondition);
        }

        await Changes.AnswerAsync(request, operation, wait, problems).ConfigureAwait(false);
    }

    private async Task<ImportResult> ReadAsync(ApiRequest request, ClusterConfiguration current, bool import)
    {
        await reading.WaitAsync(request.Aborted).ConfigureAwait(false);
        try
        {
            ReadOnlyMemory<byte> content = await request.ReadBytesAsync(ConfigurationLimits.FileBytes).ConfigureAwait(false);
            return import && content.Span.TrimStart("\uFEFF \t\r\n"u8) is not [(byte)'{', ..]
                ? ConfigurationFile.Read("the body", content)
                : ConfigurationJson.Read(content, current);
        }
        finally
        {
            reading.Release();
        }
    }

    private static async Task<ClusterConfiguration> CurrentAsync(ApiRequest request, long? expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(CatchUp);
        while (true)
        {
            Task change = request.Node.WaitForChangeAsync(limit.Token);
            ClusterConfiguration current = request.Node.State.Configuration;
            if (expected is null || current.Version >= expected)
            {
                return current;
            }

            try
            {
                await change.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
            {
                return request.Node.State.Configuration;
            }
        }
    }

    private static long? Expected(ApiRequest request, out bool precondition)
    {
        long? inQuery = request.Number("expected-version", 0, long.MaxValue);
        string header = request.Http.Request.Headers.IfMatch.ToString();
        precondition = header.Length > 0;
        if (!precondition)
        {
            return inQuery;
        }

        if (header == "*")
        {
            return inQuery ?? request.Node.State.Configuration.Version;
        }

        string text = header.StartsWith("W/", StringComparison.Ordinal) ? header[2..] : header;
        if (!long.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long version))
        {
            throw Problems.BadRequest("If-Match is not a version.", "Send the ETag of GET /v1/configuration, such as If-Match: \"7\".", place: "If-Match");
        }

        return inQuery is null || inQuery == version
            ? version
            : throw Problems.BadRequest("If-Match and expected-version differ.", "Give the version in one place.", place: "If-Match");
    }

    private static IEnumerable<ConfigurationProblem> OwnAccess(ApiRequest request, ClusterConfiguration next)
    {
        string mine = request.Caller.Fingerprint;
        if (!next.Access.TryGetValue(mine, out AccessGrant? grant) || grant.Role < AccessRole.Administrator)
        {
            yield return new ConfigurationProblem(
                ProblemSeverity.Warning, $"access/{mine}", "With this configuration you are no longer an administrator.",
                "Nothing, if that is meant; another administrator remains.");
        }
    }

    private static Contract.ConfigurationCheck Check(ClusterConfiguration current, ClusterConfiguration next, Contract.ConfigurationProblem[] problems) => new()
    {
        Version = next.Version,
        Problems = problems,
        GroupsAdded = [.. next.Groups.Keys.Where(g => !current.Groups.ContainsKey(g))],
        GroupsChanged = [.. next.Groups.Values.Where(g => current.Groups.TryGetValue(g.Name, out GroupConfiguration? old) && !ConfigurationEquality.Same(old, g)).Select(g => g.Name)],
        GroupsRemoved = [.. current.Groups.Keys.Where(g => !next.Groups.ContainsKey(g))],
    };
}
