// Tests that stop processes for a token time would otherwise starve each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
