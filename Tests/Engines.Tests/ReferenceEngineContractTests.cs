using ClusterTools.Engines.Tests.Reference;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests;

/// <summary>
/// The contract, kept by the engine that other engines are compared with: what is asked of them can be kept, and the tests don't ask for
/// what only one engine does.
/// </summary>
public sealed class ReferenceEngineContractTests : NetworkEngineContract
{
    private readonly ReferenceNetwork network = new();

    // Belongs to the contract as soon as another engine has a quorum device.
    [Fact]
    public async Task Promise_2_a_device_tips_the_balance_and_a_view_says_so()
    {
        network.SetDevice(1, "a");
        await using TestNode a = Start("a", votes: Four);
        await using TestNode b = Start("b", votes: Four);
        await using TestNode c = Start("c", votes: Four);
        await using TestNode d = Start("d", votes: Four);
        ViewChanged whole = await d.WaitForViewAsync(ViewQuorum.Quorate, All);
        Assert.Equal(new VoteCount(4, 4, new QuorumDevice(1, IsHere: true)), whole.Votes);
        Cut(["a", "b"], ["c", "d"]);
        ViewChanged half = await b.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
        Assert.Equal((new VoteCount(2, 4, new QuorumDevice(1, IsHere: true)), true), (half.Votes, half.Votes!.IsMajority));
        ViewChanged without = await c.WaitForViewAsync(ViewQuorum.NotQuorate, All[2..]);
        Assert.Equal((new VoteCount(2, 4, new QuorumDevice(1, IsHere: false)), false), (without.Votes, without.Votes!.IsMajority));
        await a.ProposeAsync("half and the device");
        network.SetDevice(1, null);
        Cut();
        await Task.WhenAll(c.WaitAsync<Expelled>(), d.WaitAsync<Expelled>());
    }

    protected override IClusterEngine Create(EngineSetup setup, bool isImpatient) => network.Create(setup, isImpatient ? 3000 : 60_000);

    protected override void Cut(params string[][] sides) => network.Cut(sides);

    protected override void HoldDisk(string node, bool held) => network.HoldDisk(node, held);
}
