using System.Reflection;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace ClusterTools.Mutation;

/// <summary>A test of the Core, or one row of a theory, called as xunit would.</summary>
internal sealed class TestCheck(MethodInfo method, object?[] arguments, string name) : Check(Stage.Test, name)
{
    public override void Run()
    {
        object? instance = method.IsStatic ? null : Activator.CreateInstance(method.ReflectedType!);
        try
        {
            (instance as IAsyncLifetime)?.InitializeAsync().AsTask().GetAwaiter().GetResult();
            if (method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null) is Task task)
            {
                task.GetAwaiter().GetResult();
            }
        }
        finally
        {
            if (instance is IAsyncDisposable ends)
            {
                ends.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
            else
            {
                (instance as IDisposable)?.Dispose();
            }
        }
    }

    /// <summary>All of them but those that are scenario files.</summary>
    public static IEnumerable<TestCheck> All() =>
        from type in typeof(ScenarioTests).Assembly.GetTypes()
        where type != typeof(ScenarioTests) && type is { IsAbstract: false, ContainsGenericParameters: false }
        from test in type.GetMethods()
        where test.GetCustomAttributes().OfType<IFactAttribute>().Any(f => f is { Skip: null, Explicit: false })
        from check in Of(test)
        select check;

    private static IEnumerable<TestCheck> Of(MethodInfo test)
    {
        string name = $"{test.ReflectedType!.Name}.{test.Name}";
        if (!test.GetCustomAttributes().OfType<ITheoryAttribute>().Any())
        {
            return [new TestCheck(test, [], name)];
        }

        var tracker = new DisposalTracker();
        ITheoryDataRow[] rows =
        [
            .. test.GetCustomAttributes().OfType<IDataAttribute>()
                .SelectMany(data => data.GetData(test, tracker).AsTask().GetAwaiter().GetResult()),
        ];
        int parameters = test.GetParameters().Length;
        return rows.Select((row, i) => new TestCheck(
            test,
            [.. row.GetData(), .. Enumerable.Repeat<object?>(Type.Missing, Math.Max(0, parameters - row.GetData().Length))],
            $"{name} {(row.GetData() is [string { Length: < 60 } word, ..] && !word.Any(char.IsControl) ? word : i + 1)}"));
    }
}
