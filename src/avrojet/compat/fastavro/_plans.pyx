"""The most recently used plans, found by the content of their schemas."""

cimport cython

from avrojet.compat.fastavro._known cimport Known, Watch
from avrojet.cache import PlanCache

cdef enum:
    TABLES = 256                # states of a table that are distinguished


cdef class Table:
    """A table of conversions, whose state is an object: the same one whenever its entries are equal."""

    def __init__(self, dict table not None):
        self.table = table
        self.states = {}
        self.look()

    cdef object state_now(self):
        """Return an object for the present state of the table."""
        cdef Watch watch
        # Costs nothing if there is a GIL; likewise below.
        with cython.critical_section(self):
            watch, state = self.watch, self.current
        return state if watch.same() else self.look()

    cdef object look(self):
        cdef dict states
        watch, items = Watch((self.table,)), tuple(self.table.copy().items())
        with cython.critical_section(self):
            states = self.states
        try:
            state = states.setdefault(items, object())
        except TypeError:   # a conversion that has no hash
            return object()
        if len(states) > TABLES:
            states = {items: state}
        with cython.critical_section(self):
            self.states, self.watch, self.current = states, watch, state
        return state


cdef class Plans:
    """The most recently used plans. Equal schemas share one."""

    cdef readonly object cache
    cdef Py_ssize_t generation

    def __init__(self):
        self.cache = PlanCache()

    def clear(self):
        """Discard all plans."""
        self.generation += 1
        self.cache.clear()

    def find(self, make, Table table, Known writer not None, Known reader, tuple options not None):
        """Return the earlier or new result of ``make(writer's schema, reader's schema, *options)``.

        :param table: the table that the result depends on, or None.
        :param reader: None: the result is made from one schema.
        """
        cdef tuple key, last
        cdef object state = None if table is None else table.state_now()
        if reader is writer:
            reader = None
        with cython.critical_section(writer):
            last = writer.last
        if last is not None and last[0] is make and last[1] is state and last[2] is reader:
            if <Py_ssize_t>last[4] == self.generation and last[3] == options:
                return last[5]
        key = make, state, writer, reader, options
        plan = self.cache.get(key)
        if plan is None:
            plan = self.new(key)
        if writer.shared and (reader is None or reader.shared):
            last = make, state, reader, options, self.generation, plan
            with cython.critical_section(writer):
                writer.last = last
        return plan

    cdef object new(self, tuple key):
        """Make a plan, without a lock: several threads may make the same one."""
        cdef Py_ssize_t generation = self.generation
        cdef Known writer = key[2]
        cdef Known reader = key[3]
        cdef Py_ssize_t size = writer.size + (0 if reader is None else reader.size)
        plan = key[0](writer.schema, None if reader is None else reader.schema, *key[4])
        # Schemas that are not shared are not found again.
        if writer.shared and (reader is None or reader.shared) and generation == self.generation:
            self.cache.keep(key, plan, size)
        return plan
