"""Compiling: a plan's nodes and their columns to ops, one routine per kind of node; the table is at the end.

A record has no op of its own: its fields are part of the program of the enclosing row. Whatever may come
more than once per row, or not at all, has a program of its own: the items of a list, a branch of a
writer's union, a default.
"""

from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.stdint cimport int32_t, int64_t, uint16_t
from libc.string cimport memcpy, memset

from avrojet.core.columns.check_program cimport NO_TABLE, ensure_program
from avrojet.core.columns.column cimport *
from avrojet.core.columns.decode_columns cimport *
from avrojet.core.columns.decode_decimals cimport *
from avrojet.core.columns.decode_records cimport *
from avrojet.core.plan.node cimport *

cdef enum:
    # Values skipped by ops of their own: records that contain each other twice need exponentially many.
    MOST_PASSED = 1000

ctypedef int (*Routine)(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1


cdef struct Draft:
    # Ops before their number is known.
    ColumnOp* ops
    Py_ssize_t count
    Py_ssize_t room


cdef class Program(Arena):
    """The ops that fill the columns of a ColumnSet. It points into the plan and the columns."""


cdef Program compile_program(Plan plan, Column* column, layout):
    """The program for a row.

    :param column: of the plan's root; it does not move as long as the program is run.
    :param layout: the ``avrojet.plan.arrow.layout.Column`` from which it was made.
    """
    cdef Program program = Program()
    cdef Draft draft = Draft(NULL, 0, 0)
    program.plan = plan
    program.parts = {}
    try:
        add_call(&draft, renew, NULL, NULL, plan.bounds.empty_items)
        compile_value(program, &draft, plan.root, column, layout, 0)
        program.ops = finish(program, &draft, column.table)
    finally:
        PyMem_Free(draft.ops)
    program.parts = None
    if not program.budgets:
        program.ops += 1
    return program


cdef const ColumnOp* compile_part(Program program, const Node* node, Column* column, layout, int depth) except NULL:
    """A program for values that come more than once per row, or not at all.

    Each is made once: nested unions of records lead to it by ways that double at each level.
    """
    cdef Draft draft = Draft(NULL, 0, 0)
    cdef const ColumnOp* ops
    key = (<size_t>node, <size_t>column, depth)
    known = program.parts.get(key)
    if known is not None:
        return <const ColumnOp*><size_t>known
    try:
        compile_value(program, &draft, node, column, layout, depth)
        ops = finish(program, &draft, column.table)
    finally:
        PyMem_Free(draft.ops)
    program.parts[key] = <size_t>ops
    return ops


cdef const ColumnOp* finish(Program program, Draft* draft, int table) except NULL:
    """Copy the draft's ops, and an end, to the program's memory.

    :param table: that of the columns that it fills.
    """
    cdef ColumnOp* ops
    add(draft, FILL_END)
    draft.ops.table = <uint16_t>table
    ensure_program(draft.ops, draft.count, table)
    ops = <ColumnOp*>program.allocate(draft.count * sizeof(ColumnOp))
    memcpy(ops, draft.ops, draft.count * sizeof(ColumnOp))
    return ops


cdef ColumnOp* add(Draft* draft, int code, Column* column=NULL) except NULL:
    """Append an op. It may move when the next is added."""
    cdef ColumnOp* ops
    cdef Py_ssize_t room = 2 * draft.room + 8
    if draft.count == draft.room:
        ops = <ColumnOp*>PyMem_Realloc(draft.ops, room * sizeof(ColumnOp))
        if ops == NULL:
            raise MemoryError
        draft.ops = ops
        draft.room = room
    ops = &draft.ops[draft.count]
    memset(ops, 0, sizeof(ColumnOp))
    ops.code = code
    ops.column = column
    draft.count += 1
    return ops


cdef ColumnOp* add_call(Draft* draft, Call call, Column* column, const Node* node=NULL, int64_t count=0) except NULL:
    cdef ColumnOp* op = add(draft, FILL_CALL, column)
    op.call = call
    op.node = node
    op.count = count
    return op


cdef int compile_value(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    return COMPILE[node.op](program, draft, node, column, layout, depth)


# Leaves

cdef int compile_null(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    if column.storage == STORE_SPARSE or column.storage == STORE_DENSE:
        return compile_member(program, draft, node, column, layout, "null", depth)
    if column.storage != STORE_NULL:
        add_call(draft, fill_null, column)
    return 0


cdef int compile_leaf(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    """Types that the loop itself handles."""
    cdef int code
    if node.op == OP_BOOLEAN:
        code = FILL_BOOLEAN
    elif node.op == OP_INT or node.narrow:
        code = FILL_WIDE_INT if column.width == 8 else FILL_INT
    elif node.op == OP_DOUBLE:
        code = FILL_DOUBLE
    else:
        code = FILL_LONG
    add(draft, code, column)
    return 0


cdef int compile_float(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    if column.width == 4:
        add(draft, FILL_FLOAT, column)
    else:
        add_call(draft, fill_float_as_double, column)
    return 0


cdef int compile_bytes(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    """Bytes and strings alike: text is checked for all rows at once."""
    if column.storage == STORE_VIEWS:
        add(draft, FILL_VIEW, column).call = fill_view
    else:
        add(draft, FILL_LARGE if column.width == 8 else FILL_BYTES, column).call = more_room
    return 0


cdef int compile_fixed(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    add_call(draft, fill_fixed, column)
    return 0


cdef int compile_enum(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    """Maps the writer's symbols to the reader's; -1 if it does not have them."""
    cdef Py_ssize_t i
    cdef int32_t* positions = <int32_t*>program.allocate(node.count * sizeof(int32_t) + 1)
    places = {symbol: place for place, symbol in enumerate(layout.symbols)}
    for i in range(node.count):
        positions[i] = -1 if node.objects[i] == NULL else places[<object>node.objects[i]]
    add_call(draft, fill_enum, column, node, node.count).positions = positions
    return 0


cdef int compile_int_as_real(
    Program program, Draft* draft, const Node* node, Column* column, layout, int depth
) except -1:
    add_call(draft, fill_int_as_real, column)
    return 0


cdef int compile_long_as_real(
    Program program, Draft* draft, const Node* node, Column* column, layout, int depth
) except -1:
    add_call(draft, fill_long_as_real, column)
    return 0


# Records, arrays and maps: one level deeper each

cdef int compile_record(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    cdef Py_ssize_t i, slot
    cdef const Node* field
    if column.storage == STORE_BYTES or column.storage == STORE_VIEWS:
        return compile_kept(program, draft, node, column, depth)
    if descend(program, draft, &depth):
        return 0
    for i in range(node.count):
        slot = node.fields[i].slot
        field = node.fields[i].node
        if slot >= 0:
            compile_value(program, draft, field, &column.children[slot], layout.children[slot], depth)
        else:
            compile_pass(program, draft, field, depth)
    return 0


cdef int compile_kept(Program program, Draft* draft, const Node* node, Column* column, int depth) except -1:
    """A record that is kept as one value, as it contains itself."""
    program.budgets = True
    add_call(draft, fill_record_text if column.text else fill_record_bytes, column, node,
             program.plan.bounds.depth - depth)
    return 0


cdef int compile_array(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    if descend(program, draft, &depth):
        return 0
    if node.child.min_bytes == 0:
        program.budgets = True
    add_list(program, draft, column, node.child.min_bytes,
             compile_part(program, node.child, &column.children[0], layout.children[0], depth))
    return 0


cdef int compile_map(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    """A list of entries."""
    cdef Draft entry = Draft(NULL, 0, 0)
    cdef Column* children
    if descend(program, draft, &depth):
        return 0
    key, value = layout.children[0].children
    children = column.children[0].children
    try:
        compile_bytes(program, &entry, node, &children[0], key, depth)
        compile_value(program, &entry, node.child, &children[1], value, depth)
        add_list(program, draft, column, node.child.min_bytes + 1, finish(program, &entry, children[0].table))
    finally:
        PyMem_Free(entry.ops)
    return 0


cdef int add_list(Program program, Draft* draft, Column* column, int64_t item_bytes, const ColumnOp* items) except -1:
    cdef const ColumnOp** programs = <const ColumnOp**>program.allocate(sizeof(ColumnOp*))
    cdef ColumnOp* op = add_call(draft, fill_list, column, NULL, item_bytes)
    programs[0] = items
    op.programs = programs
    if item_bytes:
        op.code = FILL_LIST
    return 0


cdef bint descend(Program program, Draft* draft, int* depth) except -1:
    """Enter another level; returns True if the limits allow no more: data that get there fail."""
    depth[0] += 1
    if depth[0] <= program.plan.bounds.depth:
        return False
    add_call(draft, too_deep, NULL)
    return True


# Unions

cdef int compile_nullable(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    """A union of null and one other type. Its ops are in the row's program, and a null skips them."""
    cdef Py_ssize_t place = draft.count
    cdef ColumnOp* op
    if column.storage == STORE_SPARSE or column.storage == STORE_DENSE:
        # The reader's union has more types: null is a member like any other.
        return compile_union(program, draft, node, column, layout, depth)
    op = add(draft, FILL_NULLABLE, column)
    op.null_tag = <uint8_t>(2 - 2 * node.index)
    op.call = fill_null
    if column.nullable and column.width == 8 and column.storage == STORE_VALUES:
        op.null_kind = NULL_NUMBER
    elif column.nullable and column.width == 4 and column.storage == STORE_BYTES:
        op.null_kind = NULL_BYTES
    compile_value(program, draft, node.child, column, layout, depth)
    op = &draft.ops[place]
    op.count = draft.count - place - 1
    # A record leaves no op, so the only op may be for a column within.
    if op.count == 1 and column.nullable and op[1].column == column:
        op.code = nullable_code(op[1].code)
    return 0


cdef int nullable_code(int code) noexcept:
    """The op for a nullable value, for the op of the value itself."""
    if code == FILL_BOOLEAN:
        return FILL_NULLABLE_BOOLEAN
    if code == FILL_DOUBLE:
        return FILL_NULLABLE_DOUBLE
    if code == FILL_BYTES:
        return FILL_NULLABLE_BYTES
    return FILL_NULLABLE_VIEW if code == FILL_VIEW else FILL_NULLABLE


cdef int compile_union(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    cdef Py_ssize_t i
    cdef const ColumnOp** programs = <const ColumnOp**>program.allocate(node.count * sizeof(ColumnOp*) + 1)
    for i in range(node.count):
        programs[i] = compile_part(program, node.children[i], column, layout, depth)
    add_call(draft, fill_union, column, node, node.count).programs = programs
    return 0


cdef int compile_tagged(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    if layout.branches:
        return compile_member(program, draft, node.child, column, layout, <object>node.object, depth)
    return compile_value(program, draft, node.child, column, layout, depth)


cdef int compile_member(
    Program program, Draft* draft, const Node* node, Column* column, layout, str branch, int depth
) except -1:
    """A branch of the reader's union that has a column of its own."""
    cdef Py_ssize_t index = layout.branches.index(branch)
    cdef const ColumnOp** programs
    if column.storage != STORE_DENSE:
        add_call(draft, fill_others, column, node, index)
        return compile_value(program, draft, node, &column.children[index], layout.children[index], depth)
    programs = <const ColumnOp**>program.allocate(sizeof(ColumnOp*))
    programs[0] = compile_part(program, node, &column.children[index], layout.children[index], depth)
    add_call(draft, fill_dense, column, node, index).programs = programs
    return 0


# Values not in the data, and values not in the columns

cdef int compile_default(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    cdef const ColumnOp** programs = <const ColumnOp**>program.allocate(sizeof(ColumnOp*))
    programs[0] = compile_part(program, node.child, column, layout, depth)
    add_call(draft, fill_default, column, node).programs = programs
    return 0


cdef int compile_fail(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    add_call(draft, mismatch, column, node)
    return 0


cdef int compile_child(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    return compile_value(program, draft, node.child, column, layout, depth)


cdef int compile_pass(Program program, Draft* draft, const Node* node, int depth) except -1:
    """A value that goes to no column."""
    if node.fixed_bytes >= 0:
        add(draft, PASS_FIXED).count = node.fixed_bytes
    elif node.op == OP_INT:
        add(draft, PASS_INT)
    elif node.op == OP_LONG:
        add(draft, PASS_LONG)
    elif node.op == OP_STRING or node.op == OP_BYTES:
        add(draft, PASS_BYTES)
    elif node.op == OP_NULLABLE:
        pass_nullable(program, draft, node, depth)
    elif program.passed < MOST_PASSED and (node.op == OP_RECORD or node.op == OP_RESOLVED):
        pass_record(program, draft, node, depth)
    elif program.passed < MOST_PASSED and (node.op == OP_ARRAY and node.child.min_bytes or node.op == OP_MAP):
        pass_items(program, draft, node, depth)
    else:
        program.budgets = True
        add_call(draft, pass_over, NULL, node, program.plan.bounds.depth - depth)
    program.passed += 1
    return 0


cdef int pass_nullable(Program program, Draft* draft, const Node* node, int depth) except -1:
    cdef Py_ssize_t place = draft.count
    cdef ColumnOp* op = add(draft, PASS_NULLABLE)
    op.null_tag = <uint8_t>(2 - 2 * node.index)
    compile_pass(program, draft, node.child, depth)
    op = &draft.ops[place]
    op.count = draft.count - place - 1
    if op.count == 1 and op[1].code == PASS_FIXED:
        op.code = PASS_NULLABLE_FIXED
    elif op.count == 1 and op[1].code == PASS_BYTES:
        op.code = PASS_NULLABLE_BYTES
    return 0


cdef int pass_record(Program program, Draft* draft, const Node* node, int depth) except -1:
    cdef Py_ssize_t i
    if descend(program, draft, &depth):
        return 0
    for i in range(node.count):
        compile_pass(program, draft, node.fields[i].node, depth)
    return 0


cdef int pass_items(Program program, Draft* draft, const Node* node, int depth) except -1:
    cdef Draft items = Draft(NULL, 0, 0)
    cdef const ColumnOp** programs = <const ColumnOp**>program.allocate(sizeof(ColumnOp*))
    cdef int64_t item_bytes = node.child.min_bytes
    if descend(program, draft, &depth):
        return 0
    try:
        if node.op == OP_MAP:
            add(&items, PASS_BYTES)
            item_bytes += 1
        compile_pass(program, &items, node.child, depth)
        programs[0] = finish(program, &items, NO_TABLE)
    finally:
        PyMem_Free(items.ops)
    add_call(draft, pass_list, NULL, node, item_bytes).programs = programs
    draft.ops[draft.count - 1].code = PASS_LIST
    return 0


# Logical types

cdef int compile_time(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    add_call(draft, fill_time, column, node)
    return 0


cdef int compile_rescaled(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    add_call(draft, fill_rescaled, column, node)
    return 0


cdef int compile_duration(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    add_call(draft, fill_fixed if column.width == 12 else fill_interval, column)
    return 0


cdef int compile_decimal(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    """As a decimal, text, a double, or the plain encoding, depending on the column."""
    cdef bint is_bytes = column.storage == STORE_BYTES or column.storage == STORE_VIEWS
    if column.precision:
        add_call(draft, fill_decimal, column, node)
        return 0
    if is_bytes and column.text:
        add_call(draft, fill_decimal_text, column, node)
        return 0
    if not is_bytes and layout.format == "g":
        add_call(draft, fill_decimal_double, column, node)
        return 0
    return compile_sized(program, draft, node, column, layout, depth)


cdef int compile_sized(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    if node.size < 0:
        return compile_bytes(program, draft, node, column, layout, depth)
    return compile_fixed(program, draft, node, column, layout, depth)


cdef int compile_uuid(Program program, Draft* draft, const Node* node, Column* column, layout, int depth) except -1:
    add_call(draft, fill_fixed if node.size == 16 else fill_uuid, column)
    return 0


cdef Routine COMPILE[64]
COMPILE[<int>OP_NULL] = compile_null
COMPILE[<int>OP_BOOLEAN] = compile_leaf
COMPILE[<int>OP_INT] = compile_leaf
COMPILE[<int>OP_LONG] = compile_leaf
COMPILE[<int>OP_FLOAT] = compile_float
COMPILE[<int>OP_DOUBLE] = compile_leaf
COMPILE[<int>OP_BYTES] = compile_bytes
COMPILE[<int>OP_STRING] = compile_bytes
COMPILE[<int>OP_FIXED] = compile_fixed
COMPILE[<int>OP_ENUM] = compile_enum
COMPILE[<int>OP_ARRAY] = compile_array
COMPILE[<int>OP_MAP] = compile_map
COMPILE[<int>OP_UNION] = compile_union
COMPILE[<int>OP_NULLABLE] = compile_nullable
COMPILE[<int>OP_RECORD] = compile_record
COMPILE[<int>OP_RESOLVED] = compile_record
COMPILE[<int>OP_TUPLE] = compile_record
COMPILE[<int>OP_INT_TO_FLOAT] = compile_int_as_real
COMPILE[<int>OP_INT_TO_DOUBLE] = compile_int_as_real
COMPILE[<int>OP_LONG_TO_FLOAT] = compile_long_as_real
COMPILE[<int>OP_LONG_TO_DOUBLE] = compile_long_as_real
COMPILE[<int>OP_RESCALED] = compile_rescaled
COMPILE[<int>OP_TAGGED] = compile_tagged
COMPILE[<int>OP_CONSTANT] = compile_default
COMPILE[<int>OP_DEFAULT] = compile_default
COMPILE[<int>OP_FAIL] = compile_fail
COMPILE[<int>OP_DATE] = compile_leaf
COMPILE[<int>OP_TIME] = compile_time
COMPILE[<int>OP_TIMESTAMP] = compile_leaf
COMPILE[<int>OP_DURATION] = compile_duration
COMPILE[<int>OP_DECIMAL] = compile_decimal
COMPILE[<int>OP_BIG_DECIMAL] = compile_bytes
COMPILE[<int>OP_UUID] = compile_uuid
COMPILE[<int>OP_CUSTOM] = compile_child
