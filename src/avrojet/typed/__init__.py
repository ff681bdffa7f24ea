"""Classes and schemas: the schema of a class, classes of a schema, and values that are instances of classes."""
