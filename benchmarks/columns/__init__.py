"""Container files to and from columns: avrojet beside other libraries.

``python -m benchmarks.columns`` from the root of a checkout; see ``benchmarks/README.md``.
"""
