"""Requests no browser sends: a true one with a few things about it gone wrong."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, quote_plus, unquote_to_bytes

from tests.hostility.world import Base, World, stranger_of

#: No answer may hold this as it is: somebody else's browser would run it.
SCRIPT = "<script>alert(7)</script>"
MANY = 1500

#: What no field expects. Surrogates are sent as the bytes they would have in UTF-8.
VALUES: tuple[str, ...] = (
    "",
    " ",
    "\t\r\n",
    "\0",
    "赵\0样",
    "\ud800",
    "x\udfffy",
    "\ufeff",
    "\u202e\u2066反",
    "\x7f\x1b[31m",
    "𠮷" * 300,
    "👩‍👩‍👧‍👦" * 40,
    "é" * 90_000,
    "a" * 300,
    "a" * 70_000,
    "0" * 5_000,
    "9" * 5_000,
    "-" * 400,
    SCRIPT,
    f"\"'>{SCRIPT}<img src=x onerror=alert(7)>",
    "'; DROP TABLE client; --",
    "%",
    "%00",
    "%s%n%(x)s{0}{{7*7}}${7*7}",
    "_" * 60,
    "-1",
    "0",
    "-0",
    "00005",
    "+1",
    "1_000",
    "1,5",
    "1e5",
    "1e309",
    "-1e309",
    "0.1e-400",
    "NaN",
    "Infinity",
    "-inf",
    "0x10",
    "１２",
    "²",
    "٣",
    "Ⅻ",
    "十二",
    "32768",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999",
    "2026-02-30",
    "2026-13-01",
    "0000-00-00",
    "0001-01-01",
    "1000-01-01",
    "9999-12-31",
    "10000-01-01",
    "-2026-01-01",
    "2026-11-24T10:00:00+99:99",
    "２０２６年１１月２４日",
    "2026.9.1",
    "25:61",
    "23:59:60",
    "true",
    "null",
    "[]",
    "{}",
    '{"a": [1, {"b": null}]}',
    "y",
    "on",
    "\r\nSet-Cookie: hostile=1",
    "../../etc/passwd",
    "/etc/passwd",
    "//evil.example/x",
    "https://evil.example/x",
    "/\\evil.example",
    "javascript:alert(7)",
    "http://[",
    "http://localhost:port/",
    "data:text/html,x",
    "13812345678901234567890",
    "110101199003070000",
    "11010119900307743Ⅹ",
    "330402",
    "6-05-01-03",
    "sew.flat",
    "hired_by_enterprise",
    "zh",
    "a@b@c",
    "=cmd|' /C calc'!A0",
)
#: Text a header can hold: bytes.
_HEADER_VALUES = (
    "",
    " ",
    "\xff\xfe",
    "x" * 8000,
    '"',
    "=;,=;",
    "\t",
    "%00",
    "0",
    "-1",
    "9" * 400,
    "null",
    "*",
    "../..",
    "\xe8\xb5\xb5",
)
_HEADERS: dict[str, tuple[str, ...]] = {
    "Host": ("a..b", "[", "[::1", "a b", "evil.example", "x" * 300, "", "localhost:99999",
             "localhost:x", "\xff", "user@localhost", "localhost/x", "[v1.x]", "-", ".", "127.1"),
    "Referer": ("http://[", "//", "http://localhost:port/x", "https://evil.example/clients",
                "http://localhost/clients/zzz", "http://localhost/\xff", "http://localhost/%ff",
                "http://localhost//x", "javascript:alert(7)", "http://localhost/%00"),
    "Origin": ("null", "http://evil.example", "http://["),
    "Accept-Language": ("xx-YY;q=9", "zh;q=x", ";;;,,,", "*", "en;q=1e999", "zh-" * 500,
                        "zh_Hans_CN", "en-US-POSIX-x", "\xe4\xb8\xad", "en;q=-1", "en;q=nan"),
    "Accept": ("application/json", "text/html;q=x", "*/*;q=nan", ",,"),
    "Accept-Encoding": ("gzip;q=x", "identity;q=0, *;q=0", "br,,"),
    "If-None-Match": ('W/"x"', '"', "*", "\xff"),
    "If-Match": ("*", '"x"', "\xff"),
    "If-Modified-Since": ("yesterday", "Wed, 31 Feb 2026 99:99:99 GMT",
                          "Sat, 01 Jan 99999 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 +9999"),
    "If-Unmodified-Since": ("never",),
    "If-Range": ("x", "Wed, 31 Feb 2026 99:99:99 GMT"),
    "Range": ("bytes=5-1", "bytes=-", "bytes=0-0,1-1", "lines=1-2", "bytes=99999999999999999999-"),
    "HX-Request": ("true", "false", "\xff"),
    "HX-Boosted": ("true", "x"),
    "HX-Target": ("x" * 500, "\xff", "results"),
    "HX-Trigger": ("{", "\xff"),
    "HX-Trigger-Name": ("\xff",),
    "HX-Prompt": ("\xff",),
    "HX-History-Restore-Request": ("true",),
    "HX-Current-URL": ("http://[", "//", "http://localhost:port/", "javascript:alert(7)",
                       "https://evil.example/clients", "http://localhost/%ff%00", "/clients"),
    "HX-Current-URL-URI-AutoEncoded": ("true",),
    "X-Forwarded-For": ("1.2.3.4, unknown", "\xff", "::::"),
    "X-Forwarded-Host": ("evil.example", "["),
    "X-Forwarded-Proto": ("javascript", "http,https"),
    "X-Forwarded-Port": ("x",),
    "X-Forwarded-Prefix": ("//evil.example",),
    "X-HTTP-Method-Override": ("DELETE",),
    "X-CSRFToken": ("x", "\xff"),
    "X-Request-ID": ("\xff", "x" * 500, "a b"),
    "Authorization": ("Basic !!!", "Bearer x", "Basic \xff", "Digest", "Negotiate"),
    "Authentication-Token": ("x", "\xff"),
    "Expect": ("100-continue", "x"),
    "Upgrade": ("websocket", "h2c"),
    "Content-Encoding": ("gzip", "br"),
    "Content-MD5": ("x",),
    "Date": ("x",),
    "User-Agent": ("", "\xff", "x" * 5000),
    "Cache-Control": ("max-age=x", "no-cache=\"", "\xff"),
    "Purpose": ("prefetch",),
}  # fmt: skip
_METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO", "get", "GET",
            "POST")  # fmt: skip
_TAILS = ("/", "//", "/..", "/../..", "/.", ";x=1", "%00", "%ff", "%2e%2e%2f", "\\", ".json",
          "%0d%0aX:1", "?", "??&&==", "?%", "#x", "/" + "a" * 3000, "/%E8%B5%B5", "/%ED%A0%80",
          "%20", "/edit", "/new", ":", "/*")  # fmt: skip
_WHOLE = (
    "/",
    "*",
    "//",
    "///evil.example",
    "/.env",
    "/.git/config",
    "/static/../config.py",
    "/static/%2e%2e/%2e%2e/config.py",
    "/static/css/../../../config.py",
    "/static//etc/passwd",
    "/static/\x00",
    "/static/css",
    "/static/",
    "/static/%ff",
    "/api/x",
    "/me/",
    "/me/%00",
    "/" + "a/" * 900,
    "/%",
    "/\xff",
    "/clients/../clients",
    "/admin/%2f",
    "/robots.txt?x",
    "/cgi-bin/x",
    "/favicon.ico",
    "/readyz?x=%00",
    "/healthz/",
    "http://evil.example/",
)


@dataclass
class Attack:
    """A request ready to be sent, and what about it is wrong."""

    method: str
    path: str
    query: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    tricks: tuple[str, ...] = ()
    endpoint: str = ""
    #: Kind of stranger's row it reaches for.
    reaches: str = ""
    #: Its session is as it was.
    is_signed_in: bool = True
    base: Base | None = None

    def environ(self) -> dict[str, Any]:
        """Return it as a server passes it on."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(_bytes(self.path)).decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        headers = {"Host": "localhost", "Content-Length": str(len(self.body)), **self.headers}
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            is_bare = key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
            environ[key if is_bare else f"HTTP_{key}"] = value
        return environ

    def __str__(self) -> str:
        return f"{self.method} {self.path[:150]!r}?{self.query[:120]!r} [{', '.join(self.tricks)}]"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _form(pairs: list[tuple[str, str]]) -> bytes:
    return "&".join(
        f"{quote_plus(_bytes(name))}={quote_plus(_bytes(value))}" for name, value in pairs
    ).encode()


class Mutator:
    """Draws requests against one world."""

    def __init__(self, world: World, die: random.Random) -> None:
        self.world, self.die = world, die

    def draw(self) -> Attack:
        """Return the next request."""
        die = self.die
        if die.random() < 0.04:
            base = die.choice(self.world.pages)
            path, _, query = die.choice(_WHOLE).partition("?")
            return self._finish(replace(base, path=path), [], query, ["path"])
        use_post = self.world.posts and (die.random() < 0.6 or not self.world.pages)
        base = die.choice(self.world.posts if use_post else self.world.pages)
        tricks: list[str] = []
        reaches = ""
        if base.args and die.random() < 0.35:
            base, reaches = self._other_ids(base)
            tricks.append(f"stranger's {reaches}" if reaches else "ids")
        pairs = list(base.values)
        path, _, query = base.path.partition("?")
        if base.method == "POST":
            pairs = self._other_fields(pairs, tricks)
        if base.method == "GET" or die.random() < 0.1:
            query = self._other_query(query, tricks)
        if die.random() < 0.06:
            path, _, more = (path + die.choice(_TAILS)).partition("?")
            query, reaches = query + more, ""
            tricks.append("tail")
        return self._finish(replace(base, path=path), pairs, query, tricks, reaches)

    def _finish(
        self,
        base: Base,
        pairs: list[tuple[str, str]],
        query: str,
        tricks: list[str],
        reaches: str = "",
    ) -> Attack:
        attack = Attack(
            base.method, base.path, query, endpoint=base.endpoint, reaches=reaches, base=base
        )
        if base.page:
            attack.headers["Referer"] = f"http://localhost{quote(base.page, safe='/?=&%')}"
        self._token(attack, base, pairs, tricks)
        self._cookie(attack, base, tricks)
        self._body(attack, pairs, tricks)
        self._method(attack, tricks)
        self._headers(attack, tricks)
        attack.tricks = tuple(tricks)
        return attack

    # --- Parts ------------------------------------------------------------------------------------

    def _other_ids(self, base: Base) -> tuple[Base, str]:
        die, args = self.die, dict(base.args)
        closed = stranger_of(base, self.world.role)
        if closed and die.random() < 0.5:
            argument, kind = die.choice(closed)
            args[argument] = self.world.foreign[kind]
            return base.at(args, self.world.app), kind
        argument = die.choice(sorted(args))
        pool = [*self.world.own.get(argument, ()), *self.world.ids, *self.world.foreign.values()]
        hostile = [v for v in VALUES if v and len(v) < 5000]
        args[argument] = die.choice(pool) if die.random() < 0.4 and pool else die.choice(hostile)
        return base.at(args, self.world.app), ""

    def _other_fields(
        self, pairs: list[tuple[str, str]], tricks: list[str]
    ) -> list[tuple[str, str]]:
        die = self.die
        draw = die.random()
        if draw < 0.08:
            return pairs
        tricks.append("fields")
        if draw < 0.14:
            return []
        if draw < 0.22:
            value = die.choice(VALUES)
            return [(name, value) for name, _ in pairs]
        if draw < 0.26:
            name = die.choice(self._names(pairs))
            stem = re.sub(r"\d+", "{}", name, count=1)
            stem = stem if "{}" in stem else f"{name}-{{}}-code"
            return pairs + [(stem.format(i), die.choice(VALUES)[:9]) for i in range(MANY)]
        if draw < 0.29:
            return pairs * 40
        for _ in range(die.choice((1, 1, 2, 3))):
            pairs = self._one_other_field(pairs)
        return pairs

    def _names(self, pairs: list[tuple[str, str]]) -> list[str]:
        return sorted({name for name, _ in pairs}) or self.world.names or ["x"]

    def _one_other_field(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        die, value = self.die, self.die.choice(VALUES)
        names = self._names(pairs)
        name = die.choice(names)
        draw = die.random()
        if draw < 0.55:
            return [(n, value if n == name else v) for n, v in pairs]
        if draw < 0.65:
            return [(n, v) for n, v in pairs if n != name]
        if draw < 0.75:
            return [*pairs, (name, value)]
        if draw < 0.82:
            other = die.choice(self.world.names or names)
            return [*pairs, (other, value)]
        if draw < 0.90:
            pools = (*self.world.foreign.values(), *self.world.ids)
            return [(n, die.choice(pools) if n == name else v) for n, v in pairs]
        strange = die.choice(
            (
                f"{name}[]",
                f"{name}[0]",
                f"{name}.x",
                f"{name}-",
                re.sub(r"\d+", "99999999999999999999", name),
                re.sub(r"\d+", "-1", name),
                re.sub(r"\d+", "²", name),
                "",
                "\0",
                SCRIPT,
                "csrf_token",
                "_method",
                "a" * 5000,
            )
        )
        return [*((strange if n == name else n, v) for n, v in pairs), (strange, value)]

    def _other_query(self, query: str, tricks: list[str]) -> str:
        die = self.die
        if die.random() < 0.15:
            return query
        tricks.append("query")
        known = [part.partition("=")[0] for part in query.split("&") if part]
        pool = [*known, *(self.world.names or ["q"]), "page", "q", "sort", "next", "view", "back"]
        pairs = [
            (die.choice(known or pool) if die.random() < 0.5 else die.choice(pool),
             die.choice(VALUES))
            for _ in range(die.choice((1, 1, 2, 4)))
        ]  # fmt: skip
        if die.random() < 0.03:
            pairs *= 300
        more = _form([(name, value[:6000]) for name, value in pairs]).decode()
        return more if die.random() < 0.4 else "&".join(filter(None, (query, more)))

    def _token(
        self, attack: Attack, base: Base, pairs: list[tuple[str, str]], tricks: list[str]
    ) -> None:
        if attack.method != "POST":
            return
        draw = self.die.random()
        if draw < 0.08:
            tricks.append("no token")
        elif draw < 0.13:
            tricks.append("wrong token")
            pairs.append(("csrf_token", self.die.choice(VALUES)[:300]))
        elif draw < 0.2:
            attack.headers["X-CSRFToken"] = base.token
        else:
            pairs.append(("csrf_token", base.token))

    def _cookie(self, attack: Attack, base: Base, tricks: list[str]) -> None:
        draw = self.die.random()
        cookie = base.cookie
        if draw < 0.07:
            attack.is_signed_in = False
            tricks.append("cookie")
            cookie = self.die.choice(
                (
                    "",
                    cookie[:-5],
                    cookie.replace(".", ".."),
                    "\xff\xfe",
                    "x" * 5000,
                    ".".join("abc"),
                    '"',
                    ".eJw.x.y",
                )
            )
        attack.headers["Cookie"] = f"matchboard={cookie}" if cookie else ""
        if self.die.random() < 0.05:
            tricks.append("cookies")
            attack.headers["Cookie"] += "; " + self.die.choice(
                (
                    "matchboard_last=\xff",
                    "matchboard_last=" + "x" * 3000,
                    "remember_token=1|x",
                    "remember_token=\xff",
                    "=;=;;",
                    'a="b',
                    "matchboard=second",
                    "session=1; language=xx",
                )
            )
        if base.endpoint and not base.cookie:
            attack.is_signed_in = False

    def _body(self, attack: Attack, pairs: list[tuple[str, str]], tricks: list[str]) -> None:
        if attack.method != "POST":
            if self.die.random() < 0.03:
                attack.body = b"x=1" * 10
            return
        attack.body = _form(pairs)
        attack.headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.die.random() >= 0.14:
            return
        kind, headers, body = self.die.choice(_BODIES)
        tricks.append(kind)
        body = body if body is not None else attack.body
        attack.body = body
        attack.headers.update(headers)
        attack.headers["X-CSRFToken"] = attack.base.token if attack.base else ""
        attack.is_signed_in = False  # no telling what the site makes of it

    def _method(self, attack: Attack, tricks: list[str]) -> None:
        if self.die.random() < 0.06:
            attack.method = self.die.choice(_METHODS)
            tricks.append("method")

    def _headers(self, attack: Attack, tricks: list[str]) -> None:
        if self.die.random() < 0.15:
            attack.headers["HX-Request"] = "true"
            tricks.append("htmx")
        if self.die.random() < 0.25:
            for _ in range(self.die.choice((1, 2, 4))):
                name = self.die.choice(sorted(_HEADERS))
                attack.headers[name] = self.die.choice((*_HEADERS[name], *_HEADER_VALUES))
                tricks.append(name)


# --- Bodies ---------------------------------------------------------------------------------------


def _multipart(*parts: tuple[str, bytes], end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + h.encode() + b"\r\n\r\n" + c + b"\r\n" for h, c in parts) + end


def _workbook_bomb() -> bytes:
    """Return a workbook whose one sheet is 40 MB of nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
        archive.writestr("../../escaped.txt", b"x")
    return made.getvalue()


def _file(name: str, kind: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"; filename="x"\r\nContent-Type: {kind}'


_M = {"Content-Type": "multipart/form-data; boundary=b"}
_NAMED = 'Content-Disposition: form-data; name="{}"'
_BODIES: tuple[tuple[str, dict[str, str], bytes | None], ...] = (
    ("json", {"Content-Type": "application/json"}, b'{"name": [1, {"a": null}]}'),
    ("bad json", {"Content-Type": "application/json; charset=x"}, b'{"name": '),
    ("deep json", {"Content-Type": "application/json"}, b"[" * 50_000),
    ("text", {"Content-Type": "text/plain; charset=utf-99"}, b"\xff\xfe"),
    ("no type", {"Content-Type": ""}, None),
    ("odd type", {"Content-Type": "\xff/;;=\"'"}, None),
    ("odd charset", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}, None),
    ("raw bytes", {}, b"\xff\xfe\x00=\x80&&&=%&%zz=%e8"),
    ("gzip bomb", {"Content-Encoding": "gzip"}, gzip.compress(b"a=" + b"b" * 20_000_000)),
    ("no boundary", {"Content-Type": "multipart/form-data"}, b"--b\r\n\r\nx"),
    ("empty boundary", {"Content-Type": "multipart/form-data; boundary="}, b"--\r\n\r\nx\r\n----"),
    ("odd boundary", {"Content-Type": 'multipart/form-data; boundary="\xff'}, b"x"),
    ("torn multipart", _M, _multipart((_NAMED.format("name"), b"x"), end=b"--b\r\nConte")),
    ("no names", _M, _multipart(("Content-Disposition: form-data", b"x"), ("X: y", b"z"))),
    ("odd part", _M, _multipart((_NAMED.format("na\r\nme\x00"), b"\xff\x00"))),
    ("part of a charset", _M, _multipart(
        (_NAMED.format("name") + "\r\nContent-Type: text/plain; charset=rot13", b"x"))),
    ("1,500 parts", _M, _multipart(*[(_NAMED.format(f"p{i}"), b"x") for i in range(1500)])),
    ("large part", _M, _multipart((_NAMED.format("note"), b"x" * 700_000))),
    ("long part head", _M, _multipart((_NAMED.format("x" * 40_000), b"x"))),
    ("file for a field", _M, _multipart((_file("name", "text/plain"), b"\xff"))),
    ("workbook bomb", _M, _multipart((_file("attachment", "application/zip"), _workbook_bomb()))),
    ("csv", _M, _multipart((_file("attachment", "text/csv"), b'=1+1,"\x00\n\xff' * 500))),
    ("too large", {}, b"a=" + b"b" * (16 * 1024 * 1024)),
    ("longer than sent", {"Content-Length": "5000"}, b"a=b"),
    ("no length", {"Content-Length": ""}, None),
    ("odd length", {"Content-Length": "²"}, None),
    ("negative length", {"Content-Length": "-5"}, None),
)  # fmt: skip
