// Three machines at a time are enough for two processors.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// QEMU, 9p and the machines' own kernel.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
