namespace ClusterTools.Engines.Tests.Corosync.Settings;

/// <summary>
/// Files as they are found (data/*.conf). What is expected of one stands at its end, in comments that begin with <c>#=</c>, one for each
/// problem in their order.
/// </summary>
public static class Samples
{
    private const string Prefix = "corosync/";

    public static IEnumerable<TheoryDataRow<string>> Names =>
        typeof(Samples).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => new TheoryDataRow<string>(name[Prefix.Length..]));

    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Samples).Assembly.GetManifestResourceStream(Prefix + name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
