using ClusterTools.Guests.Tests.Hosts;

namespace ClusterTools.Guests.Tests;

/// <summary>The contract, kept by libvirt with QEMU on two hosts in namespaces.</summary>
public sealed class LibvirtContractTests : HypervisorContract
{
    protected override async Task<IHypervisorHosts> StartAsync() => await LibvirtHosts.StartAsync("h1", "h2");
}
