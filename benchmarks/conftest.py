"""Keeps the micro-benchmarks out of every test run that does not name their file."""

collect_ignore = ["test_micro.py"]
