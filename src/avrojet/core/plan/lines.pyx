"""Finds the lines of a plan, in the order in which decoding reads them."""

from cpython.object cimport PyObject
from libc.stdint cimport uintptr_t

from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan

cdef extern from "rowdict.h":
    const void* avrojet_row_table(PyObject*, Py_ssize_t*)

cdef enum:
    MOST_VISITS = 64            # nodes; types that contain themselves never end
    HEAD_BYTES = 48             # the part of an object that copying it reads


cdef struct Search:
    Lines* lines
    int used                    # spans
    int visits                  # left


cdef void find_lines(Lines* lines, Plan plan) noexcept:
    cdef Search search
    cdef int i
    for i in range(MOST_SPANS):
        lines.spans[i] = 0
    search.lines = lines
    search.used = 0
    search.visits = MOST_VISITS
    add_span(&search, &plan.root, <const char*>(&plan.bounds + 1) - <const char*>&plan.root)
    add_node(&search, plan.root)
    search.visits = MOST_VISITS
    add_names(&search, plan.root)


cdef void add_node(Search* search, const Node* node) noexcept:
    cdef Py_ssize_t i, size
    cdef const void* table
    if not visits(search, node):
        return
    add_span(search, node, LINE_BYTES)
    if node.by_entry:
        table = avrojet_row_table(node.object, &size)
        add_span(search, node.object, HEAD_BYTES)
        add_span(search, table, size)
    if node.children != NULL:
        add_span(search, node.children, node.count * <Py_ssize_t>sizeof(Node*))
        for i in range(node.count):
            add_node(search, node.children[i])
    elif node.fields != NULL:
        add_span(search, node.fields, node.count * <Py_ssize_t>sizeof(Field))
        for i in range(node.count):
            add_node(search, node.fields[i].node)
    elif node.child != NULL:
        add_node(search, node.child)


cdef void add_names(Search* search, const Node* node) noexcept:
    """Names of fields, which each row refers to. They come last, as schemas share many of them."""
    cdef Py_ssize_t i
    if not visits(search, node):
        return
    if node.fields != NULL:
        for i in range(node.count):
            add_span(search, node.fields[i].name, 1)
            add_names(search, node.fields[i].node)
    elif node.child != NULL:
        add_names(search, node.child)


cdef bint visits(Search* search, const Node* node) noexcept:
    """Whether to visit a node. Those of primitive types are shared by all plans, and so are cached."""
    if node.op < OP_FIXED or not search.visits or search.used == MOST_SPANS:
        return False
    search.visits -= 1
    return True


cdef void add_span(Search* search, const void* memory, Py_ssize_t size) noexcept:
    cdef uintptr_t first = <uintptr_t>memory & ~<uintptr_t>(LINE_BYTES - 1)
    cdef uintptr_t more
    cdef int i
    if size <= 0 or search.used == MOST_SPANS:
        return
    more = (<uintptr_t>memory + <uintptr_t>size - 1 - first) / LINE_BYTES
    if more >= MOST_LINES:
        more = MOST_LINES - 1
    for i in range(search.used):
        if covers(search.lines.spans[i], first, more):
            return
    search.lines.spans[search.used] = first | more
    search.used += 1


cdef bint covers(uintptr_t span, uintptr_t first, uintptr_t more) noexcept:
    cdef uintptr_t begin = first_line(span)
    return begin <= first and first + more * LINE_BYTES <= begin + lines_after(span) * LINE_BYTES
