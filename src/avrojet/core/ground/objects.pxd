"""CPython's objects as raw pointers, with references counted by hand: leaves take none, and a routine that fails
releases its own."""

from cpython.object cimport PyObject
from libc.stdint cimport uint32_t

cdef extern from "Python.h":
    ctypedef struct PyTypeObject:
        pass
    PyTypeObject PyUnicode_Type, PyLong_Type, PyFloat_Type, PyBytes_Type, PyDict_Type, PyList_Type
    PyTypeObject PyTuple_Type, PyBool_Type, PyByteArray_Type, PyMemoryView_Type
    PyObject* Py_None
    PyObject* Py_True
    PyObject* Py_False
    void incref "Py_INCREF"(PyObject*)
    void decref "Py_DECREF"(PyObject*)
    PyTypeObject* type_of "Py_TYPE"(PyObject*)
    bint is_str "PyUnicode_Check"(PyObject*)
    bint is_int "PyLong_Check"(PyObject*)
    bint is_float "PyFloat_Check"(PyObject*)
    bint is_bytes "PyBytes_Check"(PyObject*)
    bint is_dict "PyDict_Check"(PyObject*)
    bint is_list "PyList_Check"(PyObject*)
    bint is_tuple "PyTuple_Check"(PyObject*)
    bint is_exact_tuple "PyTuple_CheckExact"(PyObject*)
    bint has_index "PyIndex_Check"(PyObject*)
    PyObject* index_of "PyNumber_Index"(PyObject*)
    PyObject* PyLong_FromLongLong(long long)
    PyObject* PyFloat_FromDouble(double)
    double PyFloat_AS_DOUBLE(PyObject*)
    PyObject* PyBytes_FromStringAndSize(const char*, Py_ssize_t)
    object new_bytes "PyBytes_FromStringAndSize"(const char*, Py_ssize_t)
    char* PyBytes_AS_STRING(PyObject*)
    Py_ssize_t PyBytes_GET_SIZE(PyObject*)
    PyObject* PyUnicode_New(Py_ssize_t, uint32_t)
    PyObject* PyUnicode_DecodeUTF8(const char*, Py_ssize_t, const char*)
    bint PyUnicode_IS_COMPACT_ASCII(PyObject*)
    void* PyUnicode_1BYTE_DATA(PyObject*)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject*)
    int compare_text "PyUnicode_Compare"(PyObject*, PyObject*)
    PyObject** PySequence_Fast_ITEMS(PyObject*)
    PyObject* PyList_New(Py_ssize_t)
    void PyList_SET_ITEM(PyObject*, Py_ssize_t, PyObject*)
    int PyList_Append(PyObject*, PyObject*)
    Py_ssize_t PyList_GET_SIZE(PyObject*)
    PyObject* PyTuple_New(Py_ssize_t)
    PyObject* PyTuple_Pack(Py_ssize_t, ...)
    void PyTuple_SET_ITEM(PyObject*, Py_ssize_t, PyObject*)
    PyObject* PyTuple_GET_ITEM(PyObject*, Py_ssize_t)
    Py_ssize_t PyTuple_GET_SIZE(PyObject*)
    PyObject* PyDict_Copy(PyObject*)
    Py_ssize_t dict_size "PyDict_Size"(PyObject*)
    int PyDict_Next(PyObject*, Py_ssize_t*, PyObject**, PyObject**)
    PyObject* find_item "PyDict_GetItemWithError"(PyObject*, PyObject*)
    Py_hash_t PyObject_Hash(PyObject*)
    PyObject* PyObject_CallOneArg(PyObject*, PyObject*)
    PyObject* PyErr_Occurred()
    bint PyErr_ExceptionMatches(object)
    void PyErr_Clear()
    void PyObject_GC_Track(PyObject*)
    void PyObject_GC_UnTrack(PyObject*)
