from typing_extensions import Buffer

def read_entries(
    data: Buffer, start: int, end: int, left: int, most: int, metadata: dict[str, bytes]
) -> tuple[int, int, int]: ...
