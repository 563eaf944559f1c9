namespace ClusterTools.Core.Configuration;

/// <summary>A line of the tree.</summary>
/// <param name="Depth">Steps from the root, 0.</param>
/// <param name="Path">Place in the model, as problems name it.</param>
/// <param name="Text">What is there.</param>
public sealed record ConfigurationTreeLine(int Depth, string Path, string Text);
