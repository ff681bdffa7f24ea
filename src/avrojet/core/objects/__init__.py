"""Records as instances of classes: how they are made from values, and how their fields are read."""
