"""Programs of packages that use fastavro, with fastavro itself and with avrojet in its place.

``python -m benchmarks.downstream`` from the root of a checkout; benchmarks/README.md has the recipe.
"""
