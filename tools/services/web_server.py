#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A web service for tests, in a process of its own. Answers as answers.json in its folder says, and writes down in
requests.jsonl what it was asked.

answers.json: {"/path": ANSWER or [ANSWER, …], …}, by the path without its query; of a list each answer is given once,
and the last one from then on. Who is in no list gets 404. An answer is a table of: status, body, headers, delay
(milliseconds), size (a body of so many bytes), close (the connection, instead of an answer), raw (text that goes out
instead of an answer)."""
import json
import socket
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PIECE = b"x" * 65536


class Book:
    """Requests and answers, in the folder that the test sees."""

    def __init__(self, directory):
        self.directory, self.lock, self.given = Path(directory), threading.Lock(), {}

    def write_down(self, request):
        with self.lock, (self.directory / "requests.jsonl").open("a") as book:
            book.write(json.dumps(request) + "\n")

    def answer_for(self, path):
        with self.lock:
            answers = json.loads((self.directory / "answers.json").read_text()).get(path)
            if not isinstance(answers, list):
                return answers or {"status": 404}
            turn = self.given[path] = self.given.get(path, -1) + 1
            return answers[min(turn, len(answers) - 1)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the client went away, or did not like our certificate

    def log_message(self, *_):
        pass

    def asked(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.book.write_down({
            "method": self.command, "path": self.path, "headers": dict(self.headers.items()),
            "body": body.decode(errors="replace"), "connection": self.client_address[1]})
        self.say(self.server.book.answer_for(urlsplit(self.path).path))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = asked

    def say(self, answer):
        time.sleep(answer.get("delay", 0) / 1000)
        if "raw" in answer or answer.get("close"):
            self.wfile.write(answer.get("raw", "").encode())
            self.close_connection = True
            return
        body = answer.get("body", "").encode()
        self.send_response(answer.get("status", 200))
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(answer.get("size", len(body))))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body)
        left = answer.get("size", 0)
        while left > 0:
            self.wfile.write(PIECE[:left])
            left -= len(PIECE)


class Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def handle_error(self, *_):
        pass  # handshakes that fail are part of the tests

    def get_request(self):
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address


def main():
    directory, port, *files = sys.argv[1:]
    server = Server(("127.0.0.1", int(port)), Handler)
    server.book, server.context = Book(directory), None
    if files:
        certificate, key, authority = files
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(certificate, key)
        server.context.load_verify_locations(authority)
        server.context.verify_mode = ssl.CERT_OPTIONAL
    server.serve_forever()


if __name__ == "__main__":
    main()
