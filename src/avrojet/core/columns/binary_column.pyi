from avrojet.core.arrow.array_reader import Puts
from avrojet.core.columns.column_set import ColumnSet
from avrojet.errors import AvroError

class MessageReader(Puts):
    def fill(self, columns: ColumnSet, prefix: int) -> tuple[int, bytes | None, AvroError] | None: ...
