"""Calls to foreign code from within an iteration: its StopIteration is an error, never the end.

Python has the same rule for generators (PEP 479): whatever consumes an iterator takes any StopIteration for
its end, and the remaining rows would be lost silently.
"""


cdef object no_stop(object error):
    """The exception to raise for an error of foreign code: the error itself, unless it would end an iteration."""
    if not isinstance(error, StopIteration):
        return error
    made = RuntimeError(f"foreign code raised StopIteration: {error}")
    made.__cause__ = error
    return made


def call(function, *arguments):
    """Call a function of foreign code.

    :raises RuntimeError: if it raises StopIteration; other errors are passed on.
    """
    try:
        return function(*arguments)
    except StopIteration as error:
        raise no_stop(error) from error


cdef class Intake:
    """Data that a source has returned, kept until they are taken, and how far the source has been read.

    Calling a source and keeping what it returns is one step here, which no signal handler can interrupt. So an
    interruption loses nothing: what was read is kept, and the source stands where ``at`` and ``data`` say.

    :ivar data: what the last call returned; None if they were taken.
    :ivar at: number of bytes taken.
    """

    cdef readonly object data
    cdef readonly object at

    def __cinit__(self):
        self.at = 0

    def call(self, function, argument):
        """Keep what a function of the source returns. Errors as in :func:`call`."""
        self.data = None
        try:
            self.data = function(argument)
        except StopIteration as error:
            raise no_stop(error) from error

    def take(self, size):
        """Note that ``size`` bytes of data have been stored elsewhere."""
        at = self.at + size
        self.at = at
        self.data = None

    def move_to(self, bytearray buffer not None, data):
        """Append the data, as bytes, to a buffer and take them, in one step."""
        at = self.at + len(data)
        buffer += data
        self.at = at
        self.data = None

    def go_to(self, at):
        """Note that the source has been moved to another place; data returned before are dropped."""
        self.data = None
        self.at = at
