using System.Diagnostics;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>A third machine with the distribution's corosync-qnetd, which both nodes speak to by TLS.</summary>
internal sealed class Arbiter(MachineCluster cluster, Workshop workshop) : IDisposable
{
    private const string Certificates = "/etc/corosync/qdevice/net/nssdb";

    private readonly string folder = workshop.Folder("arbiter");
    private Process? daemon;

    /// <summary>Where it is reached.</summary>
    public const string Host = "10.77.0.254";

    /// <summary>It answers from now on.</summary>
    public void Start() => daemon = Process.Start(On($"exec corosync-qnetd -f -s req >>'{folder}/out' 2>&1"))!;

    /// <summary>It answers no more.</summary>
    public void Stop()
    {
        daemon?.Kill();
        daemon?.WaitForExit();
        daemon?.Dispose();
        daemon = null;
    }

    /// <summary>Its certificates and those of the nodes, by corosync's own tools, as docs/several-machines.md has it.</summary>
    public async Task CertifyAsync(string name)
    {
        await OnAsync("corosync-qnetd-certutil -i");
        string authority = Path.Combine(folder, "nssdb", "qnetd-cacert.crt");
        string first = cluster.Machines[0];
        foreach (string machine in cluster.Machines)
        {
            await NodeAsync(machine, $"corosync-qdevice-net-certutil -i -c '{authority}'");
        }

        await NodeAsync(first, $"corosync-qdevice-net-certutil -r -n {name} && cp {Certificates}/qdevice-net-node.crq '{folder}'");
        await OnAsync($"corosync-qnetd-certutil -s -c '{folder}/qdevice-net-node.crq' -n {name}");
        await NodeAsync(
            first,
            $"corosync-qdevice-net-certutil -M -c '{folder}/nssdb/cluster-{name}.crt' "
                + $"&& cp {Certificates}/qdevice-net-node.p12 '{folder}'");
        foreach (string other in cluster.Machines.Skip(1))
        {
            await NodeAsync(other, $"corosync-qdevice-net-certutil -m -c '{folder}/qdevice-net-node.p12'");
        }
    }

    /// <summary>A machine has its vote, as that machine's own line says: the lines of the others are there, too.</summary>
    public async Task VotesForAsync(string machine)
    {
        string said = "";
        await Shell.UntilAsync(
            () => (said = cluster.RunAsync(machine, "corosync-quorumtool -s; corosync-qdevice-tool -s").GetAwaiter().GetResult())
                .Split('\n')
                .Any(static line => line.Contains("A,V,", StringComparison.Ordinal) && line.Contains("(local)", StringComparison.Ordinal)),
            () => $"{machine} has the arbiter's vote: {said}\n{cluster.LastWords()}");
    }

    public void Dispose() => Stop();

    private async Task NodeAsync(string machine, string script)
    {
        string said = await cluster.RunAsync(machine, $"{{ {script}; }} 2>&1 && echo well");
        Assert.EndsWith("well", said, StringComparison.Ordinal);
    }

    private Task OnAsync(string script) => Shell.RunAsync(On(script));

    /// <summary>On its machine, which has a file system of its own as far as corosync's folders go.</summary>
    private ProcessStartInfo On(string script) => cluster.Outside(
        "unshare", "--mount", "/bin/sh", "-c",
        "set -e; mount --make-rprivate /; mount -t tmpfs none /run; mkdir /run/corosync-qnetd; "
            + $"mount --bind '{folder}' /etc/corosync/qnetd; {script}");
}
