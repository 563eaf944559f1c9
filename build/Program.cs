using ClusterTools.Build;
using ClusterTools.Build.Testing;

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    // Children get the same Ctrl-C from the terminal and end in good order; we only wait for them.
    e.Cancel = true;
    cancellation.Cancel();
};
string verb = args.Length > 0 ? args[0] : "help";
string[] rest = args.Length > 1 ? args[1..] : [];
try
{
    Directory.SetCurrentDirectory(Repository.Root);
    return verb switch
    {
        "setup" => await Setup.RunAsync(cancellation.Token),
        "build" => await Layout.RunAsync(cancellation.Token),
        "demo" => await Verbs.DemoAsync(rest, cancellation.Token),
        "lab" => await Verbs.LabAsync(rest, cancellation.Token),
        "test" => await TestRun.RunAsync(rest, cancellation.Token),
        "mutate" => await Verbs.MutateAsync(rest, cancellation.Token),
        "bench" => await Verbs.BenchAsync(rest, cancellation.Token),
        "pack" => await Packages.RunAsync(cancellation.Token),
        "help" or "-h" or "--help" => Verbs.Help(Console.Out, 0),
        _ => Unknown(verb),
    };
}
catch (BuildException error)
{
    Say.Error(error.Message);
    return 1;
}
catch (OperationCanceledException)
{
    Say.Error("Interrupted.");
    return 130;
}

static int Unknown(string verb)
{
    Say.Error($"There is no verb '{verb}'.");
    return Verbs.Help(Console.Error, 2);
}
