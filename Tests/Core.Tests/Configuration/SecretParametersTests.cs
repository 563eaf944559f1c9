using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;
using static ClusterTools.Core.Tests.Configuration.TestData;

namespace ClusterTools.Core.Tests.Configuration;

public class SecretParametersTests
{
    [Theory]
    [InlineData("passwd")]
    [InlineData("password")]
    [InlineData("PASSWD")]
    [InlineData("passwd_script")]
    [InlineData("snmp_priv_passwd")]
    [InlineData("community")]
    [InlineData("client_secret")]
    [InlineData("api_token")]
    [InlineData("key")]
    [InlineData("api_key")]
    [InlineData("monpassword")]
    public void Passwords_keys_and_tokens_are_secrets(string name) => Assert.True(SecretParameters.IsSecret("fence_x", name));

    [Theory]
    [InlineData("ipaddr")]
    [InlineData("login")]
    [InlineData("port")]
    [InlineData("lanplus")]
    [InlineData("ip")]
    [InlineData("directory")]
    public void What_an_operator_must_see_is_not(string name) => Assert.False(SecretParameters.IsSecret("fence_x", name));

    private static ClusterConfiguration WithSecretsEverywhere() => Sound()
        .WithNode("a", n => n with
        {
            FenceMethods = [new FenceMethod { Name = "m", Steps = [new FenceStep { Device = "pdu", Parameters = By(("port", "1"), ("passwd", "step-secret")) }] }],
        })
        .WithGroup("web", g => g with
        {
            Resources =
            [
                Resource("fs", "d") with
                {
                    Parameters = By(("options", "username=x,password=mount-secret")),
                    Children = [Resource("mysql", "m") with { Parameters = By(("test_passwd", "child-secret"), ("user", "u")) }],
                },
            ],
        });

    [Fact]
    public void No_secret_is_left_anywhere_in_a_redacted_configuration()
    {
        var text = Encoding.UTF8.GetString(ConfigurationJson.Write(SecretParameters.Redact(WithSecretsEverywhere())));
        Assert.DoesNotContain("-secret", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split(SecretParameters.Replacement).Length - 1);
        Assert.Contains("192.0.2.1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_redacted_is_restored_where_it_stood()
    {
        var original = WithSecretsEverywhere();
        var redacted = SecretParameters.Redact(original);
        Assert.False(ConfigurationEquality.Same(original, redacted));
        Assert.True(ConfigurationEquality.Same(original, SecretParameters.Restore(redacted, original)));

        var edited = redacted with { FenceDevices = redacted.FenceDevices.SetItem("new", new FenceDevice { Name = "new", Agent = "fence_x", Parameters = By(("passwd", SecretParameters.Replacement)) }) };
        var restored = SecretParameters.Restore(edited, original);
        Assert.Equal(SecretParameters.Replacement, restored.FenceDevices["new"].Parameters["passwd"]);
        Assert.Contains(ConfigurationValidation.Validate(restored), p => p.Severity == ProblemSeverity.Error && p.Path == "fenceDevices/new/parameters/passwd");
    }

    [Fact]
    public void A_configuration_without_secrets_stays_the_same_object()
    {
        var open = Sound() with { FenceDevices = By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x" })) };
        Assert.Same(open, SecretParameters.Redact(open));
    }
}
