namespace ClusterTools.Lab.Tests;

public sealed class LabProgramTests
{
    [Fact]
    public async Task A_program_in_the_place_of_clusterd_starts_the_power_sockets_and_the_daemons()
    {
        using var folder = new TemporaryFolder();
        string program =
            folder.Write(
                "program with blanks", $"#!/bin/sh\necho \"$1 $2\" >> '{folder.In("calls")}'\nshift\nexec '{Clusterd.Path}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using (
            LabCluster lab =
            LabCluster.Start(
                new LabOptions { Program = [program, "a word"], Nodes = 1, Folder = folder.In("lab"), BasePort = 0, Quiet = true }))
        {
            using var limit = new CancellationTokenSource(TestLab.Limit);
            await lab.WaitUntilReadyAsync(limit.Token);
        }

        // The daemon may have asked its fence agent what it says of itself, too.
        string[] calls = await File.ReadAllLinesAsync(folder.In("calls"), TestContext.Current.CancellationToken);
        Assert.Equal(["a word lab-node", "a word run"], calls.Where(static call => call != "a word fence-lab"));
    }
}
