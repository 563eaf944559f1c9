using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class StateDiskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_can_not_be_written_is_told_once_and_so_is_its_end()
    {
        // A folder in the place of its file: as root nothing else refuses to be written.
        string inTheWay = Path.Combine(folder, "disk.probe");
        Directory.CreateDirectory(inTheWay);
        var troubled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var well = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = new CancellationTokenSource();
        // Told twice, the second result would throw.
        var disk = new StateDisk(folder, TimeSpan.FromMilliseconds(10), troubled.SetResult, well.SetResult);
        Task watching = disk.WatchAsync(end.Token);
        string told = await troubled.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("can't be written", told);
        Assert.Equal(told, disk.Trouble);
        Assert.Equal(1, disk.Metric.Value);
        Directory.Delete(inTheWay);
        Assert.Contains("can be written again", await well.Task.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Null(disk.Trouble);
        await end.CancelAsync();
        await watching;
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }
}
