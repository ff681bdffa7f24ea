"""The cyclic garbage collector, paused while values are made that are all kept.

It would traverse the new values again and again, though none can be garbage yet. There is one per process: a thread
that finds it off leaves it off, and a process forked meanwhile has it on.
"""

import os

cdef extern from "Python.h":
    int PyGC_Disable()          # returns whether it was on; likewise
    int PyGC_Enable()

cdef int is_paused = 0          # by a caller of collector_pause
cdef int process = 1            # changes with a fork: a pause begun in the parent is not ended here


cdef int collector_pause() noexcept:
    """Switch the collector off; returns the argument for :func:`collector_resume`."""
    global is_paused
    if not PyGC_Disable():
        return 0
    is_paused = 1
    return process


cdef void collector_resume(int paused) noexcept:
    """Switch it back on, if the pause that returned ``paused`` switched it off."""
    global is_paused
    if paused == process:
        is_paused = 0
        PyGC_Enable()


def keep_all(items):
    """A list of all items, made while the collector is paused."""
    cdef int paused = collector_pause()
    try:
        return list(items)
    finally:
        collector_resume(paused)


def forked():
    """End the pause: the thread that began it may not exist in the child, and so would never end it."""
    global is_paused, process
    if is_paused:
        is_paused = 0
        process += 1
        PyGC_Enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forked)
