namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>The library with which knet encrypts (totem.crypto_model).</summary>
public enum CorosyncCryptoModel
{
    Openssl,

    Nss,
}
