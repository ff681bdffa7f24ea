"""How instances of a class are made from the values of their fields, and how the fields are read."""

from cpython.object cimport PyObject


cdef extern from "object_form.h":
    ctypedef struct ObjectForm "AvrojetForm":
        int making
        int reading
        Py_ssize_t count
        PyObject** names
        Py_hash_t* hashes
        Py_ssize_t* places
        PyObject* call
        PyObject* keywords
        PyObject* after
        PyObject* after_arg
        PyObject* no_arguments
        PyObject* template_
        PyObject** keys
        Py_hash_t* key_hashes
