#if NET
// The cmdlets' tests run the cmdlets, made for netstandard2.0, on this build.
[assembly: System.Runtime.CompilerServices.TypeForwardedTo(typeof(ClusterTools.Core.PlainText))]
#endif
