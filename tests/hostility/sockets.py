"""Broken HTTP, byte by byte, against the served site."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass

from matchboard.extensions import begin_read_only
from matchboard.services import audit
from tests.crashing.site import Site
from tests.crashing.verdict import Line
from tests.crashing.writers import Writer
from tests.integration.processes import descendants

PATIENCE_S = 20.0
_STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)
_HOST = b"Host: localhost\r\n"
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
#: RFC 9112, 6.1: what a server answers to a transfer coding it does not know.
NOT_KNOWN = 501


@dataclass(frozen=True)
class Broken:
    """Bytes to send. More answers than `n_answers` mean that a request was smuggled in.

    What a proxy could have read in another way must be refused with `must_be`.
    """

    name: str
    sent: bytes
    n_answers: int = 1
    must_be: int | None = None


def _get(path: bytes = b"/healthz", more: bytes = b"", version: bytes = b"HTTP/1.1") -> bytes:
    return b"GET " + path + b" " + version + b"\r\n" + _HOST + more + b"\r\n"


def _post(head: bytes, body: bytes = b"") -> bytes:
    return b"POST /login HTTP/1.1\r\n" + _HOST + _FORM + head + b"\r\n" + body


def _chunked(body: bytes, head: bytes = b"Transfer-Encoding: chunked\r\n") -> bytes:
    return _post(head, body)


_INNER = _get(b"/healthz")
CASES: tuple[Broken, ...] = (
    Broken("nothing but line ends", b"\r\n" * 200),
    Broken("no version", b"GET /healthz\r\n\r\n"),
    Broken("HTTP/0.9 with words", b"GET\r\n\r\n"),
    Broken("HTTP/9.9", _get(version=b"HTTP/9.9")),
    Broken("HTTP/-1", _get(version=b"HTTP/-1")),
    Broken("version of letters", _get(version=b"HTTPS")),
    Broken("HTTP/2 begun", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Broken("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)),
    Broken("random bytes", bytes(range(256)) * 20 + b"\r\n\r\n"),
    Broken("two blanks", b"GET  /healthz  HTTP/1.1\r\n" + _HOST + b"\r\n"),
    Broken("a tab for a blank", b"GET\t/healthz\tHTTP/1.1\r\n" + _HOST + b"\r\n"),
    Broken("lower-case method", b"get /healthz HTTP/1.1\r\n" + _HOST + b"\r\n"),
    Broken("method of 9,000 letters", b"G" * 9000 + b" / HTTP/1.1\r\n" + _HOST + b"\r\n"),
    Broken("NUL in the path", _get(b"/jobs\x00x")),
    Broken("NUL in a header", _get(more=b"X-A: a\x00b\r\n")),
    Broken("bare CR in a header", _get(more=b"X-A: a\rX-B: b\r\n")),
    Broken("bare line feeds", b"GET /healthz HTTP/1.1\nHost: localhost\n\n"),
    Broken("no host", b"GET /healthz HTTP/1.1\r\n\r\n", must_be=400),
    Broken("two hosts", _get(more=b"Host: evil.example\r\n"), must_be=400),
    Broken("two hosts in one", b"GET /jobs HTTP/1.1\r\nHost: a, b\r\n\r\n", must_be=400),
    Broken("an empty host", b"GET /jobs HTTP/1.1\r\nHost:\r\n\r\n", must_be=400),
    Broken("host with a path", b"GET /jobs HTTP/1.1\r\nHost: a/../b\r\n\r\n", must_be=400),
    Broken("host of bytes", b"GET /jobs HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n", must_be=400),
    Broken("absolute address", _get(b"http://evil.example/jobs")),
    Broken("absolute address, broken", _get(b"http://[/jobs")),
    Broken("address with a port of letters", _get(b"http://localhost:x/jobs")),
    Broken("asterisk", b"OPTIONS * HTTP/1.1\r\n" + _HOST + b"\r\n"),
    Broken("connect", b"CONNECT evil.example:443 HTTP/1.1\r\n" + _HOST + b"\r\n"),
    Broken("address without a slash", _get(b"jobs")),
    Broken("raw Chinese in the address", _get("/jobs?q=焊工".encode())),
    Broken("raw bytes in the address", _get(b"/jobs/\xff\xfe?q=\xff")),
    Broken("address of 40,000 letters", _get(b"/" + b"a" * 40_000)),
    Broken("a header of 40,000 letters", _get(more=b"X-A: " + b"a" * 40_000 + b"\r\n")),
    Broken("3,000 headers", _get(more=b"X-A: b\r\n" * 3000)),
    Broken("header without a colon", _get(more=b"nonsense\r\n")),
    Broken("header without a name", _get(more=b": value\r\n")),
    Broken("blank before the colon", _post(b"Content-Length : 5\r\n", b"a=b&c")),
    Broken("folded header", _get(more=b"X-A: a\r\n b\r\n")),
    Broken("folded before the first", b"GET /healthz HTTP/1.1\r\n X: y\r\n" + _HOST + b"\r\n"),
    Broken("underscores for dashes", _post(b"Content_Length: 500\r\nContent-Length: 0\r\n")),
    Broken("CGI's own names", _get(more=b"Wsgi.Input: x\r\nRemote-Addr: 1\r\nPath-Info: /x\r\n")),
    Broken("length: negative", _post(b"Content-Length: -5\r\n", b"a=b&c")),
    Broken("length: +5", _post(b"Content-Length: +5\r\n", b"a=b&c")),
    Broken("length: letters", _post(b"Content-Length: five\r\n", b"a=b&c")),
    Broken("length: other digits", _post("Content-Length: ５\r\n".encode(), b"a=b&c")),
    Broken("length: 5,000 digits", _post(b"Content-Length: " + b"9" * 5000 + b"\r\n")),
    Broken("length: a list", _post(b"Content-Length: 5, 5\r\n", b"a=b&c")),
    Broken("two lengths", _post(b"Content-Length: 0\r\nContent-Length: 44\r\n", _INNER),
        must_be=400),
    Broken("length and chunks", _post(
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + _INNER),
        must_be=400),
    Broken("chunks and length", _post(
        b"Transfer-Encoding: chunked\r\nContent-Length: 60\r\n", b"0\r\n\r\n" + _INNER),
        must_be=400),
    Broken("chunked with a blank", _chunked(
        b"0\r\n\r\n" + _INNER, b"Transfer-Encoding : chunked\r\n")),
    Broken("xchunked", _chunked(b"0\r\n\r\n" + _INNER, b"Transfer-Encoding: xchunked\r\n")),
    Broken("chunked twice", _chunked(
        b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        must_be=400),
    Broken("chunked, chunked", _chunked(
        b"0\r\n\r\n" + _INNER, b"Transfer-Encoding: chunked, chunked\r\n"), must_be=400),
    Broken("two equal lengths", _post(b"Content-Length: 3\r\n" * 2, b"a=b"), must_be=400),
    Broken("gzip, chunked", _chunked(b"0\r\n\r\n", b"Transfer-Encoding: gzip, chunked\r\n")),
    Broken("chunked in HTTP/1.0",
           b"POST /login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", must_be=400),
    Broken("chunk size: negative", _chunked(b"-1\r\nx\r\n0\r\n\r\n")),
    Broken("chunk size: 0x5", _chunked(b"0x5\r\na=b&c\r\n0\r\n\r\n")),
    Broken("chunk size: +5", _chunked(b"+5\r\na=b&c\r\n0\r\n\r\n")),
    Broken("chunk size: 5_0", _chunked(b"5_0\r\na=b&c\r\n0\r\n\r\n")),
    Broken("chunk size: enormous", _chunked(b"f" * 400 + b"\r\nx")),
    Broken("chunk size: too large", _chunked(b"ffffffff\r\nx")),
    Broken("chunk extension of 60,000", _chunked(
        b"5;x=" + b"y" * 60_000 + b"\r\na=b&c\r\n0\r\n\r\n")),
    Broken("chunk longer than said", _chunked(b"2\r\na=b&c\r\n0\r\n\r\n")),
    Broken("chunk with bare line feeds", _chunked(b"5\na=b&c\n0\n\n")),
    Broken("trailers", _chunked(b"5\r\na=b&c\r\n0\r\nX-A: b\r\nHost: evil\r\n\r\n")),
    Broken("trailer of 60,000", _chunked(b"0\r\nX-A: " + b"y" * 60_000 + b"\r\n\r\n")),
    Broken("body torn off", _post(b"Content-Length: 500\r\n", b"email=x")),
    Broken("body of 33 MB said", _post(b"Content-Length: 34603008\r\n", b"a=b")),
    Broken("body of 17 MB", _post(b"Content-Length: 17825792\r\n", b"a=" + b"b" * 17_825_790)),
    Broken("expectation", _post(b"Expect: 100-continue\r\nContent-Length: 3\r\n", b"a=b"), 2),
    Broken("unknown expectation", _post(b"Expect: the worst\r\nContent-Length: 3\r\n", b"a=b")),
    Broken("upgrade to h2c", _get(more=b"Connection: Upgrade\r\nUpgrade: h2c\r\n")),
    Broken("hop-by-hop cookie", _get(more=b"Connection: close, Cookie, Host\r\n")),
    Broken("forty requests at once", _get() * 40, 40),
    Broken("body of a GET", _get(more=b"Content-Length: 44\r\n") + _INNER.ljust(44), 2),
    Broken("forwarded nonsense", _get(
        b"/jobs", b"X-Forwarded-For: \xff\r\nForwarded: for=\"_\r\n")),
)  # fmt: skip


def exchange(site: Site, sent: bytes) -> list[int]:
    """Send bytes, say that no more come, and return the statuses that came back."""
    with closing(site.connect()) as connection:
        connection.settimeout(PATIENCE_S)
        with suppress(OSError):  # it may hang up on us while we talk
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        return [int(status) for status in _STATUS.findall(_all_of(connection))]


def _all_of(connection: socket.socket) -> bytes:
    received = b""
    with suppress(OSError):
        while part := connection.recv(65536):
            received += part
    return received


def run(site: Site) -> list[Line]:
    """Send every case, and then see that the site is what it was."""
    assert site.process is not None
    writer = Writer(site, 0)
    writer.sign_in()
    lines = [Line("a write before", str(status), status == 303) for status in (writer.register(),)]
    before = descendants(site.process.pid)
    lines += [_line(site, case) for case in CASES]
    lines.append(_drip(site))
    n_gone = len(before - descendants(site.process.pid))
    lines.append(Line("processes that died", str(n_gone), not n_gone))
    status = writer.register()
    lines.append(Line("a write afterwards", str(status), status == 303))
    for path in ("/healthz", "/readyz", "/jobs"):
        status, _text = site.get(path)
        lines.append(Line(f"{path} afterwards", str(status), status == 200))
    words = (site.folder / "words").read_text(errors="replace")
    n_traces = words.count("Traceback")
    lines.append(Line("tracebacks in the log", str(n_traces), not n_traces))
    with site.application():
        begin_read_only()
        report = audit.verify()
    lines.append(Line("audit log", f"{report.n_entries} entries", report.is_intact))
    return lines


def _line(site: Site, case: Broken) -> Line:
    began = time.monotonic()
    statuses = exchange(site, case.sent)
    took = time.monotonic() - began
    shown = ", ".join(map(str, sorted(set(statuses)))) or "hung up"
    is_good = (
        took < PATIENCE_S
        and len(statuses) <= case.n_answers
        and all(status < 500 or status == NOT_KNOWN for status in statuses)
        and (case.must_be is None or statuses == [case.must_be])
    )
    return Line(case.name, f"{len(statuses)} answers: {shown}, {took:.1f} s", is_good)


def _drip(site: Site) -> Line:
    """Let forty bodies drip in, a byte at a time, while pages are asked for."""
    starts: tuple[Callable[[int], bytes], ...] = (
        lambda _i: _post(b"Content-Length: 100000\r\n", b"a="),
        lambda _i: b"POST /login HTTP/1.1\r\n" + _HOST + b"X-A: ",
        lambda _i: _chunked(b"fff\r\na="),
        lambda _i: _chunked(b"1"),
    )
    connections = [site.connect() for _ in range(40)]
    slowest = 0.0
    try:
        for number, connection in enumerate(connections):
            connection.sendall(starts[number % len(starts)](number))
        for _ in range(15):
            for connection in connections:
                with suppress(OSError):
                    connection.sendall(b"1")
            began = time.monotonic()
            status, _text = site.get("/jobs")
            slowest = max(slowest, time.monotonic() - began if status == 200 else 999.0)
            time.sleep(0.2)
    finally:
        for connection in connections:
            connection.close()
    return Line(
        "pages beside 40 dripping bodies, slowest", f"{slowest:.2f} s", slowest < PATIENCE_S
    )
