"""Plans: how to read bytes of a writer's schema for a reader with another schema."""
