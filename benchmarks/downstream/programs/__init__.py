"""One file for each package: its cases, by name.

A case is called as often as it is timed, and returns what is to be the same with both libraries.
"""
