"""Records as instances of classes: how they are made of values, and how their fields are read."""
