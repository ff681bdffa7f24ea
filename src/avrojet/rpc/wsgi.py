"""A responder as a WSGI application: for Flask, Django and any WSGI server.

>>> application = WsgiApplication(Responder(protocol, handlers))
>>> flask_app.wsgi_app = DispatcherMiddleware(flask_app.wsgi_app, {"/mail": application})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from avrojet.rpc.framing import frame
from avrojet.rpc.responder import Responder
from avrojet.rpc.web import Intake, RefusedError, headers_of

_StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_OK: Final = "200 OK"
_AT_ONCE: Final = 1 << 16  # bytes read of a body


class WsgiApplication:
    """Answers POST requests with a framed message each.

    :param responder: answers the calls.
    :param most: bytes that a request may have; None: ``limits.block_bytes``. A larger one is answered with
        status 413, one that is not a framed message with 400, and one with another method with 405.
    """

    def __init__(self, responder: Responder, *, most: int | None = None) -> None:
        self._responder = responder
        self._most = most

    def __call__(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        try:
            intake = Intake(environ.get("REQUEST_METHOD"), environ.get("CONTENT_LENGTH"), self._most)
            request = _read(intake, environ)
        except RefusedError as refused:
            start_response(refused.status, refused.headers)
            return [refused.body]
        answer = frame(self._responder.respond(request) or b"")
        start_response(_OK, headers_of(answer))
        return [answer]


def _read(intake: Intake, environ: dict[str, Any]) -> bytes:
    """Return the message in a request's body: of the stated length, or all bytes."""
    if intake.length is not None or environ.get("wsgi.input_terminated"):
        stream = environ["wsgi.input"]
        # If the length is not stated, one byte more than allowed is read, to notice a body that is too large.
        spare = intake.length is None
        while (most := min(intake.left + spare, _AT_ONCE)) and (piece := stream.read(most)):
            intake.add(piece)
    return intake.message()
