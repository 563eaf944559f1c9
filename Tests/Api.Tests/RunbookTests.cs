using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class RunbookTests
{
    private static async Task<HttpResponseMessage> PutAsync(
        HttpClient http, string name, string content, string query = "", string? ifMatch = null, bool ifNone = false)
    {
        using var message =
            new HttpRequestMessage(
                HttpMethod.Put,
                $"/v1/runbooks/{Uri.EscapeDataString(name)}{query}") { Content =
                new StringContent(content, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            message.Headers.IfMatch.Add(new EntityTagHeaderValue(ifMatch));
        }

        if (ifNone)
        {
            message.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        }

        return await http.SendAsync(message);
    }

    [Fact]
    public async Task A_runbook_is_kept_as_it_was_written_and_changed_from_its_version_only()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        const string content = """{ "step": 1, "done": ["node1"] }""";
        Operation done = await PutAsync(http, "rolling update", content, "?wait=5", ifNone: true).ReadAsync<Operation>();
        Assert.Equal(("runbook.set", "rolling update", OperationPhase.Succeeded), (done.Kind, done.Target, done.Phase));
        using HttpResponseMessage response = await http.GetAsync("/v1/runbooks/rolling%20update");
        Runbook book = await response.ReadAsync<Runbook>();
        Assert.Equal(content, book.Content);
        Assert.Equal(content.Length, book.Length);
        Assert.StartsWith("oscar (", book.Who, StringComparison.Ordinal);
        Assert.Equal($"\"{book.Version}\"", response.Headers.ETag!.Tag);
        Runbook listed = Assert.Single(await api.Http(api.Viewer).GetAsync("/v1/runbooks").ReadAsync<Runbook[]>());
        Assert.Equal((book.Version, null), (listed.Version, listed.Content));

        await PutAsync(http, "rolling update", "{}", ifNone: true).ProblemAsync(412, ProblemCodes.VersionConflict);
        await PutAsync(http, "rolling update", "2", ifMatch: response.Headers.ETag!.Tag).ReadAsync<Operation>();
        Problem late = await PutAsync(http, "rolling update", "3", $"?expected-version={book.Version}")
            .ProblemAsync(409, ProblemCodes.VersionConflict);
        Runbook second = await http.GetAsync("/v1/runbooks/rolling%20update").ReadAsync<Runbook>();
        Assert.Equal(("2", late.CurrentVersion), (second.Content, second.Version));
        await PutAsync(http, "rolling update", "4").ReadAsync<Operation>();
        await PutAsync(http, "other", "1", ifMatch: "\"5\"").ProblemAsync(412, ProblemCodes.VersionConflict);

        await http.DeleteAsync($"/v1/runbooks/rolling%20update?expected-version={book.Version}")
            .ProblemAsync(409, ProblemCodes.VersionConflict);
        await http.DeleteAsync("/v1/runbooks/rolling%20update").ReadAsync<Operation>();
        await http.GetAsync("/v1/runbooks/rolling%20update").ProblemAsync(404, ProblemCodes.NotFound);
        await http.DeleteAsync("/v1/runbooks/rolling%20update").ProblemAsync(404, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task What_is_no_runbook_is_refused_with_its_place()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        await PutAsync(http, "x", "{").ProblemAsync(400, ProblemCodes.BadRequest);
        await PutAsync(http, "x", "").ProblemAsync(400, ProblemCodes.BadRequest);
        await PutAsync(http, new string('x', 65), "1").ProblemAsync(400, ProblemCodes.BadRequest);
        await PutAsync(http, "x", $"\"{new string('x', 16 * 1024)}\"").ProblemAsync(413, ProblemCodes.TooLarge);
        await PutAsync(api.Http(api.Viewer), "x", "1").ProblemAsync(403, ProblemCodes.RoleRequired);
        for (int i = 0; i < Core.Cluster.MaxRunbooks; i++)
        {
            await PutAsync(http, $"x{i}", "1").ReadAsync<Operation>();
        }

        Problem full = await PutAsync(http, "one more", "1").ProblemAsync(409, ProblemCodes.Refused);
        Assert.Contains("limit", full.Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await PutAsync(http, "x0", "2")).StatusCode);
    }
}
