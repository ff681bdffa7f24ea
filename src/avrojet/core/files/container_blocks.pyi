from typing_extensions import Buffer

from avrojet.limits import Limits

def frame(data: Buffer, start: int) -> tuple[int, int, int]: ...
def scan(
    data: Buffer, start: int, end: int, marker: bytes, most: int, rows: int, size: int, stop: int
) -> tuple[int, int, int, int]: ...

class FrameBuilder:
    def __init__(self, marker: bytes, limits: Limits) -> None: ...
