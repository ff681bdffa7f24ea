"""Foreign code that is called from within an iteration: its StopIteration is an error, never the end.

Python has the same rule for generators (PEP 479): whatever consumes an iterator takes any StopIteration for
its end, and the rows that are still to come would be lost silently.
"""


cdef object no_stop(object error):
    """What to raise for an error of foreign code: the error itself, unless it would be taken for an end."""
    if not isinstance(error, StopIteration):
        return error
    made = RuntimeError(f"foreign code raised StopIteration: {error}")
    made.__cause__ = error
    return made


def call(function, *arguments):
    """What a function of foreign code returns.

    :raises RuntimeError: if it raises StopIteration; other errors come as they are.
    """
    try:
        return function(*arguments)
    except StopIteration as error:
        raise no_stop(error) from error


cdef class Intake:
    """Data that a source has returned, kept until they are taken, and how far the source has been read by
    then.

    Calling a source and keeping what it returns is one step here, which no signal handler can interrupt. So
    an interruption loses nothing: what was read is there, and the source stands where ``at`` and ``data``
    say.

    :ivar data: what the last call returned; None if it was taken.
    :ivar at: bytes that were taken.
    """

    cdef readonly object data
    cdef readonly object at

    def __cinit__(self):
        self.at = 0

    def call(self, function, argument):
        """Keep what a function of the source returns. Errors are those of :func:`call`."""
        self.data = None
        try:
            self.data = function(argument)
        except StopIteration as error:
            raise no_stop(error) from error

    def take(self, size):
        """That many bytes of data were put where they belong."""
        at = self.at + size
        self.at = at
        self.data = None

    def move_to(self, bytearray buffer not None, data):
        """Put the data, as bytes, at the end of a buffer and take them, in one step."""
        at = self.at + len(data)
        buffer += data
        self.at = at
        self.data = None

    def go_to(self, at):
        """The source stands at another place; data that it returned before are dropped."""
        self.data = None
        self.at = at
