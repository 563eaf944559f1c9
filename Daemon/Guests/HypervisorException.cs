namespace ClusterTools.Guests;

/// <summary>A hypervisor did not do what it was asked for.</summary>
/// <param name="fault">In which way.</param>
/// <param name="message">For people: what, of which guest, and why.</param>
public sealed class HypervisorException(HypervisorFault fault, string message) : Exception(message)
{
    /// <summary>In which way.</summary>
    public HypervisorFault Fault => fault;
}
