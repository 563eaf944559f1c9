using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class WatchdogSettingsTests
{
    [Theory]
    [InlineData("/dev/watchdog", "10s", null)]
    [InlineData("/dev/watchdog1", "3s", null)]
    [InlineData("/dev/watchdog", "600s", null)]
    [InlineData("/dev/watchdog", "601s", "the timeout '601s' is not from 3s to 600s")]
    [InlineData("/dev/watchdog", "2s", "the timeout '2s'")]
    [InlineData("/dev/watchdog", "10", "the timeout '10'")]
    [InlineData("/dev/watchdog", "-5s", "the timeout '-5s'")]
    [InlineData("/dev/watchdog", "s", "the timeout 's'")]
    [InlineData("watchdog", "10s", "the device 'watchdog' is no file below /dev")]
    [InlineData("/dev/../etc/passwd", "10s", "the device '/dev/../etc/passwd'")]
    [InlineData("/dev/", "10s", "the device '/dev/'")]
    public void What_is_wrong_is_said_with_its_place_and_the_file_is_not_read(string device, string timeout, string? wrong)
    {
        string folder = Directory.CreateTempSubdirectory("clustertools-node-").FullName;
        try
        {
            File.WriteAllText(
                Path.Combine(folder, NodeSettings.FileName),
                $$"""
                {
                  "node": "n1", "cluster": "c", "engineFolder": "engine", "listen": [],
                  "watchdog": { "device": "{{device}}", "timeout": "{{timeout}}" }
                }
                """);
            if (wrong is null)
            {
                Assert.Equal((device, timeout), (NodeSettings.Read(folder).Watchdog!.Device, NodeSettings.Read(folder).Watchdog!.Timeout));
            }
            else
            {
                string said = Assert.Throws<InvalidDataException>(() => NodeSettings.Read(folder)).Message;
                Assert.Contains(Path.Combine(folder, NodeSettings.FileName), said, StringComparison.Ordinal);
                Assert.Contains(wrong, said, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
