"""Benchmarks of avrojet beside other serializers; ``python -m benchmarks.run`` prints the table.

Nothing in the package imports this; it is run from the root of a checkout.
"""
