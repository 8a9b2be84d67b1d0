"""What the server makes of requests that a proxy before it may have read in another way."""

from __future__ import annotations

import pytest
from waitress.adjustments import Adjustments

from matchboard.server import StrictParser
from tests.hostility.sockets import CASES, Broken

REFUSED = [case for case in CASES if case.must_be is not None]


def read(sent: bytes) -> StrictParser:
    parser = StrictParser(Adjustments())
    parser.received(sent)
    return parser


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_request_is_refused_when_host_or_length_are_not_said_once(case: Broken) -> None:
    assert len(REFUSED) >= 9
    parser = read(case.sent)
    assert parser.completed
    assert parser.error.code == case.must_be


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", id="page"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="old-without-host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", id="address"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: my-site.example:80\r\n\r\n", id="port"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b", id="form"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", id="chunks"
        ),
    ],
)
def test_request_is_read_when_host_and_length_are_said_once(sent: bytes) -> None:
    parser = read(sent)
    assert (parser.error, parser.path) == (None, "/")
