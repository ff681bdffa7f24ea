"""Where an error happened: steps noted while a failed call unwinds, so that success pays nothing."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_XINCREF
from cpython.unicode cimport PyUnicode_FromObject


cdef Place* next_place(Trail* trail) noexcept nogil:
    """The next free place, or the last one again. Its key stays owned until it is replaced."""
    cdef Place* place = &trail.places[min(trail.length, TRAIL_LENGTH - 1)]
    if trail.length < TRAIL_LENGTH:
        place.key = NULL
    trail.length += 1
    place.field = NULL
    place.index = -1
    return place


cdef void trail_field(Trail* trail, const Field* field) noexcept nogil:
    next_place(trail).field = field


cdef void trail_key(Trail* trail, PyObject* key) noexcept:
    cdef Place* place = next_place(trail)
    cdef PyObject* old = place.key
    Py_XINCREF(key)
    place.key = key
    Py_XDECREF(old)


cdef void trail_index(Trail* trail, Py_ssize_t index) noexcept nogil:
    next_place(trail).index = index


cdef void trail_clear(Trail* trail) noexcept:
    cdef Py_ssize_t i
    cdef PyObject* key
    for i in range(min(trail.length, TRAIL_LENGTH)):
        key = trail.places[i].key
        trail.places[i].key = NULL
        Py_XDECREF(key)
    trail.length = 0


cdef str trail_path(Trail* trail):
    """The path from the datum's root, e.g. ``$.items[3].price``; ``...`` where places were elided."""
    cdef list parts = ["$"]
    cdef Py_ssize_t i
    cdef Py_ssize_t kept = min(trail.length, TRAIL_LENGTH)
    for i in range(kept - 1, -1, -1):
        parts.append(show_place(&trail.places[i]))
        if i == TRAIL_LENGTH - 1 and trail.length > TRAIL_LENGTH:
            parts.append("...")
    return "".join(parts)


cdef str trail_innermost(Trail* trail):
    """Name of the innermost field, or None."""
    cdef Py_ssize_t i
    for i in range(min(trail.length, TRAIL_LENGTH)):
        if trail.places[i].field != NULL:
            return <str>trail.places[i].field.name
    return None


cdef str show_place(Place* place):
    if place.field != NULL:
        return "." + <str>place.field.name
    if place.index >= 0:
        return f"[{place.index}]"
    # A str subclass may run its own code; only its text is wanted.
    key = PyUnicode_FromObject(<object>place.key)
    text = key if len(key) <= 40 else key[:39] + "\N{HORIZONTAL ELLIPSIS}"
    return f"[{text!r}]"
