namespace ClusterTools.Api;

/// <summary>
/// The invitations that this member keeps: in its memory alone, each for a short time, by the fingerprint of the certificate in the token.
/// </summary>
internal sealed class Invitations
{
    private const int Most = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Invitation> byFingerprint = new(StringComparer.Ordinal);

    /// <summary>Keeps one; an earlier one of the same node is over.</summary>
    public void Add(string fingerprint, Invitation invitation)
    {
        lock (gate)
        {
            foreach ((string other, Invitation there) in byFingerprint.ToArray())
            {
                if (there.Node == invitation.Node || IsOver(there))
                {
                    byFingerprint.Remove(other);
                }
            }

            if (byFingerprint.Count >= Most)
            {
                throw Problems.TooManyInvitations(Most);
            }

            byFingerprint[fingerprint] = invitation;
        }
    }

    /// <summary>Whom a certificate invites; null: nobody, or not any more.</summary>
    public Invitation? Find(string fingerprint)
    {
        lock (gate)
        {
            return byFingerprint.TryGetValue(fingerprint, out Invitation? found) && !IsOver(found) ? found : null;
        }
    }

    private static bool IsOver(Invitation invitation) => Environment.TickCount64 > invitation.Expires;
}
