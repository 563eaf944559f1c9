using System.Management.Automation.Runspaces;

namespace ClusterTools.Cmdlets;

/// <summary>Scripts that issue certificates: what they use is not known to netstandard2.0, but to the PowerShell that runs them.</summary>
internal static class CertificateScript
{
    /// <summary>Runs one in a session of its own.</summary>
    /// <returns>The one thing that it gives.</returns>
    /// <exception cref="RuntimeException">It failed.</exception>
    public static object Run(string script, params (string Name, object Value)[] parameters)
    {
        string module = Path.GetDirectoryName(Path.GetDirectoryName(typeof(CertificateScript).Assembly.Location))!;
        using Runspace runspace = RunspaceFactory.CreateRunspace();
        runspace.Open();
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddCommand(Path.Combine(module, "Module", "Certificates", script));
        foreach ((string name, object value) in parameters)
        {
            shell.AddParameter(name, value);
        }

        return shell.Invoke().Single().BaseObject;
    }

    /// <summary>What a failure means.</summary>
    public static ContextException Fault(string folder, RuntimeException e) => new(
        ContextException.CertificateUnreadable, $"No certificate could be issued with the authority in '{folder}': {e.Message}",
        "Check that ca.pem and ca.key.pem are of one cluster. PowerShell 7.4 or newer is needed.", folder, e);
}
