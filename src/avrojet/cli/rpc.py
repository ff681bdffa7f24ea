"""Call servers, and answer calls, with Avro protocols, over HTTP or (avro://) over sockets with SASL.

A protocol is a file of JSON (.avpr) or IDL (.avdl). Parameters and responses are the specification's JSON,
or, with --plain, plain JSON.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from avrojet.errors import AvroError

if TYPE_CHECKING:
    from avrojet.rpc.client import StatefulTransport, Transport
    from avrojet.rpc.responder import Responder
    from avrojet.rpc.server import HttpServer
    from avrojet.rpc.socket_server import SocketServer
    from avrojet.schema.model import Schema
    from avrojet.schema.protocol import Message, Protocol

EXAMPLES = """\
avrojet rpc protocol http://localhost:8080/   the protocol of a server
avrojet rpc send http://localhost:8080/ mail.avdl send --data '{"letter": {"to": "ann"}}'
avrojet rpc receive http://localhost:8080/ mail.avdl send --data '"sent"'
avrojet rpc send avro://localhost:9090 mail.avdl send --data '{"letter": {"to": "ann"}}'
avrojet rpc serve mail.avdl mail:Mail --port 8080   answer by the class Mail of mail.py
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="what")
    send = commands.add_parser("send", help="send a message and print the response")
    receive = commands.add_parser("receive", help="print the next message that arrives, and answer it")
    for command, data in (
        (send, "the parameters, {} if not given"),
        (receive, "the response, null if not given"),
    ):
        command.add_argument("url", metavar="URL", type=_url, help="http://HOST:PORT/ or avro://HOST:PORT")
        command.add_argument("protocol", metavar="PROTOCOL", help="an .avpr or .avdl file")
        command.add_argument("message", metavar="MESSAGE", help="name of the message")
        command.add_argument("--data", metavar="JSON", help=f"{data}; - for the standard input")
        command.add_argument("--plain", action="store_true", help="JSON as people write it")
    show = commands.add_parser("protocol", help="print the protocol of a server")
    show.add_argument("url", metavar="URL", type=_url, help="http://HOST:PORT/ or avro://HOST:PORT")
    serve = commands.add_parser("serve", help="answer by a Python object, until interrupted")
    serve.add_argument("protocol", metavar="PROTOCOL", help="an .avpr or .avdl file")
    serve.add_argument("handlers", metavar="MODULE:OBJECT", help="an object with a method for each message")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
    serve.add_argument("--port", type=int, default=8080, help="port, 0 for a free one (8080)")


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https", "avro") or not parts.hostname:
        raise argparse.ArgumentTypeError("it must begin with http://, https:// or avro:// and have a host")
    try:
        port = parts.port
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if parts.scheme == "avro" and port is None:
        raise argparse.ArgumentTypeError("avro:// needs a port")
    return text


def _transport(url: str) -> Transport | StatefulTransport:
    if urlsplit(url).scheme == "avro":
        from avrojet.rpc.socket_client import SocketTransport

        return SocketTransport(url)
    from avrojet.rpc.http import HttpTransport

    return HttpTransport(url)


def _server(responder: Responder, url: str) -> HttpServer | SocketServer:
    address = urlsplit(url)
    if address.scheme == "avro":
        from avrojet.rpc.socket_server import SocketServer

        return SocketServer(responder, url)
    from avrojet.rpc.server import HttpServer

    return HttpServer(responder, address.hostname or "127.0.0.1", address.port or 0)


def run(arguments: argparse.Namespace) -> None:
    {"send": _send, "receive": _receive, "protocol": _protocol, "serve": _serve}[arguments.what](arguments)


def _send(arguments: argparse.Namespace) -> None:
    from avrojet.rpc.client import Client
    from avrojet.rpc.failures import RemoteError

    protocol = _load(arguments.protocol)
    message = _message(protocol, arguments.message)
    parameters = _value(message.request, _text(arguments.data, "{}"), plain=arguments.plain)
    with Client(protocol, _transport(arguments.url)) as client:
        try:
            response = client.call(message.name, parameters)
        except RemoteError as error:
            raise AvroError(f"the server answered with an error: {error}") from error
    print(_json(message.response, response, plain=arguments.plain))


def _receive(arguments: argparse.Namespace) -> None:
    from avrojet.rpc.responder import Responder

    protocol = _load(arguments.protocol)
    message = _message(protocol, arguments.message)
    response = _value(message.response, _text(arguments.data, "null"), plain=arguments.plain)
    received: list[str] = []

    def answer(**parameters: Any) -> Any:
        received.append(_json(message.request, parameters, plain=arguments.plain))
        return response

    handlers = dict.fromkeys(protocol.messages, _unasked) | {message.name: answer}
    with _server(Responder(protocol, handlers), arguments.url) as server:
        print(server.url, file=sys.stderr, flush=True)
        server.serve(until=lambda: bool(received))
    print(received[0])


def _unasked(**parameters: Any) -> Any:
    from avrojet.rpc.failures import RemoteError

    raise RemoteError("this server answers another message")


def _protocol(arguments: argparse.Namespace) -> None:
    from avrojet.rpc.client import Client
    from avrojet.schema.protocol_json import parse_protocol

    with Client(parse_protocol({"protocol": "Ping"}), _transport(arguments.url)) as client:
        found = client.ping()
    print(json.dumps(json.loads(found.json), indent=2, ensure_ascii=False))


def _serve(arguments: argparse.Namespace) -> None:
    from avrojet.rpc.responder import Responder
    from avrojet.rpc.server import HttpServer

    module, _, name = arguments.handlers.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        handlers = importlib.import_module(module)
        for part in filter(None, name.split(".")):
            handlers = getattr(handlers, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise AvroError(f"there are no handlers {arguments.handlers}: {error}") from error
    made: Any = handlers() if isinstance(handlers, type) else handlers
    responder = Responder(_load(arguments.protocol), made)
    with HttpServer(responder, arguments.host, arguments.port) as server:
        print(server.url, flush=True)
        server.serve()


def _load(path: str) -> Protocol:
    from avrojet.schema.protocol_json import load_protocol

    return load_protocol(path)


def _message(protocol: Protocol, name: str) -> Message:
    from avrojet.rpc.failures import no_message

    message = protocol.messages.get(name)
    if message is None:
        raise AvroError(no_message(protocol, name))
    return message


def _text(given: str | None, default: str) -> str | bytes:
    return sys.stdin.buffer.read() if given == "-" else given or default


def _value(schema: Schema, text: str | bytes, *, plain: bool) -> Any:
    """The value of a JSON text."""
    from avrojet.datum import Decoder, Encoder

    return Decoder(schema).decode(Encoder(schema, defaults=True).from_json(text, plain=plain))


def _json(schema: Schema, value: Any, *, plain: bool) -> str:
    from avrojet.datum import Decoder, Encoder

    return Decoder(schema).to_json(Encoder(schema).encode(value), plain=plain)
