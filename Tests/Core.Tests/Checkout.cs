namespace ClusterTools.Core.Tests;

/// <summary>The checkout that this was built in, for whoever reads its sources.</summary>
internal static class Checkout
{
    // The compiler's word for where a source stands is not where it is in a reproducible build.
    public static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClusterTools.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder
            ?? throw new DirectoryNotFoundException(
                $"No ClusterTools.slnx stands above '{AppContext.BaseDirectory}'. Run this in a checkout: it reads sources.");
    }
}
