using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

public sealed class CorosyncFileTests
{
    private static readonly int[] Seeds = [.. Enumerable.Range(1, 300)];

    [Fact]
    public void A_file_reads_like_one_that_was_written_by_hand()
    {
        CorosyncSettings settings = SettingsSamples.Plain(2, links: 2) with
        {
            Version = 7,
            Timing = CorosyncTiming.Lan,
            Links = [new CorosyncLink { Number = 1, Priority = 10 }],
            LogFile = "/var/log/corosync/corosync.log",
        };
        string text = CorosyncFile.Write(settings.WithDevice(SettingsSamples.Arbiter));
        Assert.Equal(Samples.Read("written"), text);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        foreach (int seed in Seeds)
        {
            CorosyncSettings settings = SettingsSamples.Random(new Random(seed));
            Assert.True(!HasErrors(settings), $"seed {seed}: {string.Join('\n', CorosyncCheck.Problems(settings))}");
            string text = CorosyncFile.Write(settings);
            CorosyncReading reading = CorosyncFile.Read(text);
            Assert.True(settings.Equals(reading.Settings), $"seed {seed}: {text}\n\n{CorosyncWriter.Text(reading.Settings)}");
            // Whatever it has to say of them, it has to say of the values, and nothing of the file.
            Assert.Equal(CorosyncCheck.Problems(settings).Select(p => (p.Place, p.Message)).Order(),
                reading.Problems.Select(p => (p.Place, p.Message)).Order());
            Assert.Empty(CorosyncDifference.Between(settings, reading.Settings));
        }
    }

    [Fact]
    public void What_is_made_of_right_settings_is_right_and_has_the_next_version()
    {
        foreach (int seed in Seeds)
        {
            var random = new Random(seed);
            CorosyncSettings settings = SettingsSamples.Random(random);
            for (int i = 0; i < 6; i++)
            {
                CorosyncSettings next = Change(settings, random);
                Assert.True(!HasErrors(next), $"seed {seed}, change {i}: {string.Join('\n', CorosyncCheck.Problems(next))}");
                Assert.Equal(settings.Version + 1, next.Version);
                Assert.NotEqual(settings, next);
                Assert.Contains(CorosyncDifference.Between(settings, next), difference => difference.Place == "totem.config_version");
                settings = next;
            }
        }
    }

    [Fact]
    public void Settings_that_differ_have_differences_and_others_have_none()
    {
        CorosyncSettings[] all = [.. Seeds.Take(40).Select(seed => SettingsSamples.Random(new Random(seed)))];
        foreach (CorosyncSettings one in all)
        {
            foreach (CorosyncSettings other in all)
            {
                Assert.Equal(one.Equals(other), CorosyncDifference.Between(one, other).Length == 0);
            }
        }
    }

    [Fact]
    public void Errors_are_not_written()
    {
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => CorosyncFile.Write(SettingsSamples.Plain(3) with { TwoNode = true }));
        Assert.Contains("quorum.two_node", error.Message, StringComparison.Ordinal);
        // A name that would go on as another line of the file.
        Assert.Throws<ArgumentException>(() => CorosyncFile.Write(SettingsSamples.Plain(1) with { ClusterName = "a\nsecauth: off" }));
    }

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public void A_file_of_somebody_else_is_read_with_exactly_these_problems(string name)
    {
        string text = Samples.Read(name);
        CorosyncReading reading = CorosyncFile.Read(text, "f");
        string[] expected =
        [
            .. text.Split('\n').Where(line => line.StartsWith("#= ", StringComparison.Ordinal)).Select(line => line[3..]),
        ];
        Assert.Equal(expected, reading.Problems.Select(problem => problem.ToString()));
        Assert.Equal(reading.Problems, CorosyncFile.Read(text.ReplaceLineEndings("\r\n"), "f").Problems);
    }

    [Fact]
    public void What_stands_in_a_file_of_somebody_else_is_kept()
    {
        CorosyncSettings settings = CorosyncFile.Read(Samples.Read("pcs")).Settings;
        Assert.Equal("hacluster", settings.ClusterName);
        Assert.Equal(CorosyncTiming.Default with { Token = 10_000 }, settings.Timing);
        Assert.Equal([1, 2, 3], settings.Nodes.Select(node => node.Id));
        Assert.Equal(["10.0.0.2", "10.0.1.2"], settings.Nodes[1].Addresses);
        Assert.Equal(2, settings.Nodes[2].Votes);
        Assert.Equal(CorosyncCryptoModel.Nss, settings.CryptoModel);
        Assert.Equal("/var/log/cluster/corosync.log", settings.LogFile);
        Assert.Equal([new CorosyncLink { Number = 1, Priority = 5, Port = 5500 }], settings.Links);
        var device = Assert.IsType<CorosyncNetDevice>(settings.Device);
        Assert.Equal(("10.0.9.9", CorosyncDeviceAlgorithm.Lms, 3), (device.Host, device.Algorithm, device.Votes));
    }

    [Fact]
    public void No_text_is_too_bad_to_be_read()
    {
        foreach (int seed in Seeds)
        {
            var random = new Random(seed);
            char[] text = CorosyncFile.Write(SettingsSamples.Random(random)).ToCharArray();
            for (int i = 0; i < 30; i++)
            {
                text[random.Next(text.Length)] = "{}:#\n \t\r0-a\u00a0\ud800\0"[random.Next(14)];
            }

            CorosyncReading reading = CorosyncFile.Read(new string(text, 0, random.Next(text.Length)));
            Assert.All(reading.Problems, problem => Assert.True(problem.Message.Length > 0 && problem.Remedy.Length > 0));
            // What could be read is either without errors and can be written, or is not written.
            if (!reading.HasErrors)
            {
                Assert.Equal(reading.Settings, CorosyncFile.Read(CorosyncFile.Write(reading.Settings)).Settings);
            }
        }
    }

    [Fact]
    public void A_file_of_any_size_is_read_and_its_problems_are_few()
    {
        string[] texts =
        [
            new('x', 3_000_000),
            string.Concat(Enumerable.Repeat("a {\n", 100_000)),
            string.Concat(Enumerable.Repeat("totem {\n}\n", 100_000)),
            "nodelist {\n" + string.Concat(Enumerable.Repeat("node {\n}\n", 100_000)) + "}\n",
            "totem {\n" + string.Concat(Enumerable.Repeat("interface {\n}\n", 70_000)) + "}\n",
            string.Concat(Enumerable.Repeat("}\n", 500_000)),
        ];
        foreach (string text in texts)
        {
            CorosyncReading reading = CorosyncFile.Read(text);
            Assert.True(reading.HasErrors);
            Assert.InRange(reading.Problems.Length, 1, 201);
        }
    }

    private static bool HasErrors(CorosyncSettings settings) =>
        CorosyncCheck.Problems(settings).Any(problem => problem.Severity == CorosyncProblemSeverity.Error);

    // Changes that make sense: single votes have no place beside what asks for the same votes everywhere.
    private static CorosyncSettings Change(CorosyncSettings settings, Random random)
    {
        bool isEven = settings.LastManStanding || settings.Device is not null;
        string any = settings.Nodes[random.Next(settings.Nodes.Length)].Name;
        bool six = settings.Nodes[0].Addresses[0].Contains(':', StringComparison.Ordinal);
        int host = 100 + random.Next(100);
        while (settings.Nodes.Any(node => node.Name == $"n{host}"))
        {
            host++;
        }

        return random.Next(5) switch
        {
            0 => settings.WithNode(
                $"n{host}", Enumerable.Range(0, settings.LinkCount).Select(link => SettingsSamples.Address(link, host, six)),
                formerIds: [1, 2, 3]),
            1 when settings.Nodes.Length > 1 && (isEven || settings.Nodes.Where(n => n.Name != any).Sum(n => n.Votes) > 0) =>
                settings.WithoutNode(any),
            2 when !isEven => settings.WithVotes(any, random.Next(1, 5)),
            3 when !settings.LastManStanding && settings.Nodes.All(node => node.Votes == 1) =>
                settings.WithDevice(random.Next(3) == 0 ? null : SettingsSamples.Device(random)),
            _ => settings.WithTiming(SettingsSamples.Timing(random)),
        };
    }
}
