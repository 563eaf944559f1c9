using ClusterTools.Build.Help;

namespace ClusterTools.Packaging.Tests;

public sealed class ManifestTests
{
    [Fact]
    public void It_exports_the_assembly_s_cmdlets_by_name_and_no_others() =>
        Assert.Equal(ModuleFiles.Cmdlets.Select(c => c.Name), ModuleFiles.ListOf("CmdletsToExport").Order(StringComparer.Ordinal));

    [Fact]
    public void Nothing_is_exported_by_wildcard()
    {
        foreach (string key in (string[])["CmdletsToExport", "FunctionsToExport", "AliasesToExport", "VariablesToExport"])
        {
            Assert.DoesNotContain(ModuleFiles.ListOf(key), n => n.Contains('*', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_file_of_views_and_types_that_it_names_is_there()
    {
        foreach (string file in (string[])[.. ModuleFiles.ListOf("FormatsToProcess"), .. ModuleFiles.ListOf("TypesToProcess")])
        {
            Assert.True(File.Exists(ModuleFiles.PathOf(file)), file);
        }
    }

    [Fact]
    public void It_says_which_editions_it_is_for() => Assert.Equal(["Core", "Desktop"], ModuleFiles.ListOf("CompatiblePSEditions"));

    [Fact]
    public void Cmdlets_use_approved_verbs_and_singular_nouns()
    {
        foreach (CmdletDescription cmdlet in ModuleFiles.Cmdlets)
        {
            Assert.Contains(cmdlet.Verb, ApprovedVerbs);
            Assert.False(cmdlet.Noun.EndsWith('s') && !cmdlet.Noun.EndsWith("ss", StringComparison.Ordinal), cmdlet.Name);
        }
    }

    [Fact]
    public void A_cmdlet_whose_verb_changes_something_takes_WhatIf_and_Confirm()
    {
        foreach (CmdletDescription cmdlet in ModuleFiles.Cmdlets.Where(c => Changing.Contains(c.Verb)))
        {
            Assert.True(cmdlet.ShouldProcess, cmdlet.Name);
        }
    }

    // Waiting, reading, comparing, testing and choosing a connection change nothing in the cluster.
    private static readonly string[] Changing =
        [
            "Add", "Clear", "Confirm", "Grant", "Import", "Invoke", "Lock", "Move", "New", "Remove", "Repair", "Restart", "Restore",
            "Resume", "Revoke", "Send", "Set", "Start", "Stop", "Suspend", "Unlock", "Update", "Write"];

    private static readonly string[] ApprovedVerbs =
        [.. Changing, "Compare", "Connect", "Disconnect", "Export", "Get", "Test", "Wait"];
}
