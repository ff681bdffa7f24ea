"""The C declarations of parser.py."""

cimport cython

from avrojet.schema.model cimport (
    ArraySchema, EnumSchema, FixedSchema, MapSchema, NamedSchema, PrimitiveSchema, RecordSchema, Schema, UnionSchema,
)
from avrojet.schema.names cimport are_names, fullname, is_fullname, namespace_of
from avrojet.schema.shared cimport new_field, shared, usual_field


cdef class Parser:
    cdef bint _strict
    cdef object _are_names, _limits, _named, _find, _source
    cdef public dict known
    cdef public list warnings
    cdef public bint has_words
    cdef list _references, _defaults
    cdef int _levels
    cdef long long _depth, _most_characters, _characters, _names
    cdef dict _later, _early

    cdef object _schema(self, source, namespace, place, long long depth)
    cdef object _part(self, source, namespace, place, long long depth)
    cdef object _object(self, source, namespace, place, long long depth)
    cdef object _complex(self, kind, source, namespace, place, long long depth)

    @cython.locals(merged=dict)
    cdef object _wrapped(self, source, namespace, place, long long depth)
    cdef object _too_deep(self)
    cdef object _count(self, long long characters)
    cdef object _fullname(self, name, namespace)
    cdef object _reference(self, name, namespace, place, long long depth)
    cdef object _given(self, name, place)
    cdef object _elsewhere(self, name)
    cdef object _defined_later(self, name)
    cdef object _unknown(self, name, full, place)
    cdef object _referring_object(self, name, source, namespace, place, long long depth)
    cdef object _adopt(self, schema, place)
    cdef object _make_known(self, named, place)
    cdef object _define(self, source, namespace, place)
    cdef object _own_namespace(self, namespace, inherited, place)
    cdef bint _is_fullname(self, text) except -1
    cdef object _remember(self, NamedSchema made, place)
    cdef object _primitive(self, kind, source, place)
    cdef object _array(self, source, namespace, place, long long depth)
    cdef object _map(self, source, namespace, place, long long depth)
    cdef object _union(self, source, props, namespace, place, long long depth)
    cdef object _union_of(self, source, props, namespace, place, long long depth)
    cdef object _fixed(self, source, namespace, place)
    cdef object _enum(self, source, namespace, place)
    cdef object _symbols(self, source, place)
    cdef object _record(self, source, namespace, place, long long depth)

    @cython.locals(fields=list, names=list, kinds=list, index=Py_ssize_t)
    cdef object _with_fields(self, RecordSchema record, sources, place, long long depth)
    cdef object _unless_defined(self, RecordSchema record, place)
    cdef object _field(self, RecordSchema record, name, schema, source, place, Py_ssize_t index)
    cdef object _field_problem(self, sources, place)
    cdef object _check_defaults(self)
    cdef object _without_default(self, field, problem, place)
    cdef object _description(self, source, name, known, place)
    cdef object _valid(self, source, known, place)
    cdef object _refuse_or_ignore(self, problem, place)
    cdef object _props(self, source, known, place)
    cdef object _json_data(self, value, place)
    cdef object _complex_props(self, source, known, place)


cdef class _Branches:
    cdef list _branches
    cdef object _props
    cdef set _seen
