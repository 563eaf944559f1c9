using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ClusterTools.Import.Tests;

/// <summary>
/// What is said of a file that can't be read is in words of our own, with the place, and never the file: passwords stand in it.
/// </summary>
public sealed class WordsOfTheirOwnTests
{
    private const string Secret = "hunter2-never-shown";

    private static readonly string Json = """
        {
          "name": "shop", "version": 1,
          "nodes": { "n1": { "name": "n1", "id": 1 } },
          "fenceDevices": { "pdu": { "name": "pdu", "agent": "fence_apc", "parameters": { "passwd": "SECRET", "port": "1" } } }
        }
        """.Replace("SECRET", Secret, StringComparison.Ordinal);

    private static readonly string Xml = """
        <?xml version="1.0"?>
        <cluster name="shop" config_version="1">
          <clusternodes><clusternode name="n1" nodeid="1"/></clusternodes>
          <fencedevices><fencedevice name="pdu" agent="fence_apc" ipaddr="192.0.2.1" passwd="SECRET"/></fencedevices>
        </cluster>
        """.Replace("SECRET", Secret, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"port\": \"1\"", "\"port\": nulL")]
    [InlineData("\"passwd\": \"hunter2", "\"passwd\": nulL, \"x\": \"hunter2")]
    [InlineData("\"passwd\": \"hunter2", "\"passwd\": hunter2")]
    [InlineData("\"passwd\": \"hunter2", "\"passwd\": \"\\qhunter2")]
    [InlineData("\"passwd\": \"hunter2", "\"passwd\" \"hunter2")]
    [InlineData("never-shown\"", "never-shown")]
    [InlineData("\"passwd\": \"", "\"passwd\": truE, \"")]
    [InlineData("\"passwd\": \"", "\"passwd\": 1, \"y\": \"")]
    [InlineData("\"passwd\": \"", "\"passwd\": [\"")]
    [InlineData("\"version\": 1", "\"version\": \"hunter2-never-shown\"")]
    public void Json_that_is_wrong_is_told_with_its_place_and_nothing_of_it(string part, string instead)
    {
        string broken = Json.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(Json, broken);
        AssertSilent(ConfigurationFile.Read("shop.json", Encoding.UTF8.GetBytes(broken)));
    }

    [Fact]
    public void A_place_has_line_and_column()
    {
        ConfigurationProblem problem = Assert.Single(ConfigurationJson.Read("{\n  \"name\": nulL }"u8.ToArray()).Errors);
        Assert.Equal(2, problem.Line);
        Assert.Contains("Column 14", problem.Message, StringComparison.Ordinal);
        Assert.Contains("true, false and null", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("passwd=\"", "passwd=")]
    [InlineData("passwd=\"", "passwd=\"a\" ")]
    [InlineData("/></fencedevices>", "></fencedevices>")]
    [InlineData("passwd=\"hunter2", "passwd=\"&hunter2")]
    [InlineData("passwd=\"hunter2", "passwd=\"<hunter2")]
    [InlineData("shown\"/>", "shown/>")]
    [InlineData("<fencedevice name", "<hunter2-never-shown:x name")]
    public void Xml_that_is_wrong_is_told_with_its_place_and_nothing_of_it(string part, string instead)
    {
        string broken = Xml.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(Xml, broken);
        AssertSilent(ClusterConfImport.Read(broken));
        AssertSilent(ConfigurationFile.Read("cluster.conf", Encoding.UTF8.GetBytes(broken)));
        AssertSilent(
            ConfigurationFile.Read("cluster.conf", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(broken)).ToArray()));
    }

    [Fact]
    public void Whatever_is_cut_out_of_a_file_nothing_of_it_is_told()
    {
        foreach (string whole in new[] { Json, Xml })
        {
            for (int at = 0; at < whole.Length; at++)
            {
                // A secret that is cut itself would be looked for in vain.
                string cut = whole.Remove(at, 1);
                if (cut.Contains(Secret, StringComparison.Ordinal))
                {
                    AssertSilent(ConfigurationFile.Read("file", Encoding.UTF8.GetBytes(cut)), mustFail: false);
                    AssertSilent(ConfigurationFile.Read("file", Encoding.UTF8.GetBytes(whole[..at])), mustFail: false);
                }
            }
        }
    }

    [Theory]
    [InlineData("\"port\": \"1\"", "\"port\": \"\\ud800\"")]
    [InlineData("\"port\": \"1\"", "\"po\\udc00rt\": \"1\"")]
    [InlineData("\"name\": \"shop\"", "\"name\": \"\\ud800x\"")]
    [InlineData("\"pdu\": {", "\"\\ud800\": {")]
    [InlineData("\"agent\": \"fence_apc\"", "\"agent\": \"\\udc00\\ud800\"")]
    [InlineData("\"version\": 1", "\"version\": \"\\ud800\"")]
    public void Half_a_character_is_refused_with_its_line(string part, string instead)
    {
        string broken = Json.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(Json, broken);
        ConfigurationProblem problem = ConfigurationFile.Read("shop.json", Encoding.UTF8.GetBytes(broken)).Errors.First();
        Assert.Contains("half of a character", problem.Message, StringComparison.Ordinal);
        Assert.NotNull(problem.Line);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Half_a_character_in_xml_is_refused(bool written)
    {
        string half = written ? "&#xD800;" : ((char)0xD800).ToString();
        string broken = Xml.Replace("192.0.2.1", half, StringComparison.Ordinal);
        Assert.NotEmpty(ClusterConfImport.Read(broken).Errors);
        // As bytes: an encoder would put something else in its place.
        AssertSilent(
            ConfigurationFile.Read(
                "cluster.conf", Encoding.Unicode.GetPreamble().Concat(MemoryMarshal.AsBytes(broken.AsSpan()).ToArray()).ToArray()));
    }

    [Theory]
    [InlineData("{\"a\":\"\\ud83d\\ude00\"}", null)]
    [InlineData("{\"a\":\n [\"\\ude00\"]}", 2)]
    [InlineData("{\"\\ud83d\":1}", 1)]
    public void Half_a_character_is_found_in_any_json(string json, int? line) =>
        Assert.Equal(line, JsonFault.FindHalfCharacter(Encoding.UTF8.GetBytes(json), 64)?.Line);

    [Theory]
    [InlineData("\"relocate, disable\"")]
    [InlineData("\"restart,restart\"")]
    [InlineData("\"1\"")]
    [InlineData("1")]
    [InlineData("\" restart\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("[\"restart\"]")]
    [InlineData("\"hunter2-never-shown\"")]
    public void A_word_that_is_none_of_an_enums_is_refused_and_the_known_are_told(string value)
    {
        string json = Json.Replace("\"fenceDevices\"", $$"""
            "groups": { "web": { "name": "web", "recovery": {{value}}, "resources": [ { "id": "script:x", "type": "script", "agent": "exec:/bin/true" } ] } },
              "fenceDevices"
            """, StringComparison.Ordinal);
        ImportResult result = ConfigurationJson.Read(Encoding.UTF8.GetBytes(json));
        AssertSilent(result);
        Assert.Contains(result.Errors, e => $"{e.Message} {e.Remedy}".Contains("\"relocate\"", StringComparison.Ordinal));
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<RecoveryPolicy>(value, CoreJson.Options));
    }

    [Fact]
    public void Every_enum_of_the_core_is_read_as_it_was_written_and_as_nothing_else()
    {
        foreach (
            Type type in typeof(CoreJson).Assembly.GetExportedTypes().Where(t => t.IsEnum && CoreJson.Options.TryGetTypeInfo(t, out _)))
        {
            foreach (object value in Enum.GetValues(type))
            {
                string text = JsonSerializer.Serialize(value, type, CoreJson.Options);
                Assert.Equal(value, JsonSerializer.Deserialize(text, type, CoreJson.Options));
                Assert.ThrowsAny<JsonException>(
                    () => JsonSerializer.Deserialize($"\"{text.Trim('"')}, {text.Trim('"')}\"", type, CoreJson.Options));
            }
        }
    }

    [Fact]
    public void A_configuration_that_does_not_fit_when_written_is_refused_wherever_it_is_read()
    {
        // 12 MiB as a file; other than plain letters take six bytes in the log.
        string value = new('\u00e9', ConfigurationLimits.ParameterValueLength);
        var resources = string.Join(",\n", Enumerable.Range(0, 190).Select(i =>
            $$"""{ "id": "script:x{{i}}", "type": "script", "agent": "exec:/bin/true", "parameters": { "text": "{{value}}" } }"""));
        byte[] json = Encoding.UTF8.GetBytes(Json.Replace("\"fenceDevices\"", $$"""
            "groups": { "web": { "name": "web", "resources": [ {{resources}} ] } },
              "fenceDevices"
            """, StringComparison.Ordinal));
        Assert.InRange(json.Length, 10_000_000, ConfigurationLimits.FileBytes);
        ImportResult result = ConfigurationFile.Read("shop.json", json);
        ConfigurationProblem problem = Assert.Single(result.Errors);
        Assert.Contains($"{ConfigurationLimits.EncodedBytes:N0}", problem.Message, StringComparison.Ordinal);
        Assert.Null(result.Configuration);
    }

    private static void AssertSilent(ImportResult result, bool mustFail = true)
    {
        if (mustFail)
        {
            Assert.Null(result.Configuration);
            Assert.All(result.Errors, e => Assert.NotEmpty(e.Message));
        }

        foreach (ConfigurationProblem problem in result.Problems)
        {
            Assert.DoesNotContain(Secret, $"{problem.Path} {problem.Message} {problem.Remedy}", StringComparison.Ordinal);
        }
    }
}
