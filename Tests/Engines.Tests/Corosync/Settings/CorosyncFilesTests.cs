using System.Security.Cryptography;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

public sealed class CorosyncFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Conf => Path.Combine(folder.Path, "corosync.conf");

    private string Key => Path.Combine(folder.Path, "authkey");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Settings_are_written_only_when_they_differ()
    {
        CorosyncSettings settings = SettingsSamples.Plain(3);
        Assert.True(CorosyncFiles.WriteSettings(Conf, settings));
        Assert.False(CorosyncFiles.WriteSettings(Conf, settings));
        Assert.True(CorosyncFiles.WriteSettings(Conf, settings.WithoutNode("a")));
        Assert.Equal(settings.WithoutNode("a"), CorosyncFiles.ReadSettings(Conf).Settings);
        Assert.Equal(["corosync.conf"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Errors_leave_the_file_as_it_is()
    {
        CorosyncFiles.WriteSettings(Conf, SettingsSamples.Plain(3));
        string before = File.ReadAllText(Conf);
        Assert.Throws<ArgumentException>(() => CorosyncFiles.WriteSettings(Conf, SettingsSamples.Plain(3) with { TwoNode = true }));
        Assert.Equal(before, File.ReadAllText(Conf));
    }

    [Fact]
    public void What_can_not_be_written_leaves_nothing_behind()
    {
        Directory.CreateDirectory(Path.Combine(Conf, "in the way"));
        Assert.ThrowsAny<Exception>(() => CorosyncFiles.WriteSettings(Conf, SettingsSamples.Plain(3)));
        Assert.Equal([Conf], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_key_is_written_and_read_and_known_by_its_fingerprint()
    {
        AuthKey key = AuthKey.Create();
        Assert.Equal(AuthKey.Length, key.Bytes.Length);
        Assert.NotEqual(key.Fingerprint, AuthKey.Create().Fingerprint);
        CorosyncFiles.WriteKey(Key, AuthKey.Create());
        CorosyncFiles.WriteKey(Key, key);
        Assert.Equal(key.Bytes.ToArray(), File.ReadAllBytes(Key));
        Assert.Equal(key.Fingerprint, CorosyncFiles.ReadKey(Key).Fingerprint);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Key))).ToLowerInvariant(), key.ToString());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Key));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(4097)]
    public void A_key_that_corosync_does_not_take_is_refused(int length)
    {
        File.WriteAllBytes(Key, new byte[length]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Key, UnixFileMode.UserRead);
        }

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CorosyncFiles.ReadKey(Key));
        Assert.Contains("128 to 4096", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AuthKey(new byte[length]));
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        CorosyncFiles.WriteKey(Key, AuthKey.Create());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => CorosyncFiles.ReadKey(Key));
            Assert.Contains($"chmod 0400 '{Key}'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_link_to_the_file_stays()
    {
        if (OperatingSystem.IsWindows())
        {
            // Links need a right there that nobody has by himself.
            return;
        }

        string real = Path.Combine(folder.Path, "real.conf");
        File.WriteAllText(real, "");
        File.CreateSymbolicLink(Conf, real);
        CorosyncFiles.WriteSettings(Conf, SettingsSamples.Plain(3));
        Assert.Equal(real, File.ResolveLinkTarget(Conf, returnFinalTarget: true)?.FullName);
        Assert.Equal(SettingsSamples.Plain(3), CorosyncFiles.ReadSettings(real).Settings);
    }
}
