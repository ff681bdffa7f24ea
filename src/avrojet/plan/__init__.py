"""Plans: what to do with bytes of a writer's schema for a reader who wants another."""
