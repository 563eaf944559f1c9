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
    [InlineData("hexadecimal_kg")]
    [InlineData("auth_pass")]
    [InlineData("pass")]
    [InlineData("userpass")]
    [InlineData("pw")]
    [InlineData("rootPw")]
    [InlineData("user-pin")]
    [InlineData("psk")]
    [InlineData("wpa_psk")]
    [InlineData("MYSQL_PWD")]
    [InlineData("API_KEY")]
    [InlineData("session_cookie")]
    public void Passwords_keys_and_tokens_are_secrets(string name) => Assert.True(SecretParameters.IsSecret("fence_x", name));

    [Theory]
    [InlineData("ipaddr")]
    [InlineData("login")]
    [InlineData("port")]
    [InlineData("lanplus")]
    [InlineData("ip")]
    [InlineData("directory")]
    [InlineData("ping_targets")]
    [InlineData("spindown")]
    [InlineData("pcmk_host_map")]
    [InlineData("snmp_priv_prot")]
    public void What_an_operator_must_see_is_not(string name) => Assert.False(SecretParameters.IsSecret("fence_x", name));

    [Theory]
    [InlineData("exec:/opt/app --password hunter2 --port 80", "exec:/opt/app --password (secret) --port 80")]
    [InlineData("exec:/opt/app --password=hunter2", "exec:/opt/app --password=(secret)")]
    [InlineData("exec:/opt/app --password 'two words' -v", "exec:/opt/app --password '(secret)' -v")]
    [InlineData("exec:/opt/app -Password hunter2", "exec:/opt/app -Password (secret)")]
    [InlineData("exec:/usr/bin/mysqladmin -u root -phunter2 ping", "exec:/usr/bin/mysqladmin -u root -p(secret) ping")]
    [
        InlineData(
            "exec:/usr/sbin/fence_apc -a 192.0.2.1 -l u -p hunter2 -o off",
            "exec:/usr/sbin/fence_apc -a 192.0.2.1 -l u -p (secret) -o off")]
    [InlineData("exec:/usr/bin/sshpass -p hunter2 ssh host", "exec:/usr/bin/sshpass -p (secret) ssh host")]
    [InlineData("exec:/usr/bin/curl -u user:hunter2 https://h/", "exec:/usr/bin/curl -u (secret) https://h/")]
    [InlineData("exec:/usr/bin/curl https://user:hunter2@h/x", "exec:/usr/bin/curl https://user:(secret)@h/x")]
    [InlineData("https://user:hun@ter2@h/x", "https://user:(secret)@h/x")]
    [InlineData("https://user:hun/ter2@h/x", "https://user:(secret)@h/x")]
    [InlineData("exec:/opt/x TOKEN=ab'hunter2 y", "exec:/opt/x TOKEN=(secret) y")]
    [InlineData("exec:/usr/bin/env MYSQL_PWD=hunter2 mysql", "exec:/usr/bin/env MYSQL_PWD=(secret) mysql")]
    [
        InlineData(
            "exec:/usr/bin/env TOKEN=hunter2 API_KEY=\"hunter2\" /opt/x", "exec:/usr/bin/env TOKEN=(secret) API_KEY=\"(secret)\" /opt/x")]
    [InlineData("rw,username=u,password=hunter2", "rw,username=u,password=(secret)")]
    [InlineData("{\"user\": \"u\", \"password\": \"hunter2\"}", "{\"user\": \"u\", \"password\": \"(secret)\"}")]
    [InlineData("Authorization: Basic aHVudGVyMg==", "Authorization: Basic (secret)")]
    [InlineData("curl -H 'Authorization: Bearer hunter2' h", "curl -H 'Authorization: Bearer (secret)' h")]
    [InlineData("openssl -passin pass:hunter2 x", "openssl -passin pass:(secret) x")]
    public void Secrets_within_a_text_are_found_in_any_notation(string text, string shown)
    {
        Assert.Equal(shown, SecretText.Mask(text));
        Assert.Equal(shown, SecretText.Mask(shown));
        Assert.DoesNotContain("hunter2", SecretText.Mask(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exec:/opt/app --port 80 -v")]
    [InlineData("start returned 1 (failed): Access denied for user 'repl'")]
    [InlineData("ocf:heartbeat:IPaddr2")]
    [InlineData("http://192.0.2.1:8080/x?y=1")]
    [InlineData("rw,noatime,uid=0")]
    public void What_holds_none_stays_the_same_object(string text) => Assert.Same(text, SecretText.Mask(text));

    [Theory]
    [InlineData("a")]
    [InlineData("a-")]
    [InlineData("://a:")]
    [InlineData("key:'")]
    [InlineData("--a ")]
    public void A_hostile_text_costs_no_more_than_its_length(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 65_536 / piece.Length)) + "=";
        var began = System.Diagnostics.Stopwatch.StartNew();
        _ = SecretText.Mask(text);
        // In a few milliseconds; a machine that is busy with other things is given a thousand times that.
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(20), began.Elapsed.ToString());
    }

    [Fact]
    public void What_an_agent_printed_is_told_without_the_secrets_it_was_given_in_any_form()
    {
        var secrets =
            new SecretValues(
                "exec:/opt/app --password arg-secret",
                By(("userpass", "s3cr&t"), ("uri", "redis://u:uri-secret@h"), ("odd", "odd-secret"), ("port", "80")), n => n == "odd");
        string told = secrets.Remove("arg-secret s3cr&t s3cr%26t uri-secret odd-secret 80 czNjciZ0", cut: false);
        Assert.Equal("*** *** *** *** *** 80 ***", told);
    }

    [Fact]
    public void Commands_are_shown_without_their_secrets_and_get_them_back()
    {
        var original = Sound() with
        {
            EventScripts =
                By(("tell", new EventScript { Name = "tell", Command = "exec:/opt/tell --token event-secret", Events = ["node.*"] })),
        };
        original = original.WithGroup("web", g => g with
        {
            Resources =
            [
                Resource("exec", "app", "exec:/opt/app --password agent-secret") with
                {
                    Limits = new ActivationLimits { StartFinal = FinalAction.Hold, FinalScript = "exec:/opt/last API_KEY=final-secret" },
                },
            ],
        });
        var redacted = SecretParameters.Redact(original);
        Assert.DoesNotContain("-secret", Encoding.UTF8.GetString(ConfigurationJson.Write(redacted)), StringComparison.Ordinal);
        Assert.Contains(
            "exec:/opt/app --password (secret)", Encoding.UTF8.GetString(ConfigurationJson.Write(redacted)), StringComparison.Ordinal);
        Assert.True(ConfigurationEquality.Same(original, SecretParameters.Restore(redacted, original)));
        Assert.Equal(
            3,
            ConfigurationValidation.Validate(redacted)
            .Count(p => p.Message.Contains("placeholder", StringComparison.Ordinal)
                && !p.Path.Contains("/parameters/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_group_that_is_renamed_keeps_its_secrets()
    {
        var original = WithSecretsEverywhere();
        var shown = SecretParameters.Redact(original);
        var renamed = shown with { Groups = shown.Groups.Remove("web").Add("shop", shown.Groups["web"] with { Name = "shop" }) };
        Assert.Equal(
            "mount-secret", SecretParameters.Restore(renamed, original).Groups["shop"].Resources[0].Parameters["options"].Split('=')[^1]);
    }

    [Fact]
    public void What_only_the_metadata_calls_a_secret_is_not_shown()
    {
        var open =
            Sound() with { FenceDevices =
                By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x", Parameters = By(("shared", "hunter2")) })) };
        Assert.Equal(
            SecretParameters.Replacement,
            SecretParameters.Redact(open, (agent, name) => (agent, name) == ("fence_x", "shared")).FenceDevices["pdu"].Parameters[
                "shared"]);
    }

    [Fact]
    public void A_problem_that_cites_a_command_does_not_tell_its_secret()
    {
        var problem =
            ConfigurationValidation.Validate(
                Sound().WithGroup("web", g => g with { Resources = [Resource("exec", "x", "exec:relative --password hunter2")] }))
            .First(p => p.Path.EndsWith("/agent", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", problem.ToString(), StringComparison.Ordinal);
    }

    private static ClusterConfiguration WithSecretsEverywhere() => Sound()
        .WithNode("a", n => n with
        {
            FenceMethods =
                [
                    new FenceMethod { Name = "m",
                        Steps = [new FenceStep { Device = "pdu", Parameters = By(("port", "1"), ("passwd", "step-secret")) }] }],
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

        var edited =
            redacted with { FenceDevices =
                redacted.FenceDevices.SetItem(
                    "new",
                    new FenceDevice { Name = "new", Agent = "fence_x", Parameters = By(("passwd", SecretParameters.Replacement)) }) };
        var restored = SecretParameters.Restore(edited, original);
        Assert.Equal(SecretParameters.Replacement, restored.FenceDevices["new"].Parameters["passwd"]);
        Assert.Contains(ConfigurationValidation.Validate(restored), p => p.Severity == ProblemSeverity.Error
            && p.Path == "fenceDevices/new/parameters/passwd");
    }

    [Fact]
    public void A_configuration_without_secrets_stays_the_same_object()
    {
        var open = Sound() with { FenceDevices = By(("pdu", new FenceDevice { Name = "pdu", Agent = "fence_x" })) };
        Assert.Same(open, SecretParameters.Redact(open));
    }
}
