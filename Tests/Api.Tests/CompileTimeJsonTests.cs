using System.Text.Json;
using ClusterTools.Contract;
using ClusterTools.Tests.Json;

namespace ClusterTools.Api.Tests;

public class CompileTimeJsonTests
{
    [Fact]
    public void What_is_described_at_compile_time_is_written_and_read_as_reflection_does_it()
    {
        Type[] roots = [.. typeof(ClusterStatus).Assembly.GetExportedTypes().Where(t => ApiJson.Strict.TryGetTypeInfo(t, out _))];
        foreach (JsonSerializerOptions options in (JsonSerializerOptions[])[ApiJson.Strict, ApiJson.Lenient])
        {
            (int types, int texts) = AsByReflection.Compare(options, roots, WireTimes.Form);

            Assert.InRange(types, 60, int.MaxValue);
            Assert.InRange(texts, 5_000, int.MaxValue);
        }
    }
}
