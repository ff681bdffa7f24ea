"""Caches of the schemas and plans used last; any module may import this one."""

cimport cython


cdef class PlanCache:
    """Plans, or schemas, keyed by what they were made of; bounded in number and in size.

    What is too large by itself is not kept, and is made anew each time.

    Threads may share it, and what runs while a key is looked up may come back to it. Threads that look for the
    same plan at the same time may each make one. There are two generations: when the younger one has grown to half
    of the bound, the older one is dropped, with the plans that were not used meanwhile.

    :param plans: the most plans that are kept; one of a hundred fields takes some 20 KB.
    :param size: the most that their sizes may add up to, in the unit that is passed to :meth:`keep`. The
        default is of characters of schemas: a schema and its plan take some ten bytes for each, fifty at
        worst.
    """

    cdef Py_ssize_t plans, size, held   # of a generation; the size of the younger
    cdef dict young, old                # key -> (plan, size)

    def __init__(self, Py_ssize_t plans=256, Py_ssize_t size=4 << 20):
        self.plans = plans // 2
        self.size = size // 2
        self.clear()

    def __len__(self):
        cdef dict young, old
        with cython.critical_section(self):
            young, old = self.young, self.old
        return len(young.keys() | old.keys())

    def get(self, key):
        """The plan of a key, None if there is none."""
        cdef dict young, old
        with cython.critical_section(self):
            young, old = self.young, self.old
        found = young.get(key)
        if found is None:
            found = old.get(key)
            if found is None:
                return None
            self.keep(key, (<tuple>found)[0], (<tuple>found)[1])
        return (<tuple>found)[0]

    def keep(self, key, plan, Py_ssize_t size):
        """Keep a plan, while there is room."""
        cdef dict young, _dropped = None    # freed at the end, as that may run any code
        cdef Py_ssize_t known
        if size > self.size:
            return
        with cython.critical_section(self):
            if len(self.young) >= self.plans or self.held + size > self.size:
                _dropped, self.old, self.young, self.held = self.old, self.young, {}, 0
            young = self.young
            known = len(young)
            young[key] = plan, size
            if young is self.young and len(young) > known:
                self.held += size

    def clear(self):
        """Forget all plans."""
        cdef dict _young, _old              # freed at the end as well
        with cython.critical_section(self):
            _young, _old = self.young, self.old
            self.young, self.old, self.held = {}, {}, 0
