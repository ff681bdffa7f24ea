"""The cyclic garbage collector, paused while values are made that are all kept.

It would walk the fresh values again and again, and none of them can be garbage yet. It is one for the whole process:
a thread that finds it off leaves it off, and a process that is forked meanwhile has it on.
"""

import os

cdef extern from "Python.h":
    int PyGC_Disable()          # whether it was on; likewise
    int PyGC_Enable()

cdef int is_paused = 0          # by the caller that switched it off here
cdef int process = 1            # changes with a fork: a pause that began in another process is not ended here


cdef int collector_pause() noexcept:
    """Switch the collector off; returns the argument for :func:`collector_resume`."""
    global is_paused
    if not PyGC_Disable():
        return 0
    is_paused = 1
    return process


cdef void collector_resume(int paused) noexcept:
    """Switch it on again, if it was switched off by the pause that returned this."""
    global is_paused
    if paused == process:
        is_paused = 0
        PyGC_Enable()


def keep_all(items):
    """A list of all items, made without the collector."""
    cdef int paused = collector_pause()
    try:
        return list(items)
    finally:
        collector_resume(paused)


def forked():
    """The thread that paused the collector may not be there in the child, and would never end it."""
    global is_paused, process
    if is_paused:
        is_paused = 0
        process += 1
        PyGC_Enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forked)
