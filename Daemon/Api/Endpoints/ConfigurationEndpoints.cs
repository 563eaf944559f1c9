using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;
using ClusterTools.Node;
using Microsoft.AspNetCore.Http;

namespace ClusterTools.Api;

/// <summary>The configuration: read without secrets, changed by compare-and-set.</summary>
internal sealed partial class ConfigurationEndpoints(Changes changes, ApiServerOptions options) : IDisposable
{

    /// <summary>Bytes of edits that are made together.</summary>
    private const int EditBytes = 1024 * 1024;

    // A node that is a little behind hears of the expected version within this time.
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(2);

    // Reading 16 MiB costs several times as much memory: one at a time, and another one for those who only look at old versions.
    private readonly SemaphoreSlim reading = new(1);
    private readonly SemaphoreSlim lookingBack = new(1);
    private readonly Lock showing = new();
    private WeakReference<ShownConfiguration>? shown;

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/configuration", AccessRole.Viewer, r => Read(r, export: false)),
        new("GET", "/v1/configuration/export", AccessRole.Viewer, r => Read(r, export: true)),
        new("PUT", "/v1/configuration", AccessRole.Administrator,
            r => Change(r, import: false), "dry-run", "show", "expected-version", "reason", "wait", "force"),
        new("POST", "/v1/configuration/edit", AccessRole.Administrator, Edit,
            "dry-run", "show", "expected-version", "reason", "wait", "force"),
        new("POST", "/v1/configuration/import", AccessRole.Administrator,
            r => Change(r, import: true), "dry-run", "show", "expected-version", "reason", "wait", "force"),
        new("POST", "/v1/configuration/compare", AccessRole.Viewer, Compare),
        new("GET", "/v1/configuration/history", AccessRole.Viewer, History, "after", "limit"),
        new("GET", "/v1/configuration/history/{version}", AccessRole.Viewer, Kept),
        new("POST", "/v1/configuration/restore", AccessRole.Administrator, Restore,
            "version", "dry-run", "show", "expected-version", "reason", "wait"),
    ];

    public void Dispose()
    {
        reading.Dispose();
        lookingBack.Dispose();
    }

    private Task Read(ApiRequest request, bool export)
    {
        ClusterConfiguration configuration = request.State.Configuration;
        ShownConfiguration? last;
        lock (showing)
        {
            // However many ask at once, it is written once, and kept for as long as somebody takes it.
            // An agent's metadata may have told of further secrets since.
            int learned = request.AgentMetadataVersion;
            if (shown?.TryGetTarget(out last) != true || !ReferenceEquals(last!.Configuration, configuration) || last.Learned != learned)
            {
                last = new ShownConfiguration(
                    configuration, ConfigurationJson.Write(SecretParameters.Redact(configuration, request.IsSecret)), learned);
                shown = new WeakReference<ShownConfiguration>(last);
            }
        }

        return AnswerAsync(request, last!, export);
    }

    private static async Task AnswerAsync(ApiRequest request, ShownConfiguration shown, bool export)
    {
        ClusterConfiguration configuration = shown.Configuration;
        IHeaderDictionary headers = request.Http.Response.Headers;
        headers.ETag = $"\"{configuration.Version}\"";
        headers.CacheControl = "no-store";
        if (export)
        {
            headers.ContentDisposition = $"attachment; filename=\"{configuration.Name}-{configuration.Version}.json\"";
        }

        await request.AnswerAsync(shown.Content, "application/json").ConfigureAwait(false);
        GC.KeepAlive(shown);
    }

    private static async Task History(ApiRequest request)
    {
        long current = request.State.Configuration.Version;
        long after = request.Number("after", 0, long.MaxValue) ?? 0;
        long limit = request.Number("limit", 1, ConfigurationArchive.Limit) ?? ConfigurationArchive.Limit;
        IReadOnlyList<KeptConfiguration> kept = await ReadAsync(request.Node.Configurations.ReadAllAsync(request.Aborted))
            .ConfigureAwait(false);
        HashSet<long> there = [.. kept.Select(k => k.Version)];
        List<Contract.ConfigurationVersion> page = [];
        long bytes = 0;
        bool more = false;
        foreach (KeptConfiguration version in kept.Where(k => k.Version > after))
        {
            // One version may have changed the names of thousands of groups.
            Contract.ConfigurationVersion view = StateViews.ConfigurationVersion(version, current);
            bytes += JsonSerializer.SerializeToUtf8Bytes(view, ApiJson.Strict.GetTypeInfo<Contract.ConfigurationVersion>()).Length;
            more = page.Count == limit || (page.Count > 0 && bytes > Pages.MostBytes);
            if (more)
            {
                break;
            }

            page.Add(view);
        }

        await request.AnswerAsync(new Contract.ConfigurationHistory
        {
            Node = request.Node.Name,
            Versions = page,
            More = more,
            Missing = [.. Sequence(Math.Max(1, current - ConfigurationArchive.Limit + 1), current).Where(v => !there.Contains(v))],
        }).ConfigureAwait(false);
    }

    private static IEnumerable<long> Sequence(long first, long last)
    {
        for (long version = first; version <= last; version++)
        {
            yield return version;
        }
    }

    private async Task Kept(ApiRequest request)
    {
        string name = request.Name("version");
        if (!long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long version))
        {
            throw Problems.BadRequest(
                "The version is not a whole number.", "Get-ClusterConfigurationHistory lists the versions.", place: "version");
        }

        ShownConfiguration kept;
        await lookingBack.WaitAsync(request.Aborted).ConfigureAwait(false);
        try
        {
            ClusterConfiguration configuration = await KeptAsync(request, version).ConfigureAwait(false);
            kept = new ShownConfiguration(
                configuration, ConfigurationJson.Write(SecretParameters.Redact(configuration, request.IsSecret)),
                request.AgentMetadataVersion);
        }
        finally
        {
            lookingBack.Release();
        }

        await AnswerAsync(request, kept, export: false).ConfigureAwait(false);
    }

    private static async Task<ClusterConfiguration> KeptAsync(ApiRequest request, long version) =>
        await ReadAsync(request.Node.Configurations.ReadAsync(version, request.Aborted)).ConfigureAwait(false)
        ?? throw Problems.VersionNotKept(version, request.Node.Name);

    private static async Task<T> ReadAsync<T>(Task<T> reading)
    {
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw Problems.HistoryUnreadable(e.Message);
        }
    }

    private async Task Restore(ApiRequest request)
    {
        Ask ask = Ask.Of(request, options);
        long version = request.Number("version", 1, long.MaxValue)
            ?? throw Problems.BadRequest(
                "No version is named.", "Send ?version=N; Get-ClusterConfigurationHistory lists the versions.", place: "version");
        if (await AnsweredAsync(request, ask).ConfigureAwait(false))
        {
            return;
        }

        ClusterConfiguration current = await CurrentAsync(request, ask).ConfigureAwait(false);
        ClusterConfiguration kept = await KeptAsync(request, version).ConfigureAwait(false);

        // The grants in force stay: whom a right was taken from does not get it back this way. What ran once is not held up by what its
        // agents say today.
        ClusterConfiguration next = kept with { Version = current.Version + 1, Access = current.Access };
        await ProposeAsync(
            request, ask with { Force = true, Reason = ask.Reason ?? $"version {version} restored" }, current, next, [],
            ConfigurationOrigin.Restore).ConfigureAwait(false);
    }

    private async Task Change(ApiRequest request, bool import)
    {
        Ask ask = Ask.Of(request, options);
        if (await AnsweredAsync(request, ask).ConfigureAwait(false))
        {
            return;
        }

        ClusterConfiguration current = await CurrentAsync(request, ask).ConfigureAwait(false);
        ImportResult read = await ReadAsync(request, current, import).ConfigureAwait(false);
        if (read.Configuration is not { } next)
        {
            throw Problems.InvalidConfiguration([.. read.Problems.Select(StateViews.Problem)]);
        }

        if (import || ask.Expected is not null)
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

        await ProposeAsync(request, ask, current, next, read.Problems, import ? ConfigurationOrigin.Import : ConfigurationOrigin.Put)
            .ConfigureAwait(false);
    }

    private async Task Edit(ApiRequest request)
    {
        Ask ask = Ask.Of(request, options);
        if (await AnsweredAsync(request, ask).ConfigureAwait(false))
        {
            return;
        }

        ConfigurationEditBody body = await request.ReadAsync<ConfigurationEditBody>(EditBytes).ConfigureAwait(false);
        ClusterConfiguration current = await CurrentAsync(request, ask).ConfigureAwait(false);
        ClusterConfiguration next;
        ImmutableArray<ConfigurationProblem> problems;
        await reading.WaitAsync(request.Aborted).ConfigureAwait(false);
        try
        {
            next = ConfigurationEdit.Apply(current, body.Edits) with { Version = current.Version + 1 };
            problems = ConfigurationValidation.Validate(next);
        }
        catch (EditRefusedException e)
        {
            throw Problems.EditRefused(e);
        }
        finally
        {
            reading.Release();
        }

        if (problems.Any(static p => p.Severity == ProblemSeverity.Error))
        {
            throw Problems.InvalidConfiguration([.. problems.Select(StateViews.Problem)]);
        }

        await ProposeAsync(request, ask, current, next, problems, ConfigurationOrigin.Put).ConfigureAwait(false);
    }

    /// <summary>Sent again: its version is in force by now, and would look like a conflict.</summary>
    private static async Task<bool> AnsweredAsync(ApiRequest request, Ask ask)
    {
        if (ask.Dry || Changes.Known(request, ask.Id, OperationKind.ConfigurationSet, null) is not { } known)
        {
            return false;
        }

        await Changes.AnswerAsync(request, known, ask.Wait, null).ConfigureAwait(false);
        return true;
    }

    private async Task ProposeAsync(
        ApiRequest request, Ask ask, ClusterConfiguration current, ClusterConfiguration next, ImmutableArray<ConfigurationProblem> soFar,
        ConfigurationOrigin origin)
    {
        var agents = new AgentCheck(request.Node.Agents, request.Node.Name, ask.Force);
        ImmutableArray<ConfigurationProblem> found =
        [
            .. soFar, .. ConfigurationValidation.ValidateChange(current, next), .. OwnAccess(request, next),
            .. await FenceMethodCheck.MethodsWithoutProofAsync(request.Node.Agents, current, next, request.Aborted).ConfigureAwait(false),
            .. await AgentsAsync(request, agents, current, next).ConfigureAwait(false),
        ];
        Contract.ConfigurationProblem[] problems = [.. found.Select(StateViews.Problem)];
        if (found.Any(p => p.Severity == ProblemSeverity.Error))
        {
            throw Problems.InvalidConfiguration(
                problems, agentsMissing: found.All(p => p.Severity != ProblemSeverity.Error || agents.IsMissingHere(p)));
        }

        if (ask.Dry)
        {
            ClusterState state = request.Node.State;
            Contract.ConfigurationCheck check = Check(
                current, next, problems, ask.Show, g => state.Groups.GetValueOrDefault(g)?.Owner, request.IsSecret);
            check.Refused = state.Configuration.Version == current.Version ? Cluster.ObstacleTo(state, next) : null;
            check.Quorum = Description.QuorumOf(state with { Configuration = next });
            await request.AnswerAsync(check).ConfigureAwait(false);
            return;
        }

        OperationState operation = await changes.SubmitAsync(
            request, new ConfigurationRequest(ask.Id, request.Caller.Who, next, ask.Reason, origin), OperationKind.ConfigurationSet, null)
            .ConfigureAwait(false);
        if (operation.Phase == OperationPhase.Failed && request.Node.State.Configuration.Version is var now && now != current.Version)
        {
            throw Problems.VersionConflict(current.Version, now, ask.Precondition);
        }

        await Changes.AnswerAsync(request, operation, ask.Wait, problems).ConfigureAwait(false);
    }

    private async Task<ImportResult> ReadAsync(ApiRequest request, ClusterConfiguration current, bool import)
    {
        // It is here as a whole before its turn begins: whoever sends slowly holds up nobody.
        using HeldBytes held = request.Hold();
        ReadOnlyMemory<byte> content = await request.ReadBytesAsync(ConfigurationLimits.FileBytes, held).ConfigureAwait(false);
        await reading.WaitAsync(request.Aborted).ConfigureAwait(false);
        try
        {
            return import && content.Span.TrimStart("\uFEFF \t\r\n"u8) is not [(byte)'{', ..]
                ? ConfigurationFile.Read("the body", content, request.Node.Agents.Resources.Types())
                : ConfigurationJson.Read(content, current);
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>The configuration in force here; a node that is a little behind is given time to hear of the version expected.</summary>
    /// <exception cref="ApiException">It is another version.</exception>
    private static async Task<ClusterConfiguration> CurrentAsync(ApiRequest request, Ask ask)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(CatchUp);
        while (true)
        {
            Task change = request.Node.WaitForChangeAsync(limit.Token);
            ClusterConfiguration current = request.Node.State.Configuration;
            if (ask.Expected is null || current.Version >= ask.Expected)
            {
                return Expected(current);
            }

            try
            {
                await change.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
            {
                return Expected(request.Node.State.Configuration);
            }
        }

        ClusterConfiguration Expected(ClusterConfiguration current) => ask.Expected is { } version && version != current.Version
            ? throw Problems.VersionConflict(version, current.Version, ask.Precondition)
            : current;
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

    private async Task<ImmutableArray<ConfigurationProblem>> AgentsAsync(
        ApiRequest request, AgentCheck agents, ClusterConfiguration current, ClusterConfiguration next)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(options.SubmitLimit);
        try
        {
            return await agents.FindAsync(current, next, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            return
            [
                new ConfigurationProblem(
                    ProblemSeverity.Warning, "groups",
                    $"The agents did not tell within {options.SubmitLimit.TotalSeconds:0} s what parameters they take, so that not all "
                        + "are checked.",
                    "Nothing, if they are known to be right."),
            ];
        }
    }

    private static Contract.ConfigurationCheck Check(
        ClusterConfiguration current, ClusterConfiguration next, Contract.ConfigurationProblem[] problems, bool show,
        Func<string, string?> owner, Func<string, string, bool> secrets)
    {
        Contract.PlanStep[] steps = PlanViews.Change(current, next, owner);
        var effect = ConfigurationEffect.Of(
            current, next,
            steps.Where(s => s is { Action: Contract.PlanAction.Stop, Group: not null, Resource: not null })
                .Select(s => (s.Group!, s.Resource!)),
            secrets);
        NameDifference groups = effect.Names.Groups;
        return new Contract.ConfigurationCheck
        {
            Version = next.Version,
            Unchanged = ConfigurationEquality.Same(current with { Version = next.Version }, next),
            Problems = problems,
            Effect = StateViews.Effect(effect, owner),
            GroupsAdded = groups.Added,
            GroupsChanged = groups.Changed,
            GroupsRemoved = groups.Removed,
            Steps = steps,
            Configuration = show ? Encoding.UTF8.GetString(ConfigurationJson.Write(SecretParameters.Redact(next, secrets))) : null,
        };
    }

    /// <summary>A configuration as it is shown: without secrets.</summary>
    private sealed record ShownConfiguration(ClusterConfiguration Configuration, byte[] Content, int Learned);

    /// <summary>What every change of the configuration is asked with.</summary>
    private sealed record Ask(
        string Id, bool Dry, bool Show, bool? Force, TimeSpan? Wait, string? Reason, long? Expected, bool Precondition)
    {
        public static Ask Of(ApiRequest request, ApiServerOptions options)
        {
            bool dry = request.Flag("dry-run");
            TimeSpan? wait = request.Wait(options.MaxWait);
            string? reason = Words.Checked(request.Query("reason"), "reason", TextLimits.Reason);

            long? expected = ExpectedVersion.Of(
                request, request.Node.State.Configuration.Version, "GET /v1/configuration", out bool precondition);
            return new Ask(
                request.RequestId(null), dry, request.Flag("show"), request.Query("force") is null ? null : request.Flag("force"), wait,
                reason, expected, precondition);
        }
    }
}
