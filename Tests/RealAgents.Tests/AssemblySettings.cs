// One machine's worth of namespaces and clusters at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// Namespaces, signals and mounts.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
