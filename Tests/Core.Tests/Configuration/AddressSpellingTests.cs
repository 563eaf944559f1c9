using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public class AddressSpellingTests
{
    [Theory]
    [InlineData("2001:DB8:0:0::0100", "2001:db8::100")]
    [InlineData("2001:db8:0000:0000:0000:0000:0000:0252", "2001:db8::252")]
    [InlineData("2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("0:0:0:0:0:0:0:0", "::")]
    [InlineData("0:0:0:0:0:0:0:1", "::1")]
    [InlineData("fe80:0:0:0:0:5efe:192.0.2.1", "fe80::5efe:c000:201")]
    [InlineData("::FFFF:c000:0209", "::ffff:192.0.2.9")]
    [InlineData("2001:db8::", "2001:db8::")]
    public void An_address_has_one_spelling_as_the_system_prints_it(string text, string canonical)
    {
        Assert.Equal(canonical, AddressSpelling.Canonical(text));
        Assert.Equal(canonical, AddressSpelling.Canonical(canonical));
        Assert.True(AddressSpelling.Same(text, canonical));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("2001:DB8::1/64")]
    [InlineData("00:11:22:33:44:55")]
    [InlineData("nas:/Export")]
    [InlineData("")]
    public void What_is_no_plain_ipv6_address_stays_as_it_is(string text) => Assert.Equal(text, AddressSpelling.Canonical(text));

    [Fact]
    public void A_resource_whose_address_is_spelled_anew_goes_on_running()
    {
        ResourceConfiguration Address(string ip) =>
            TestData.Resource("ip", "a", "ocf:heartbeat:IPaddr2") with { Parameters = TestData.By(("ip", ip)) };
        Assert.True(ConfigurationEquality.SameWork(Address("2001:DB8::7"), Address("2001:db8:0::7")));
        Assert.False(ConfigurationEquality.SameWork(Address("2001:db8::7"), Address("2001:db8::8")));
        Assert.Equal("2001:db8::7", AddressSpelling.OfAll(Address("2001:DB8:0::7").Parameters)["ip"]);
    }
}
