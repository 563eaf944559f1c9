using ClusterTools.Contract;
using Xunit;

namespace ClusterTools.Api.Tests;

public sealed class DisarmTests
{
    [Fact]
    public async Task A_disarmed_cluster_says_so_wherever_it_is_looked_at_until_it_is_armed()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        Assert.Null((await http.GetAsync("/v1/cluster").ReadAsync<ClusterStatus>()).Disarmed);
        Assert.Contains("\nclustertools_disarmed 0\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);

        Operation done = await http.PostAsync(
            "/v1/cluster/disarm?wait=30", Json("""{"reason":"a new switch"}""")).ReadAsync<Operation>();
        Assert.Equal(("cluster.disarm", OperationPhase.Succeeded), (done.Kind, done.Phase));
        Disarmament disarmed = (await http.GetAsync("/v1/cluster").ReadAsync<ClusterStatus>()).Disarmed!;
        Assert.Equal("a new switch", disarmed.Reason);
        Assert.Equal(done.Who, disarmed.Who);
        Assert.StartsWith($"DISARMED by {done.Who} ", disarmed.Description, StringComparison.Ordinal);
        Assert.Contains("\nclustertools_disarmed 1\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);

        done = await http.PostAsync("/v1/cluster/arm?wait=30", null).ReadAsync<Operation>();
        Assert.Equal(("cluster.arm", OperationPhase.Succeeded), (done.Kind, done.Phase));
        Assert.Null((await http.GetAsync("/v1/cluster").ReadAsync<ClusterStatus>()).Disarmed);
    }

    [Fact]
    public async Task Only_an_administrator_disarms_and_arms()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        foreach (string what in new[] { "disarm", "arm" })
        {
            HttpResponseMessage answer = await http.PostAsync($"/v1/cluster/{what}", null);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    private static StringContent Json(string text) => new(text, null, "application/json");
}
