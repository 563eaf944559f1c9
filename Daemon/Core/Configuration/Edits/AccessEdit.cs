namespace ClusterTools.Core.Configuration;

/// <summary>An edit of the right of one certificate: given, changed, or taken away.</summary>
public sealed record AccessEdit : IConfigurationEdit
{
    /// <summary>SHA-256 of the certificate, hexadecimal, upper case.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Whose it is.</summary>
    public string? Name { get; init; }

    public AccessRole? Role { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action) => configuration with
    {
        Access = action == EditAction.Remove
            ? configuration.Access.Remove(Fingerprint)
            : configuration.Access.SetItem(Fingerprint, Name is { } name && Role is { } role
                ? new AccessGrant { Name = name, Role = role }
                : throw EditRefusedException.Invalid(
                    "A right has no name or no role.", "Give both: whose it is, and viewer, operator or administrator.")),
    };
}
