# Checks of a running cluster; Test-Cluster runs them. They change nothing. Every failure says what to do.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'Used in the blocks below, which the rule does not see.')]
param(
    [Parameter(Mandatory)] [string] $Cluster,
    [Parameter(Mandatory)] [int] $CertificateDays,
    [Parameter(Mandatory)] [int] $ClockTolerance,
    [Parameter(Mandatory)] [DateTimeOffset] $OwnCertificateExpires
)

BeforeAll {
    Set-StrictMode -Version 3
    # Throws with a message for people; Should would put its own words around it.
    function Assert-None {
        param([object[]] $Wrong, [string] $Remedy)

        if ($Wrong) { throw "$($Wrong -join '; '). $Remedy" }
    }

    $status = ClusterTools\Get-Cluster -Cluster $Cluster
    $nodes = @(ClusterTools\Get-ClusterNode -Cluster $Cluster)
    $groups = @(ClusterTools\Get-ClusterGroup -Cluster $Cluster)
    $domains = @{}
    foreach ($domain in ClusterTools\Get-ClusterFailoverDomain -Cluster $Cluster) { $domains[$domain.Name] = $domain }
    $health = @(ClusterTools\Get-ClusterNodeHealth -Cluster $Cluster)
}

Describe 'Quorum' -Tag Quorum {
    It 'The cluster has quorum' {
        if ($status.Quorum -ne 'Quorate') { throw "$($status.QuorumDescription) Bring absent nodes back, or run Confirm-ClusterNodeDown for those that are surely dead." }
    }

    It 'The cluster survives the loss of any one node' {
        if ($nodes.Count -lt 2) { Set-ItResult -Skipped -Because 'there is only one node' }
        $quorum = ClusterTools\Get-ClusterQuorum -Cluster $Cluster
        if ($quorum.TwoNode) {
            # One vote is enough, and whoever fences the other goes on: that takes a device for each.
            Assert-None @($nodes | Where-Object { $_.FenceMethods.Count -eq 0 } | ForEach-Object { "after the loss of $($_.Name) the other node stops too, for nobody can prove that $($_.Name) is off" }) `
                'Give each node a fence device (New-ClusterFenceDevice, Set-ClusterFenceDevice -Node).'
            Assert-None @($nodes | Where-Object { -not $_.Member } | ForEach-Object { "node $($_.Name) is $($_.Phase) already" }) 'Bring it back before anything else is lost.'
            return
        }

        $remedy = if ($nodes.Count -eq 2) { 'Two nodes survive a loss only with two_node (twoNode in the configuration) and a fence device for each; or add a third node or a quorum device.' }
        else { 'Bring absent nodes back before anything else is lost.' }
        Assert-None @($nodes | Where-Object { $_.Member -and -not $_.VotesUncounted -and $quorum.Votes - $_.Votes -lt $quorum.VotesNeeded } |
                ForEach-Object { "without $($_.Name) only $($quorum.Votes - $_.Votes) of $($quorum.VotesExpected) votes are left, and $($quorum.VotesNeeded) are needed" }) $remedy
    }

    It 'All nodes are in the cluster' {
        Assert-None @($nodes | Where-Object { -not $_.Member } | ForEach-Object { "node $($_.Name) is $($_.Phase): $($_.Why)" }) 'Start its daemon (clusterd run), or switch it on (Start-ClusterNode).'
    }
}

Describe 'Fencing' -Tag Fencing {
    It 'Every node can be fenced' {
        Assert-None @($nodes | Where-Object { $_.FenceMethods.Count -eq 0 } | ForEach-Object { "node $($_.Name) has no fence method" }) `
            'What it owns would stay blocked after its loss. Give it one with New-ClusterFenceDevice and Set-ClusterFenceDevice -Node.'
    }

    It 'Every fence device answers' {
        $devices = @(ClusterTools\Get-ClusterFenceDevice -Cluster $Cluster)
        if (-not $devices) { Set-ItResult -Skipped -Because 'there are no fence devices' }
        $tests = @(ClusterTools\Test-ClusterFenceDevice -Cluster $Cluster)
        Assert-None @($tests | Where-Object { -not $_.Answers } | ForEach-Object { "device $($_.Device) of node $($_.Node) does not answer: $($_.Message)" }) `
            'Check its address, its credentials and its power.'
    }

    It 'No node is being fenced' {
        Assert-None @($status.Fencing | ForEach-Object { "node $($_.Target) is being fenced: $($_.Why) $($_.LastError)" }) 'Get-ClusterNode shows how it goes; Get-ClusterFenceHistory what came before.'
    }
}

Describe 'Groups' -Tag Group {
    It 'No group is Failed' {
        Assert-None @($groups | Where-Object -Property Phase -EQ -Value 'Failed' | ForEach-Object { "group $($_.Name) is Failed: $($_.Why)" }) `
            'Make sure that its resources are released, then run Stop-ClusterGroup and Start-ClusterGroup.'
    }

    It 'Every group that is to run is started' {
        Assert-None @($groups | Where-Object { $_.Goal -eq 'Run' -and $_.Phase -notin 'Started', 'Failed' } | ForEach-Object { "group $($_.Name) is $($_.Phase): $($_.Why)" }) `
            'Get-ClusterGroup -Explain says what it waits for.'
    }

    It 'No group is frozen' {
        Assert-None @($groups | Where-Object -Property Frozen | ForEach-Object { "group $($_.Name) is frozen: it is neither checked nor failed over" }) 'Run Unlock-ClusterGroup when the work on it is done.'
    }

    It 'No resource was given up' {
        Assert-None @($groups | Where-Object { $_.Abandoned.Count -gt 0 } | ForEach-Object { "group $($_.Name) runs without $($_.Abandoned -join ', ')" }) 'Correct the cause, then run Repair-ClusterGroup.'
    }
}

Describe 'Domains' -Tag Domain {
    It 'Every group runs where its domain allows it' {
        Assert-None @($groups | Where-Object { $_.Owner -and $_.Domain -and $domains[$_.Domain].Restricted -and $_.Owner -notin $domains[$_.Domain].Members.Node } |
                ForEach-Object { "group $($_.Name) runs on $($_.Owner), which is not in its domain $($_.Domain)" }) 'Move-ClusterGroup brings it back.'
    }

    It 'Every group has a second home' {
        $online = @($nodes | Where-Object -Property Phase -EQ -Value 'Online' | ForEach-Object -Process { $_.Name })
        Assert-None @(foreach ($group in $groups | Where-Object { $_.Goal -eq 'Run' }) {
                $homes = if ($group.Domain -and $domains[$group.Domain].Restricted) { @($domains[$group.Domain].Members.Node | Where-Object { $_ -in $online }) } else { $online }
                if (@($homes | Where-Object { $_ -ne $group.Owner }).Count -eq 0) { "group $($group.Name) can run on $(if ($homes) { "$homes alone" } else { 'no node' }) now" }
            }) 'Bring absent nodes of its domain back, or add nodes to the domain (Set-ClusterFailoverDomain).'
    }
}

Describe 'Configuration' -Tag Configuration {
    It 'All nodes have the same configuration' {
        $there = @($health | Where-Object -Property Answers)
        if (@($there | Select-Object -Property ConfigurationVersion, ConfigurationHash -Unique).Count -gt 1) {
            throw "$(($there | ForEach-Object { "$($_.Node) has version $($_.ConfigurationVersion) ($(([string]$_.ConfigurationHash).PadRight(8).Substring(0, 8).Trim()))" }) -join '; '). A node that stays behind is cut off from the others or faulty: restart its daemon."
        }
    }

    It 'Every resource has the time that its agent asks for' {
        $advised = @{}
        Assert-None @(foreach ($resource in ClusterTools\Get-ClusterResource -Cluster $Cluster) {
                $agent = [string] $resource.Agent
                # Others say nothing of time. One that is not installed on the node that answers may be where it runs.
                if ($agent -notlike 'ocf:*') { continue }
                if (-not $advised.ContainsKey($agent)) {
                    $advised[$agent] = @(ClusterTools\Get-ClusterResourceType -Name $agent -Cluster $Cluster -ErrorAction Ignore | ForEach-Object -MemberName Actions)
                }
                foreach ($limit in @{ Action = 'start'; Has = $resource.StartTimeout }, @{ Action = 'stop'; Has = $resource.StopTimeout }) {
                    # An agent that is not installed, or that says nothing of it, asks for nothing.
                    $asks = $advised[$agent] | Where-Object { $_.Name -eq $limit.Action -and $null -ne $_.Timeout } | Sort-Object -Property Timeout -Descending | Select-Object -First 1 -ExpandProperty Timeout
                    if ($null -ne $asks -and $limit.Has -lt $asks) {
                        "$($limit.Action) of $($resource.Id) in group $($resource.Group) is ended after $([ClusterTools.Views.ViewText]::Duration($limit.Has)), but $agent asks for $([ClusterTools.Views.ViewText]::Duration($asks))"
                    }
                }
            }) 'Give it more with Set-ClusterResource -StartTimeout and -StopTimeout, unless you have measured that it needs less.'
    }

    It 'All daemons answer' {
        Assert-None @($health | Where-Object { -not $_.Answers } | ForEach-Object { "no daemon answers at $($_.Server): $($_.Message)" }) 'Start it, or take its address out of the client context.'
    }

    It 'Every daemon can write' {
        Assert-None @($health | Where-Object { $_.Answers -and $_.Message } | ForEach-Object { "node $($_.Node): $($_.Message)" }) 'Until then nothing new can be begun there.'
    }

    It 'All daemons have the same version' {
        $versions = @($health | Where-Object -Property Answers | Group-Object -Property Version)
        if ($versions.Count -gt 1) {
            throw "$(($versions | ForEach-Object { "$($_.Name) on $($_.Group.Node -join ', ')" }) -join '; '). Finish the rolling update (Start-ClusterRunbook RollingMaintenance)."
        }
    }
}

Describe 'Certificates' -Tag Certificate {
    It 'No certificate is about to expire' {
        $limit = [DateTimeOffset]::Now.AddDays($CertificateDays)
        Assert-None @($health | Where-Object { $_.CertificateExpires -and $_.CertificateExpires -lt $limit } | ForEach-Object { "the certificate of node $($_.Node) expires on $($_.CertificateExpires.ToString('d'))" }) `
            'Renew it with clusterd init.'
    }

    It 'Your own certificate is not about to expire' {
        if ($OwnCertificateExpires -lt [DateTimeOffset]::Now.AddDays($CertificateDays)) {
            throw "your certificate expires on $($OwnCertificateExpires.ToString('d')). Ask an administrator of the cluster for a new one."
        }
    }
}

Describe 'Clocks' -Tag Clock {
    It 'The clocks of the nodes agree' {
        $told = @($health | Where-Object { $null -ne $_.ClockOffset } | Sort-Object -Property ClockOffset)
        if ($told.Count -lt 2) { Set-ItResult -Skipped -Because 'fewer than two daemons tell their time' }
        $apart = ($told[-1].ClockOffset - $told[0].ClockOffset).TotalMilliseconds
        if ($apart -gt $ClockTolerance) { throw "the clock of $($told[-1].Node) is $([int]$apart) ms ahead of that of $($told[0].Node). Have both follow the same time servers (chrony, w32time)." }
    }
}

Describe 'History' -Tag History {
    It 'The last failover succeeded' {
        $last = ClusterTools\Get-ClusterFenceHistory -Cluster $Cluster | Select-Object -Last 1
        if ($null -eq $last) { Set-ItResult -Skipped -Because 'no node has been fenced yet' }
        "the last failover: node $($last.Target), $(if ($last.At) { $last.At.LocalDateTime.ToString('s') }): $($last.Why)"
        if (-not $last.Success) { throw "the last fencing, of node $($last.Target) ($($last.Why)), failed: $($last.Message). Check the devices with Test-ClusterFenceDevice." }
    }
}
