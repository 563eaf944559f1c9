using System.Linq;
using ClusterTools.Contract;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>Edits of who may do what.</summary>
internal static class AccessEdit
{
    /// <summary>All rights, by name.</summary>
    public static ClusterAccess[] Read(JObject document, string? own) =>
    [
        .. Section(document).Properties()
            .Select(p => new ClusterAccess
            {
                Name = p.Value.Value<string>("name") ?? "",
                Role = Enum.TryParse(p.Value.Value<string>("role"), ignoreCase: true, out AccessRole role) ? role : AccessRole.Viewer,
                Fingerprint = p.Name,
                Current = p.Name == own,
            })
            .OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).ThenBy(a => a.Fingerprint, StringComparer.Ordinal),
    ];

    /// <summary>Gives a certificate a right, or another one.</summary>
    public static void Grant(JObject document, string fingerprint, string name, AccessRole role) =>
        Section(document)[fingerprint] = new JObject { ["name"] = name, ["role"] = role.ToString().ToLowerInvariant() };

    /// <summary>Takes a certificate's right away.</summary>
    public static void Revoke(JObject document, string fingerprint) => Section(document).Remove(fingerprint);

    /// <summary>A fingerprint as the configuration has it: without separators, in upper case.</summary>
    /// <exception cref="ClusterApiException">It is none.</exception>
    public static string Fingerprint(string given)
    {
        string text = given.Trim();
        int prefix = text.IndexOf("fingerprint=", StringComparison.OrdinalIgnoreCase);
        string digits = new([.. (prefix < 0 ? text : text.Substring(prefix + "fingerprint=".Length)).Where(c => c is not (':' or ' ' or '-')).Select(char.ToUpperInvariant)]);
        return digits.Length == 64 && digits.All(c => c is (>= '0' and <= '9') or (>= 'A' and <= 'F'))
            ? digits
            : throw EditErrors.Invalid($"'{given}' is no SHA-256 fingerprint.", "Give 64 hexadecimal digits, as 'openssl x509 -noout -fingerprint -sha256' prints them.");
    }

    private static JObject Section(JObject document) => ConfigurationDocument.Section(document, ConfigurationDocument.Access);
}
