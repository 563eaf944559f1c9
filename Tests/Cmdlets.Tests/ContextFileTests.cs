using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Lab.Tests;

namespace ClusterTools.Cmdlets.Tests;

public sealed class ContextFileTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new("ClusterTools CA of shop");

    [Fact]
    public void What_is_written_is_read_and_readable_by_its_owner_alone()
    {
        string file = Path.Combine(folder.In("new"), "contexts.json");
        ContextFile.Write(file, Contexts("shop"), ApiJson.Wire);
        ClientContexts read = ContextFile.Read(file, ApiJson.Wire);
        Assert.Equal("shop", read.Current);
        ClientContext context = Assert.Single(read.Contexts);
        Assert.Equal(["https://192.0.2.1:7450", "https://192.0.2.2:7450"], context.Servers);
        Assert.Equal(Private, File.GetUnixFileMode(file));
        Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Theory]
    [InlineData("{\"current\": nulL, \"x\": \"hunter2\"}")]
    [InlineData("{\"contexts\": \"hunter2\"}")]
    [InlineData("{\"contexts\": [{\"certificatePfx\": \"hunter2\", }}")]
    [InlineData("hunter2")]
    public void A_file_that_is_not_understood_is_told_without_quoting_it(string content)
    {
        string file = folder.In("contexts.json");
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, Private);
        ContextException e = Assert.Throws<ContextException>(() => ContextFile.Read(file, ApiJson.Wire));
        Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal);
        Assert.Contains("not well-formed JSON", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_again_replaces_the_file_and_keeps_it_private()
    {
        string file = folder.In("contexts.json");
        ContextFile.Write(file, Contexts("shop"), ApiJson.Wire);
        ContextFile.Write(file, Contexts("bank"), ApiJson.Wire);
        Assert.Equal("bank", ContextFile.Read(file, ApiJson.Wire).Current);
        Assert.Equal(Private, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_file_that_the_daemon_writes_is_read_and_the_other_way_round()
    {
        string file = folder.In("contexts.json");
        ContextFile.Write(file, Contexts("shop"), Api.WireJson.Default);
        Assert.Equal("shop", ContextFile.Read(file, ApiJson.Wire).Contexts[0].Name);
        ContextFile.Write(file, Contexts("bank"), ApiJson.Wire);
        Assert.Equal("bank", ContextFile.Read(file, Api.WireJson.Default).Contexts[0].Name);
    }

    [Fact]
    public void A_file_that_is_not_there_is_empty() => Assert.Empty(ContextFile.Read(folder.In("none.json"), ApiJson.Wire).Contexts);

    [Fact]
    public void A_file_that_others_can_read_is_refused_with_the_remedy()
    {
        string file = folder.In("contexts.json");
        ContextFile.Write(file, Contexts("shop"), ApiJson.Wire);
        File.SetUnixFileMode(file, Private | UnixFileMode.GroupRead);
        ContextException e = Assert.Throws<ContextException>(() => ContextFile.Read(file, ApiJson.Wire));
        Assert.Equal(ContextException.FileNotPrivate, e.Code);
        Assert.Contains("chmod 600", e.Remedy, StringComparison.Ordinal);
        Assert.Contains(file, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_others_can_read_is_refused_with_the_remedy()
    {
        using X509Certificate2 user = authority.Issue(TestAuthority.ForClients);
        string pfx = folder.Write("admin.pfx", user.Export(X509ContentType.Pfx));
        File.SetUnixFileMode(pfx, Private | UnixFileMode.OtherRead);
        ContextException e = Assert.Throws<ContextException>(() => ContextFile.LoadPfx(pfx, null));
        Assert.Equal(ContextException.FileNotPrivate, e.Code);
        Assert.Contains("chmod 600", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_read_with_its_password_only()
    {
        using X509Certificate2 user = authority.Issue(TestAuthority.ForClients);
        string pfx = folder.Write("admin.pfx", user.Export(X509ContentType.Pfx, "secret"));
        File.SetUnixFileMode(pfx, Private);
        using var password = new System.Security.SecureString();
        foreach (char c in "secret")
        {
            password.AppendChar(c);
        }

        using X509Certificate2 read = ContextFile.LoadPfx(pfx, password);
        Assert.Equal(user.Thumbprint, read.Thumbprint);
        Assert.Equal(ContextException.CertificateUnreadable, Assert.Throws<ContextException>(() => ContextFile.LoadPfx(pfx, null)).Code);
    }

    [Fact]
    public void A_certificate_without_key_or_without_file_says_so()
    {
        string pfx = folder.Write("cert.pfx", authority.Certificate.Export(X509ContentType.Cert));
        File.SetUnixFileMode(pfx, Private);
        Assert.Contains(
            "no private key", Assert.Throws<ContextException>(() => ContextFile.LoadPfx(pfx, null)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "not there", Assert.Throws<ContextException>(() => ContextFile.LoadPfx(folder.In("none.pfx"), null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_context_file_is_named_with_the_place()
    {
        string file = folder.Write("contexts.json", "{ \"contexts\": [ { \"name\": ");
        File.SetUnixFileMode(file, Private);
        ContextException e = Assert.Throws<ContextException>(() => ContextFile.Read(file, ApiJson.Wire));
        Assert.Equal(ContextException.FileUnreadable, e.Code);
        Assert.Contains("not well-formed JSON", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_is_found_without_case_and_a_missing_one_names_what_there_is()
    {
        ClientContexts contexts = Contexts("shop");
        Assert.Equal("shop", ContextFile.Find("contexts.json", contexts, "SHOP").Name);
        Assert.Equal("shop", ContextFile.Find("contexts.json", contexts, null).Name);
        ContextException e = Assert.Throws<ContextException>(() => ContextFile.Find("contexts.json", contexts, "bank"));
        Assert.Equal(ContextException.NotFound, e.Code);
        Assert.Contains("it holds shop", e.Message, StringComparison.Ordinal);
        contexts.Current = null;
        Assert.Equal(
            ContextException.NoneCurrent, Assert.Throws<ContextException>(() => ContextFile.Find("contexts.json", contexts, null)).Code);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    private ClientContexts Contexts(string name) => new()
    {
        Current = name,
        Contexts =
        [
            new ClientContext { Name = name, Cluster = name, Servers = ["https://192.0.2.1:7450", "https://192.0.2.2:7450"],
                Authority = authority.Pem, CertificatePath = "admin.pfx" }],
    };
}
