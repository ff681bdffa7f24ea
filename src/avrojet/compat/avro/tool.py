"""The command line for files and calls: ``python -m avro.tool dump``, ``rpcreceive`` and ``rpcsend``."""

from __future__ import annotations

import argparse
import http.server
import sys
import threading
import urllib.parse
from pathlib import Path
from typing import Any

from avrojet.compat.avro import ipc, protocol
from avrojet.compat.avro.datafile import DataFileReader
from avrojet.compat.avro.io import DatumReader
from avrojet.rpc.framing import frame

server_should_shutdown = False
responder: GenericResponder


class GenericResponder(ipc.Responder):
    """Answers one message with one datum, and ends the server.

    :param proto: path of the protocol's JSON.
    :param msg: name of the message.
    """

    def __init__(self, proto: str, msg: str, datum: Any) -> None:
        super().__init__(protocol.parse(Path(proto).read_text(encoding="utf-8")))
        self.msg = msg
        self.datum = datum

    def invoke(self, message: Any, request: Any) -> Any:
        global server_should_shutdown  # noqa: PLW0603 (as it is known)
        if message.name != self.msg:
            return None
        print(f"Message: {message.name} Datum: {self.datum}", file=sys.stderr)
        server_should_shutdown = True
        return self.datum


class GenericHandler(http.server.BaseHTTPRequestHandler):
    """Lets the responder of this module answer."""

    def do_POST(self) -> None:
        self.responder = responder
        request = ipc.FramedReader(self.rfile).read_framed_message()
        answer = frame(self.responder.respond(request))
        self.send_response(200)
        self.send_header("Content-Type", "avro/binary")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        if server_should_shutdown:
            print("Shutting down server.", file=sys.stderr)
            threading.Thread(target=self.server.shutdown, daemon=True).start()


def run_server(uri: str, proto: str, msg: str, datum: Any) -> None:
    """Answer a message once, at the host and port of a URI."""
    global responder, server_should_shutdown  # noqa: PLW0603 (as they are known)
    address = urllib.parse.urlparse(uri)
    if address.hostname is None or address.port is None:
        raise RuntimeError(f"the URI needs a host and a port: {uri}")
    server_should_shutdown = False
    responder = GenericResponder(proto, msg, datum)
    with http.server.HTTPServer((address.hostname, address.port), GenericHandler) as server:
        print(f"Port: {server.server_port}", flush=True)
        print("Starting server.", file=sys.stderr)
        server.serve_forever()


def send_message(uri: str, proto: str, msg: str, datum: Any) -> None:
    """Send a message, and print the response."""
    address = urllib.parse.urlparse(uri)
    client = ipc.HTTPTransceiver(address.hostname or "localhost", address.port or 80, address.path or "/")
    try:
        requestor = ipc.Requestor(protocol.parse(Path(proto).read_text(encoding="utf-8")), client)
        print(requestor.request(msg, datum))
    finally:
        client.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="show Avro files, and make calls")
    commands = parser.add_subparsers(required=True, dest="command")
    dump = commands.add_parser("dump", help="show a file")
    dump.add_argument("input_file", type=argparse.FileType("rb"))
    for name, what in (("rpcreceive", "answer a message once"), ("rpcsend", "send a message")):
        command = commands.add_parser(name, help=what)
        command.add_argument("uri")
        command.add_argument("proto", help="file of the protocol, in JSON")
        command.add_argument("msg", help="name of the message")
        command.add_argument("-file", type=argparse.FileType("rb"), help="its first datum is sent")
    return parser


def _datum(file: Any) -> Any:
    if file is None:
        return None
    with DataFileReader(file, DatumReader()) as reader:
        return next(reader)


def main_dump(args: argparse.Namespace) -> int:
    with DataFileReader(args.input_file, DatumReader()) as reader:
        for datum in reader:
            print(repr(datum))
    return 0


def main_rpcreceive(args: argparse.Namespace) -> int:
    run_server(args.uri, args.proto, args.msg, _datum(args.file))
    return 0


def main_rpcsend(args: argparse.Namespace) -> int:
    send_message(args.uri, args.proto, args.msg, _datum(args.file))
    return 0


def main() -> int:
    """Run the command line."""
    args = _parser().parse_args()
    commands = {"dump": main_dump, "rpcreceive": main_rpcreceive, "rpcsend": main_rpcsend}
    return commands[args.command](args)


if __name__ == "__main__":
    sys.exit(main())
