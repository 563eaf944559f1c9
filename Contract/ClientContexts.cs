namespace ClusterTools.Contract;

/// <summary>The client context file, in the manner of a kubeconfig: several clusters, one of them current.</summary>
public sealed class ClientContexts
{
    /// <summary>Name of the context that is used when none is named.</summary>
    public string? Current { get; set; }

    public IReadOnlyList<ClientContext> Contexts { get; set; } = [];
}

/// <summary>How to reach one cluster, as whom.</summary>
public sealed class ClientContext
{
    /// <summary>Unique within the file, compared without case.</summary>
    public string Name { get; set; } = "";

    /// <summary>The cluster's name.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>Base addresses of its nodes, such as <c>https://node1:7450</c>; tried in turn.</summary>
    public IReadOnlyList<string> Servers { get; set; } = [];

    /// <summary>Certificate of the cluster's CA, PEM.</summary>
    public string Authority { get; set; } = "";

    /// <summary>
    /// Client certificate with its key: path of a PFX file, relative to this file's folder. Either this or <see cref="CertificatePfx"/>.
    /// </summary>
    public string? CertificatePath { get; set; }

    /// <summary>Client certificate with its key: a PFX in base64.</summary>
    public string? CertificatePfx { get; set; }
}
