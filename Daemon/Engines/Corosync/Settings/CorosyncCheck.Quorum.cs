namespace ClusterTools.Engines.Corosync.Settings;

public static partial class CorosyncCheck
{
    private static CorosyncProblem[] Quorum(CorosyncSettings settings)
    {
        const string Last = "quorum.last_man_standing";
        return
        [
            .. Error(
                settings.Nodes.Length > 0 && settings.NodeVotes == 0, "nodelist", "No node has a vote.",
                "Set quorum_votes of at least one node to 1."),
            .. Error(
                settings.TwoNode && !settings.IsPair, "quorum.two_node",
                $"It is for two nodes with one vote each, not for {settings.Nodes.Length} with {settings.NodeVotes} votes together.",
                "Take it out."),
            .. Error(
                settings.TwoNode && settings.Device is not null, "quorum.two_node", "two_node and a quorum device exclude each other.",
                "Take it out; the device's vote does what it is for."),
            .. Error(
                settings.TwoNode && settings.WaitForAll == false, "quorum.wait_for_all",
                "Two nodes that can't see each other would each begin alone.", "Take it out."),
            .. Warning(
                settings.IsPair && !settings.TwoNode && settings.Device is null, "quorum",
                "With the loss of either of the two nodes the other stops working, too.", "Set two_node to 1, or add a device."),
            .. Range($"{Last}_window", settings.LastManStandingWindow, 1, MaxTime, " milliseconds"),
            .. Error(
                settings.LastManStanding && settings.Device is not null, Last,
                "last_man_standing and a quorum device exclude each other.", "Take it out, or the device."),
            .. Error(
                settings.LastManStanding && settings.Nodes.Any(node => node.Votes != 1), Last,
                "It works only where each node has one vote.", "Take it out, or set all quorum_votes to 1."),
            .. Warning(
                settings.LastManStanding && settings.WaitForAll != true, Last,
                "Nodes that start on their own may count themselves as all there are.", "Set wait_for_all to 1."),
        ];
    }

    private static CorosyncProblem[] Device(CorosyncSettings settings)
    {
        const string Place = "quorum.device";
        if (settings.Device is not { } device)
        {
            return [];
        }

        bool even = settings.Nodes.All(node => node.Votes == 1);
        bool alone = settings.Nodes.Length < 2;
        return
        [
            .. Range($"{Place}.timeout", device.Timeout, 1, MaxTime, " milliseconds"),
            .. Range($"{Place}.sync_timeout", device.SyncTimeout, 1, MaxTime, " milliseconds"),
            .. Range($"{Place}.votes", device.Votes, 0, MaxVotes),
            .. Error(
                device.Votes is null && !even, $"{Place}.votes",
                "Not each node has one vote, so corosync does not know how many the device has.", "Set votes of the device."),
            .. Warning(alone, Place, "A quorum device does nothing for a single node.", "Take it out until there are two."),
            .. Error(
                !alone && settings.DeviceVotes > 0 && settings.DeviceVotes >= settings.NodeVotes, $"{Place}.votes",
                $"The device has {settings.DeviceVotes} votes, the nodes have {settings.NodeVotes} together: it would decide alone.",
                $"Set votes of the device to {Math.Max(0, settings.NodeVotes - 1)} or less."),
            .. Error(
                device is not CorosyncNetDevice && (device.Model is "net" || !IsPlainName(device.Model, MaxName - 1)), $"{Place}.model",
                $"'{CorosyncParser.Short(device.Model)}' can't be the name of a program that votes.",
                $"Use 1 to {MaxName - 1} letters, digits, '-', '_' and '.', and not 'net', which is corosync-qdevice."),
            .. device is CorosyncNetDevice net ? Net(net, even) : [],
        ];
    }

    private static CorosyncProblem[] Net(CorosyncNetDevice net, bool even) =>
    [
        .. Error(
            Address(net.Host) is null && !IsHostName(net.Host), "quorum.device.net.host",
            $"'{CorosyncParser.Short(net.Host)}' is neither a host name nor an address.",
            "Set it to the machine on which corosync-qnetd runs."),
        .. Error(
            net.Algorithm == CorosyncDeviceAlgorithm.Ffsplit && (net.Votes != 1 || !even), "quorum.device.net.algorithm",
            "ffsplit works only where the device and each node have exactly one vote.",
            "Set votes of the device and quorum_votes of each node to 1, or algorithm to lms."),
    ];
}
