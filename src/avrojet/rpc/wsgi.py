"""A responder as a WSGI application: for Flask, Django and any WSGI server.

>>> application = WsgiApplication(Responder(protocol, handlers))
>>> flask_app.wsgi_app = DispatcherMiddleware(flask_app.wsgi_app, {"/mail": application})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from avrojet.errors import LimitError
from avrojet.limits import limits_in_force
from avrojet.rpc.framing import frame, unframe
from avrojet.rpc.http import CONTENT_TYPE
from avrojet.rpc.responder import Responder

_StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_OK: Final = "200 OK"
_AT_ONCE: Final = 1 << 16  # bytes read of a body


class WsgiApplication:
    """Answers POST requests with a framed message each.

    :param responder: what answers.
    :param most: bytes that a request may have; None: ``limits.block_bytes``. A larger one is answered with
        status 413, what is no framed message with 400, and another method with 405.
    """

    def __init__(self, responder: Responder, *, most: int | None = None) -> None:
        self._responder = responder
        self._most = limits_in_force().block_bytes if most is None else most

    def __call__(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "POST":
            return _text(start_response, "405 Method Not Allowed", "calls come by POST", ("Allow", "POST"))
        try:
            body = self._body(environ)
            request = unframe(body, self._most)
        except LimitError:
            return _text(start_response, "413 Content Too Large", "the request is too large")
        except ValueError:
            return _text(start_response, "400 Bad Request", "the body is no framed message")
        answer = frame(self._responder.respond(request) or b"")
        start_response(_OK, [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(answer)))])
        return [answer]

    def _body(self, environ: dict[str, Any]) -> bytes:
        """The body of a request: as many bytes as it says, or all there are."""
        stream = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH") or ""
        # What is longer than it may be is read as far as is needed to see that.
        left = min(int(length), self._most + 8) if length.isdigit() else self._most + 8
        if not length.isdigit() and not environ.get("wsgi.input_terminated"):
            return b""  # the stream need not end
        pieces = []
        while left > 0 and (piece := stream.read(min(left, _AT_ONCE))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


def _text(
    start_response: _StartResponse, status: str, text: str, *headers: tuple[str, str]
) -> Iterable[bytes]:
    body = text.encode()
    kept = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers]
    start_response(status, kept)
    return [body]
