using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Tests.Json;
using Xunit;

namespace ClusterTools.Core.Tests.Json;

public class CompileTimeJsonTests
{
    private static readonly Type[] Roots =
        [typeof(ClusterState), typeof(EventEnvelope), typeof(ClusterConfiguration), typeof(ConfigurationDifference)];

    [Fact]
    public void What_is_described_at_compile_time_is_written_and_read_as_reflection_does_it()
    {
        (int types, int texts) = AsByReflection.Compare(CoreJson.Options, Roots);

        Assert.InRange(types, 100, int.MaxValue);
        Assert.InRange(texts, 10_000, int.MaxValue);
    }

    [Fact]
    public void The_form_for_people_is_written_as_reflection_does_it() =>
        Assert.Equal(
            JsonSerializer.Serialize(Filled.Of(typeof(ClusterConfiguration)), AsByReflection.Of(CoreJson.Indented)),
            JsonSerializer.Serialize(Filled.Of(typeof(ClusterConfiguration)), typeof(ClusterConfiguration), CoreJson.Indented));

    [Fact]
    public void A_kind_of_collection_or_enum_that_is_not_listed_is_refused() =>
        Assert.Contains(
            "ListedConverters",
            Assert.Throws<NotSupportedException>(
                () => CoreJson.Options.With(new DefaultJsonTypeInfoResolver()).GetTypeInfo<ImmutableArray<Guid>>()).Message,
            StringComparison.Ordinal);
}
