"""Plan: frozen nodes and everything they point to, immutable and shared by threads."""

from cpython.object cimport PyObject

from avrojet.core.ground.arena cimport Arena
from avrojet.core.ground.cursor cimport Bounds
from avrojet.core.plan.node cimport Node


cdef enum:
    # Slots of the cache of map keys: a power of two; 16 KiB for each plan that has maps.
    KEY_SLOTS = 2048


cdef class Plan(Arena):
    # What each call reads comes first, as in Node.
    cdef Node* root
    cdef PyObject** keys        # KEY_SLOTS references, or NULL
    cdef const char* unicode_errors     # NULL: strict
    cdef bint expands           # values can have more objects than their bytes account for
    cdef Bounds bounds
    cdef list owned
    cdef list defaults          # addresses of the OP_DEFAULT nodes
    cdef list records           # addresses of the OP_RESOLVED nodes

    cdef PyObject* own(self, object value)
