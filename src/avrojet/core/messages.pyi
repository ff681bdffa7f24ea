from avrojet.core.columns import ColumnSet
from avrojet.core.put import Puts
from avrojet.errors import AvroError

class MessageReader(Puts):
    def fill(self, columns: ColumnSet, prefix: int) -> tuple[int, bytes | None, AvroError] | None: ...
