namespace ClusterTools.Core.Configuration;

/// <summary>What an edit is about.</summary>
internal interface IConfigurationEdit
{
    /// <exception cref="EditRefusedException">It can't be made.</exception>
    ClusterConfiguration Edit(ClusterConfiguration configuration, EditAction action);
}
