"""Object container files (specification: Object Container Files).

`framing` takes bytes apart, `codecs` restores blocks, `reader` and `writer` do the work of users.
"""
