/* What is known of a class: how its instances are made from the values of their fields, and how those are read. */
#ifndef AVROJET_OBJECT_FORM_H
#define AVROJET_OBJECT_FORM_H

#include <Python.h>

enum avrojet_way {
    AVROJET_BY_SETTING,   /* one attribute at a time, by object.__setattr__ */
    AVROJET_BY_SLOTS,     /* places: offsets of the slots */
    AVROJET_BY_VALUES,    /* places: indices of the values that CPython keeps instead of a dict */
    AVROJET_BY_DICT,      /* a dict, which becomes the instance's __dict__ */
    AVROJET_BY_ITEMS,     /* the items of a tuple */
    AVROJET_BY_CALL,      /* the class is called, with positional and keyword arguments */
    AVROJET_BY_ENTRIES,   /* a function is called with a dict */
};

typedef struct {
    int making;           /* an avrojet_way */
    int reading;          /* likewise; BY_SETTING: by getattr */
    PyTypeObject *type;
    Py_ssize_t count;
    PyObject **names;     /* attribute names, interned */
    Py_hash_t *hashes;
    Py_ssize_t *places;
    PyObject *call;       /* what is called */
    PyObject *keywords;   /* names of the last arguments, passed by keyword; a tuple or NULL */
    PyObject *after;      /* name of a method called on each new instance, or NULL */
    PyObject *after_arg;  /* its argument, or NULL for none */
    PyObject *no_arguments; /* an empty tuple */
    PyObject *template_;  /* a dict with the keys, copied for each instance */
    PyObject **keys;      /* of that dict */
    Py_hash_t *key_hashes;
} AvrojetForm;

#endif
