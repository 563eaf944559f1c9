using ClusterTools.Client;

namespace ClusterTools.Cmdlets.Tests;

public sealed class ResourceFormsTests
{
    [Fact]
    public void An_address_and_its_prefix_are_parameters()
    {
        Contract.ResourceDefinition address = ResourceForms.OfAddress("2001:db8::1/64");
        Assert.Equal("2001:db8::1", address.Parameters!["ip"]);
        Assert.Equal("64", address.Parameters["cidr_netmask"]);
        Assert.Throws<ClusterApiException>(() => ResourceForms.OfAddress("192.0.2.1/x"));
        Assert.Throws<ClusterApiException>(() => ResourceForms.OfAddress("host"));
    }
}
