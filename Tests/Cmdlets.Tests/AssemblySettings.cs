// Each test runs a cluster of its own; several at once on two cores would miss each other's heartbeats.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// The lab is Linux's processes and signals.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
