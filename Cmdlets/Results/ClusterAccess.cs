using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>Who may do what: the right of one certificate.</summary>
public sealed class ClusterAccess
{
    /// <summary>Whose it is; stands in the journal as who asked.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it may do.</summary>
    public AccessRole Role { get; set; }

    /// <summary>SHA-256 of the certificate, hexadecimal, upper case.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>It is the one that this command was run with.</summary>
    public bool Current { get; set; }

    /// <summary>When the certificate expires; null: not known, for the cluster keeps fingerprints alone.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>The file of the certificate with its key that was made; null: none was.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>The file of client contexts that was made for its owner; null: none was.</summary>
    public string? ContextPath { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>All rights of a configuration, by name.</summary>
    internal static ClusterAccess[] Of(JObject document, string? own) =>
    [
        .. ConfigurationDocument.Section(document, ConfigurationDocument.Access).Properties()
            .Select(p => new ClusterAccess
            {
                Name = p.Value.Value<string>("name") ?? "",
                Role = Enum.TryParse(p.Value.Value<string>("role"), ignoreCase: true, out AccessRole role) ? role : AccessRole.Viewer,
                Fingerprint = p.Name,
                Current = p.Name == own,
            })
            .OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).ThenBy(a => a.Fingerprint, StringComparer.Ordinal),
    ];

    /// <summary>A fingerprint as the configuration has it: without separators, in upper case.</summary>
    /// <exception cref="ClusterApiException">It is none.</exception>
    internal static string FingerprintOf(string given)
    {
        string text = given.Trim();
        int prefix = text.IndexOf("fingerprint=", StringComparison.OrdinalIgnoreCase);
        string digits = new(
            [
                .. (prefix < 0 ? text : text.Substring(prefix + "fingerprint=".Length)).Where(c => c is not (':' or ' ' or '-')).Select(
                    char.ToUpperInvariant),
            ]);
        return digits.Length == 64 && digits.All(c => c is (>= '0' and <= '9') or (>= 'A' and <= 'F'))
            ? digits
            : throw EditErrors.Invalid(
                $"'{given}' is no SHA-256 fingerprint.",
                "Give 64 hexadecimal digits, as 'openssl x509 -noout -fingerprint -sha256' prints them.");
    }
}
