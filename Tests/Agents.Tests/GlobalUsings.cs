global using Xunit;

// These tests run real shell scripts, and signals.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
