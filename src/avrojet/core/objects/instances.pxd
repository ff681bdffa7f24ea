"""Making an instance from the values of its fields, and reading them back."""

from cpython.object cimport PyObject

from avrojet.core.objects.object_form cimport ObjectForm


cdef extern from "instances.h":
    # Makes a new instance; takes the values' references. NULL with an exception.
    PyObject* object_new "avrojet_object_new"(const ObjectForm*, PyObject**)
    # A new reference to a field's value, or NULL with an exception.
    PyObject* object_item "avrojet_object_item"(const ObjectForm*, PyObject*, Py_ssize_t)
    bint have_same_class "avrojet_have_same_class"(const ObjectForm*, const ObjectForm*)
    bint is_instance "avrojet_is_instance"(PyObject*, const ObjectForm*)
    void drop_values "avrojet_drop_values"(PyObject**, Py_ssize_t)
