"""Sources: where resources come from, a cluster or manifests."""
