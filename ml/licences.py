"""Which certificate includes which others, and which are obtained on the spot.

Sources: the classes of motor vehicle a licence permits (机动车驾驶证申领和使用规定,
annex 1) and the five grades of the vocational skill certificate, a higher one including the lower.
"""

from __future__ import annotations

from collections.abc import Iterable

OBTAINABLE = frozenset({"cert.health"})

_INCLUDES: dict[str, tuple[str, ...]] = {
    "cert.drive.a1": ("cert.drive.a3", "cert.drive.b1", "cert.drive.b2"),
    "cert.drive.a2": ("cert.drive.b1", "cert.drive.b2"),
    "cert.drive.a3": ("cert.drive.c1",),
    "cert.drive.b1": ("cert.drive.c1",),
    "cert.drive.b2": ("cert.drive.c1",),
    "cert.drive.c1": ("cert.drive.c2", "cert.drive.c3"),
    "cert.drive.c3": ("cert.drive.c4",),
    "cert.level.1": ("cert.level.2",),
    "cert.level.2": ("cert.level.3",),
    "cert.level.3": ("cert.level.4",),
    "cert.level.4": ("cert.level.5",),
}


def with_included(certificates: Iterable[str]) -> frozenset[str]:
    """Return the certificates and all those they include.

    Examples
    --------
    >>> sorted(with_included(["cert.drive.b2"]))
    ['cert.drive.b2', 'cert.drive.c1', 'cert.drive.c2', 'cert.drive.c3', 'cert.drive.c4']
    """
    found: set[str] = set()
    waiting = list(certificates)
    while waiting:
        certificate = waiting.pop()
        if certificate not in found:
            found.add(certificate)
            waiting.extend(_INCLUDES.get(certificate, ()))
    return frozenset(found)
