using System.CommandLine;
using ClusterTools.Engines;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd quorum-disk</c>: makes one, and shows what is on it.</summary>
internal static class QuorumDiskCommand
{
    public static Command Create()
    {
        var device = new Argument<string>("DEVICE") { Description = "A block device that all nodes share, or a file." };
        var cluster = new Option<string>("--cluster")
        {
            Description = "The cluster whose it is to be.",
            Required = true,
            HelpName = "NAME",
        };
        var yes = new Option<bool>("--yes") { Description = "Whatever is there may be overwritten." };
        var format = new Command("format", "Make a quorum disk; refuses to overwrite what is there unless --yes is given.")
        {
            device, cluster, yes,
        };
        format.SetAction(parsed =>
        {
            Console.Out.WriteLine(QuorumDiskFormat.Format(
                parsed.GetRequiredValue(device), parsed.GetRequiredValue(cluster), parsed.GetValue(yes)));
            return ExitCode.Success;
        });
        var show = new Command("show", "Show what the nodes have written on a quorum disk. Changes nothing.") { device };
        show.SetAction(parsed =>
        {
            Console.Out.WriteLine(QuorumDiskFormat.Show(parsed.GetRequiredValue(device)));
            return ExitCode.Success;
        });
        return new Command("quorum-disk", "The quorum disk, by hand.") { format, show };
    }
}
