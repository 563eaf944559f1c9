namespace ClusterTools.Demos;

/// <summary>Something that was to be shown did not happen.</summary>
internal sealed class DemoException(string message) : Exception(message);
