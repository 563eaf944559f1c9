namespace ClusterTools.Cmdlets;

/// <summary>What happens at Remove-Module: connections are closed, nothing is left.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        NameCompleter.Forget();
        ClusterConnections.CloseAll();
    }
}
