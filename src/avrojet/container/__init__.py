"""Object container files (specification: Object Container Files).

`framing` parses bytes, `codecs` restores blocks, `reader` and `writer` are what users call.
"""
