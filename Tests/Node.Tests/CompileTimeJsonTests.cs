using ClusterTools.Tests.Json;
using Xunit;

namespace ClusterTools.Node.Tests;

public class CompileTimeJsonTests
{
    [Fact]
    public void What_is_described_at_compile_time_is_written_and_read_as_reflection_does_it()
    {
        (int types, _) = AsByReflection.Compare(
            NodeJson.Options,
            [
                typeof(EventScriptDocument.ScriptQuestion), typeof(EventScriptDocument.ScriptAnswer), typeof(JournalRecord),
                typeof(KeptConfiguration),
                typeof(NodeSettings),
            ]);

        Assert.InRange(types, 15, int.MaxValue);
    }
}
