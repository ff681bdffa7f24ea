/* Whether a dict or list is unchanged since it was last checked. */

#ifndef AVROJET_WATCH_H
#define AVROJET_WATCH_H

#include <Python.h>

/* Up to Python 3.13, each change of a dict sets a version number that no dict has had before. */
#if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
#define AVROJET_DICT_VERSIONS 1
#else
#define AVROJET_DICT_VERSIONS 0
#endif

#ifndef Py_BEGIN_CRITICAL_SECTION
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

static inline uint64_t avrojet_dict_version(PyObject *dict) {
#if AVROJET_DICT_VERSIONS
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
    return ((PyDictObject *)dict)->ma_version_tag;
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#else
    return 0;
#endif
}

/* Without versions every entry is compared with `items`, a tuple of the keys and values in turn, which keeps
   them alive, so that no other object gets their addresses. */
static inline int avrojet_same_dict(PyObject *dict, uint64_t version, PyObject *items) {
#if AVROJET_DICT_VERSIONS
    return avrojet_dict_version(dict) == version;
#else
    PyObject *key, *value;
    Py_ssize_t position = 0, i = 0;
    int same = 1;
    Py_BEGIN_CRITICAL_SECTION(dict);
    if (2 * PyDict_Size(dict) != PyTuple_GET_SIZE(items)) same = 0;
    while (same && PyDict_Next(dict, &position, &key, &value)) {
        same = key == PyTuple_GET_ITEM(items, i) && value == PyTuple_GET_ITEM(items, i + 1);
        i += 2;
    }
    Py_END_CRITICAL_SECTION();
    return same;
#endif
}

static inline int avrojet_same_list(PyObject *list, PyObject *const *items, Py_ssize_t size) {
    PyObject *const *now;
    int same = 1;
    Py_BEGIN_CRITICAL_SECTION(list);
    now = ((PyListObject *)list)->ob_item;
    if (PyList_GET_SIZE(list) != size) same = 0;
    for (Py_ssize_t i = 0; same && i < size; i++) same = now[i] == items[i];
    Py_END_CRITICAL_SECTION();
    return same;
}

#endif
