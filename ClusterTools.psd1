@{
    RootModule             = 'bin/ClusterTools.Cmdlets.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '5f1c2a0e-6b0a-4a5b-9a64-0d6c9b1f7d52'
    Author                 = 'The ClusterTools authors'
    CompanyName            = 'ClusterTools'
    Copyright              = '(c) The ClusterTools authors. Apache License 2.0.'
    Description            = 'High-availability clusters: groups, failover domains, fencing, quorum.'
    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Core', 'Desktop')
    DotNetFrameworkVersion = '4.7.2'
    FunctionsToExport      = @()
    FormatsToProcess       = @('Formats/ClusterTools.format.ps1xml')
    TypesToProcess         = @('Formats/ClusterTools.types.ps1xml')
    CmdletsToExport        = @(
        'Add-ClusterResource'
        'Confirm-ClusterNodeDown'
        'Connect-Cluster'
        'Disconnect-Cluster'
        'Get-Cluster'
        'Get-ClusterContext'
        'Get-ClusterEvent'
        'Get-ClusterFailoverDomain'
        'Get-ClusterFenceAgent'
        'Get-ClusterFenceDevice'
        'Get-ClusterFenceHistory'
        'Get-ClusterGroup'
        'Get-ClusterNode'
        'Get-ClusterNodeHealth'
        'Get-ClusterOperation'
        'Get-ClusterQuorum'
        'Get-ClusterResource'
        'Get-ClusterResourceType'
        'Get-ClusterRunbook'
        'Get-ClusterService'
        'Invoke-FenceNode'
        'Lock-ClusterGroup'
        'Move-ClusterGroup'
        'New-ClusterFailoverDomain'
        'New-ClusterFenceDevice'
        'New-ClusterService'
        'Remove-ClusterFailoverDomain'
        'Remove-ClusterFenceDevice'
        'Remove-ClusterResource'
        'Remove-ClusterRunbook'
        'Remove-ClusterService'
        'Repair-ClusterGroup'
        'Restart-ClusterGroup'
        'Resume-ClusterNode'
        'Set-ClusterContext'
        'Set-ClusterFailoverDomain'
        'Set-ClusterFenceDevice'
        'Set-ClusterQuorum'
        'Set-ClusterResource'
        'Set-ClusterRunbook'
        'Set-ClusterService'
        'Start-ClusterGroup'
        'Start-ClusterNode'
        'Start-ClusterRunbook'
        'Stop-ClusterGroup'
        'Stop-ClusterNode'
        'Stop-ClusterOperation'
        'Suspend-ClusterNode'
        'Test-Cluster'
        'Test-ClusterFenceDevice'
        'Unlock-ClusterGroup'
        'Wait-ClusterOperation'
        'Write-ClusterLog'
    )
    VariablesToExport      = @()
    AliasesToExport        = @()
    PrivateData            = @{
        PSData = @{
            Tags       = @('Cluster', 'HighAvailability', 'Failover', 'Fencing')
            LicenseUri = 'https://www.apache.org/licenses/LICENSE-2.0'
        }
    }
}
