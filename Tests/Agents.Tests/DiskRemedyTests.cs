namespace ClusterTools.Agents.Tests;

public sealed class DiskRemedyTests
{
    [Fact]
    public void A_full_disk_is_told_with_what_to_do()
    {
        IOException full = Assert.Throws<IOException>(() => File.WriteAllText("/dev/full", "x"));
        Assert.Contains("df -h", DiskRemedy.With(full), StringComparison.Ordinal);
        Assert.Contains("/dev/full", DiskRemedy.With(full), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_file_system_is_told_with_what_to_do() =>
        Assert.Contains("remount,rw", DiskRemedy.With(new IOException("Read-only file system : '/x'", 30)), StringComparison.Ordinal);

    [Fact]
    public void A_message_that_has_its_own_remedy_is_left_alone()
    {
        UnauthorizedAccessException said = new("The folder '/x' is open to others. Run: chmod -R go= '/x'");
        Assert.Equal(said.Message, DiskRemedy.With(said));
        Assert.Contains(
            "chown", DiskRemedy.With(new UnauthorizedAccessException("Access to the path '/x' is denied.")), StringComparison.Ordinal);
    }
}
