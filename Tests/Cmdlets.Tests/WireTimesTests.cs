using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>Times of the API: numbers and texts on the wire, TimeSpan and local time at the prompt.</summary>
public sealed class WireTimesTests
{
    // What is called so counts something else, or is read by programs alone.
    private static readonly HashSet<string> Counts = ["Health.Now"];

    private static IEnumerable<PropertyInfo> Members =>
        typeof(GroupStatus).Assembly.GetExportedTypes().Where(t => t.IsClass).SelectMany(t => t.GetProperties());

    // What Get-ClusterQuorum makes of others is not on the wire.
    public static TheoryData<Type> TypesWithDurations =>
        [.. Members.Where(p => Bare(p) == typeof(TimeSpan)).Select(p => p.DeclaringType!).Distinct().Except([typeof(QuorumStatus)])];

    [Fact]
    public void No_duration_and_no_time_is_a_number_whose_unit_one_must_know()
    {
        string[] words =
            ["Timeout", "Interval", "Duration", "Remaining", "For", "In", "Time", "Since", "Until", "At", "Now", "Expires", "Ago", "Delay"];
        Assert.Empty(Members
            .Where(p => Bare(p) == typeof(int) || Bare(p) == typeof(long) || Bare(p) == typeof(double))
            .Where(
                p =>
                words.Any(w => p.Name == w
                    || (p.Name.EndsWith(w, StringComparison.Ordinal) && char.IsLower(p.Name[p.Name.Length - w.Length - 1]))))
            .Select(p => $"{p.DeclaringType!.Name}.{p.Name}")
            .Except([.. Counts, "ConfigurationVersion.Since"]));
    }

    [Theory]
    [MemberData(nameof(TypesWithDurations))]
    public void A_duration_is_a_whole_number_on_the_wire_and_the_module_reads_what_the_daemon_writes(Type type)
    {
        object thing = Activator.CreateInstance(type)!;
        PropertyInfo[] durations = [.. type.GetProperties().Where(p => Bare(p) == typeof(TimeSpan))];
        for (int i = 0; i < durations.Length; i++)
        {
            durations[i].SetValue(thing, TimeSpan.FromSeconds(61 + i));
        }

        string text = JsonSerializer.Serialize(thing, type, Api.ApiJson.Strict);
        JsonObject wire = JsonNode.Parse(text)!.AsObject();
        object read = typeof(ApiJson).GetMethods()
            .Single(m => m.Name == nameof(ApiJson.Read) && m.GetParameters()[0].ParameterType == typeof(string)).MakeGenericMethod(type)
            .Invoke(null, [text])!;
        string again = System.Text.Encoding.UTF8.GetString(ApiJson.Write(read));
        object back = JsonSerializer.Deserialize(again, type, Api.ApiJson.Lenient)!;
        for (int i = 0; i < durations.Length; i++)
        {
            bool seconds = durations[i].GetCustomAttribute<OnWireAttribute>() is not null;
            Assert.Equal((61 + i) * (seconds ? 1 : 1000), (long)wire[JsonNamingPolicy.CamelCase.ConvertName(durations[i].Name)]!);
            Assert.Equal(TimeSpan.FromSeconds(61 + i), durations[i].GetValue(read));
            Assert.Equal(TimeSpan.FromSeconds(61 + i), durations[i].GetValue(back));
        }
    }

    [Fact]
    public void A_duration_that_is_not_there_stays_away()
    {
        Assert.DoesNotContain("retryIn", JsonSerializer.Serialize(new GroupStatus(), Api.ApiJson.Strict));
        Assert.Null(ApiJson.Read<GroupStatus>("""{"retryIn":null}""").RetryIn);
        Assert.ThrowsAny<Newtonsoft.Json.JsonException>(() => ApiJson.Read<GroupStatus>("""{"retryIn":9223372036854775807}"""));
        Assert.ThrowsAny<JsonException>(
            () => JsonSerializer.Deserialize<GroupStatus>("""{"retryIn":9223372036854775807}""", Api.ApiJson.Lenient));
    }

    [Fact]
    public void A_point_in_time_is_read_on_the_clock_of_this_machine()
    {
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        string text = JsonSerializer.Serialize(new ClusterStatus { CommitsFailSince = at }, Api.ApiJson.Strict);
        Assert.Contains($"\"commitsFailSince\":{at.ToUnixTimeMilliseconds()}", text);
        DateTimeOffset since = ApiJson.Read<ClusterStatus>(text).CommitsFailSince!.Value;
        DateTimeOffset entry = ApiJson.Read<JournalEntry>("""{"at":"2026-01-31T08:00:00+00:00"}""").At!.Value;
        Assert.Equal((at, at.ToLocalTime().Offset), (since, since.Offset));
        Assert.Equal((at, at.ToLocalTime().Offset), (entry, entry.Offset));
    }

    private static Type Bare(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
}
