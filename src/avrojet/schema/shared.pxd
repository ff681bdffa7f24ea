"""The functions of shared.pyx that other compiled code calls."""

cpdef object shared(source)
cpdef object usual_field(name, kind, source, bint nested)
cpdef object new_field(name, schema, default, doc, order, aliases, props)
