using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CertificateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-api-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    [Fact]
    public void An_authority_is_saved_for_its_owner_alone_and_issues_again_after_loading()
    {
        string place = At("authority");
        using (ClusterAuthority made = ClusterAuthority.Create("shop"))
        {
            made.Save(place);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(place));
        foreach (string file in Directory.GetFiles(place))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(["ca.key.pem", "ca.pem"], Directory.GetFiles(place).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using ClusterAuthority authority = ClusterAuthority.Load(place);
        using IssuedCertificate user = authority.IssueUser("ada");
        using X509Certificate2 root = authority.Certificate;
        Assert.False(root.HasPrivateKey);
        Assert.True(root.NotAfter > DateTime.Now.AddYears(9));
        using var chain = new X509Chain { ChainPolicy = CertificateTrust.ForClients(root) };
        Assert.True(chain.Build(user.Certificate));
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        using ClusterAuthority made = ClusterAuthority.Create("shop");
        made.Save(folder);
        File.SetUnixFileMode(At(ClusterAuthority.KeyFile), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        ContextException e = Assert.Throws<ContextException>(() => ClusterAuthority.Load(folder));
        Assert.Contains("chmod 600", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_damaged_authority_says_what_to_do()
    {
        Assert.Contains(
            "clusterd init", Assert.Throws<InvalidDataException>(() => ClusterAuthority.Load(folder)).Message, StringComparison.Ordinal);
        using ClusterAuthority made = ClusterAuthority.Create("shop");
        made.Save(folder);
        PrivateFile.Write(At(ClusterAuthority.KeyFile), "junk"u8.ToArray());
        Assert.Contains(
            "backup", Assert.Throws<InvalidDataException>(() => ClusterAuthority.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_may_serve_and_ask_a_user_may_only_ask()
    {
        using ClusterAuthority authority = ClusterAuthority.Create("shop");
        using X509Certificate2 root = authority.Certificate;
        using IssuedCertificate node = authority.IssueNode("node1", ["node1.example", "192.0.2.1", "::1", "node1"]);
        using IssuedCertificate user = authority.IssueUser("ada");
        bool Fits(X509ChainPolicy policy, X509Certificate2 certificate)
        {
            using var chain = new X509Chain { ChainPolicy = policy };
            return chain.Build(certificate);
        }

        Assert.True(Fits(CertificateTrust.ForServers(root), node.Certificate));
        Assert.True(Fits(CertificateTrust.ForClients(root), node.Certificate));
        Assert.True(Fits(CertificateTrust.ForClients(root), user.Certificate));
        Assert.False(Fits(CertificateTrust.ForServers(root), user.Certificate));
        Assert.True(node.Certificate.MatchesHostname("node1"));
        Assert.True(node.Certificate.MatchesHostname("node1.example"));
        Assert.True(node.Certificate.MatchesHostname("192.0.2.1"));
        Assert.True(node.Certificate.MatchesHostname("::1"));
        Assert.False(node.Certificate.MatchesHostname("node2"));
        Assert.Equal("ada", user.Certificate.GetNameInfo(X509NameType.SimpleName, false));
    }

    [Fact]
    public void An_issued_certificate_cannot_issue_others()
    {
        using ClusterAuthority authority = ClusterAuthority.Create("shop");
        using X509Certificate2 root = authority.Certificate;
        using IssuedCertificate node = authority.IssueNode("node1", []);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=forged", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], true));
        using X509Certificate2 forged = request.Create(
            node.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(node.Certificate.GetECDsaPrivateKey()!),
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        using var chain = new X509Chain { ChainPolicy = CertificateTrust.ForClients(root) };
        chain.ChainPolicy.ExtraStore.Add(node.Certificate);
        Assert.False(chain.Build(forged));
    }

    [Fact]
    public void A_certificate_is_written_for_its_owner_alone_and_read_back()
    {
        using ClusterAuthority authority = ClusterAuthority.Create("shop");
        using IssuedCertificate user = authority.IssueUser("ada");
        user.WritePfx(At("ada.pfx"));
        Assert.All(Directory.GetFiles(folder), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        using X509Certificate2 read = CertificateTrust.LoadPfx(At("ada.pfx"));
        Assert.True(read.HasPrivateKey);
        Assert.Equal(user.Fingerprint, CertificateFingerprint.Of(read));
        Assert.Matches("^[0-9A-F]{64}$", user.Fingerprint);
        byte[] locked = user.ToPfx("word");
        Assert.ThrowsAny<CryptographicException>(() => X509CertificateLoader.LoadPkcs12(locked, "other"));
    }

    [Fact]
    public void Writing_over_a_file_keeps_it_private_and_whole()
    {
        File.WriteAllText(At("file"), "old");
        File.SetUnixFileMode(At("file"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        PrivateFile.Write(At("file"), "new"u8.ToArray());
        Assert.Equal("new", File.ReadAllText(At("file")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("file")));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_context_file_holds_several_clusters_and_one_is_current()
    {
        string path = At(Path.Combine("config", "contexts.json"));
        using ClusterAuthority authority = ClusterAuthority.Create("shop");
        using IssuedCertificate user = authority.IssueUser("ada");
        var contexts = new ClientContexts();
        ContextFile.Put(contexts, new ClientContext
        {
            Name = "shop", Cluster = "shop", Servers = ["https://node1:7450"], Authority = authority.CertificatePem,
                CertificatePfx = Convert.ToBase64String(user.ToPfx()),
        });
        user.WritePfx(At(Path.Combine("config", "ada.pfx")));
        ContextFile.Put(contexts, new ClientContext
        {
            Name = "lab", Cluster = "lab", Servers = ["https://127.0.0.1:1"], Authority = authority.CertificatePem,
                CertificatePath = "ada.pfx",
        });
        ContextFile.Write(path, contexts, WireJson.Default);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        contexts = ContextFile.Read(path, WireJson.Default);
        Assert.Equal("lab", ContextFile.Find(path, contexts, null).Name);
        Assert.Equal("shop", ContextFile.Find(path, contexts, "SHOP").Name);
        foreach (string name in new[] { "shop", "lab" })
        {
            using X509Certificate2 certificate = ContextFile.Certificate(ContextFile.Find(path, contexts, name), path);
            Assert.Equal(user.Fingerprint, CertificateFingerprint.Of(certificate));
        }

        ContextException missing = Assert.Throws<ContextException>(() => ContextFile.Find(path, contexts, "other"));
        Assert.Contains("shop, lab", missing.Message, StringComparison.Ordinal);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains(
            "chmod 600", Assert.Throws<ContextException>(() => ContextFile.Read(path, WireJson.Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_context_file_names_the_line()
    {
        PrivateFile.Write(At("contexts.json"), "{\n\"contexts\": [}\n"u8.ToArray());
        Assert.Contains(
            "line 2", Assert.Throws<ContextException>(() => ContextFile.Read(At("contexts.json"), WireJson.Default)).Message,
            StringComparison.Ordinal);
    }
}
