using System.Diagnostics;
using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <content>What each server says of itself, instead of what any of them says of the cluster.</content>
public sealed partial class ClusterClient
{
    /// <summary>The caller, as the cluster knows him.</summary>
    public Task<Identity> GetIdentityAsync(CancellationToken cancellationToken) => GetAsync<Identity>("/v1/me", cancellationToken);

    /// <summary>Asks every server of the context itself, all at once. Who does not answer within three seconds is told of, too.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<ClusterNodeHealth[]> GetHealthAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(servers.Select(s => HealthOfAsync(s, cancellationToken)));

    /// <summary>How many servers of the context still answer, if only to say that they are stopping.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> CountAnsweringAsync(CancellationToken cancellationToken)
    {
        bool[] speak = await Task.WhenAll(servers.Select(async server =>
        {
            try
            {
                using HttpResponseMessage response = await AskAsync(HealthRequest(server), cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (ClusterException e)
            {
                return e is not ClusterUnreachableException;
            }
        })).ConfigureAwait(false);
        return speak.Count(static s => s);
    }

    private static ClusterRequest HealthRequest(Uri server) => new(HttpMethod.Get, "/v1/health") { Only = server, Limit = SilenceLimit };

    private async Task<ClusterNodeHealth> HealthOfAsync(Uri server, CancellationToken cancellationToken)
    {
        ClusterRequest request = HealthRequest(server);
        var health = new ClusterNodeHealth { Server = server.GetLeftPart(UriPartial.Authority) };
        try
        {
            // The first question may have to connect; the second tells how long a question takes.
            Health told = await HealthOnceAsync(request, cancellationToken).ConfigureAwait(false);
            long before = Now();
            var watch = Stopwatch.StartNew();
            told = await HealthOnceAsync(request, cancellationToken).ConfigureAwait(false);
            health.RoundTrip = watch.Elapsed;
            health.Node = told.Node;
            health.Answers = true;
            health.Incarnation = told.Incarnation;
            health.Version = told.Version;
            health.Quorum = told.Quorum;
            health.ConfigurationVersion = told.ConfigurationVersion;
            health.ConfigurationHash = told.ConfigurationHash;
            health.CertificateExpires = told.CertificateExpires;
            health.Message = told.CommitsFail ?? told.DiskTrouble ?? "";
            health.ClockOffset = told.Now == 0
                ? null
                : TimeSpan.FromMilliseconds(told.Now - before - (watch.Elapsed.TotalMilliseconds / 2));
        }
        catch (ClusterApiException e)
        {
            health.Message = e.Message;
        }
        catch (InvalidDataException e)
        {
            health.Message = $"answered with something that is not understood: {e.Message}";
        }
        catch (ClusterUnreachableException e) when (e.InnerException is { } silence)
        {
            health.Message = Words(silence);
        }

        return health;
    }

    private async Task<Health> HealthOnceAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        using Stream content = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        return json.Read<Health>(content);
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
