"""Re-create the vendored front end from npm packages: `make vendor`, then read the diff.

The product never needs npm: what this program writes is committed, with a lock of versions,
SHA-256 and licences that the contract tests compare with the files.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENDOR = REPOSITORY / "matchboard" / "static" / "vendor"
LOCK = VENDOR / "vendor.lock.json"
ICONS = REPOSITORY / "matchboard" / "templates" / "components" / "icons.html"


@dataclass(frozen=True, kw_only=True)
class Package:
    """An npm package and what is taken from it into `folder`; `files` maps source to target."""

    npm: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]
    licence_files: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One vendored file in the lock."""

    file: str
    name: str
    version: str
    licence: str
    licence_file: str
    sha256: str
    changes: tuple[str, ...] = ()


PACKAGES = (
    Package(
        npm="@tabler/core",
        version="1.6.1",
        licence="MIT",
        folder="tabler",
        files={
            "dist/css/tabler.min.css": "tabler.min.css",
            "dist/js/tabler.min.js": "tabler.min.js",
        },
        licence_files={},  # the package carries none: see `tabler_licence`
    ),
    # Bootstrap and Popper are inside Tabler's files; only their licences are taken.
    Package(
        npm="bootstrap",
        version="5.3.9",
        licence="MIT",
        folder="tabler",
        files={},
        licence_files={"LICENSE": "LICENSE.bootstrap.txt"},
    ),
    Package(
        npm="@popperjs/core",
        version="2.11.8",
        licence="MIT",
        folder="tabler",
        files={},
        licence_files={"LICENSE.md": "LICENSE.popper.txt"},
    ),
    # 4.x inherits attributes and swaps errors differently, so the version is exact.
    Package(
        npm="htmx.org",
        version="2.0.11",
        licence="0BSD",
        folder="htmx",
        files={"dist/htmx.min.js": "htmx.min.js"},
        licence_files={"LICENSE": "LICENSE.txt"},
    ),
    Package(
        npm="idiomorph",
        version="0.8.0",
        licence="0BSD",
        folder="idiomorph",
        files={"dist/idiomorph-ext.min.js": "idiomorph-ext.min.js"},
        licence_files={"LICENSE": "LICENSE.txt"},
    ),
    Package(
        npm="tom-select",
        version="2.6.2",
        licence="Apache-2.0",
        folder="tom-select",
        files={
            "dist/js/tom-select.complete.min.js": "tom-select.complete.min.js",
            "dist/css/tom-select.bootstrap5.min.css": "tom-select.bootstrap5.min.css",
        },
        licence_files={"LICENSE": "LICENSE.txt"},
    ),
    Package(
        npm="echarts",
        version="6.1.0",
        licence="Apache-2.0",
        folder="echarts",
        files={"dist/echarts.common.min.js": "echarts.common.min.js"},
        licence_files={"LICENSE": "LICENSE.txt", "NOTICE": "NOTICE.txt"},
    ),
    # ZRender is inside ECharts' file; only its licence is taken.
    Package(
        npm="zrender",
        version="6.1.0",
        licence="BSD-3-Clause",
        folder="echarts",
        files={},
        licence_files={"LICENSE": "LICENSE.zrender.txt"},
    ),
    # The drawings go into a template, see `write_icons`.
    Package(
        npm="@tabler/icons",
        version="3.51.0",
        licence="MIT",
        folder="tabler-icons",
        files={},
        licence_files={"LICENSE": "LICENSE.txt"},
    ),
)

#: Outline icons by their name at Tabler; `<name>-filled` takes the filled drawing.
NAMES = """
    adjustments alert-circle alert-triangle archive arrow-back-up arrow-down arrow-left
    arrow-right arrow-up arrows-sort award ban barbell bed bell book briefcase building
    building-community building-factory bus calendar calendar-due calendar-event cash
    certificate chart-bar chart-line check chevron-down chevron-left chevron-right chevron-up
    circle-check circle-x clipboard-check clipboard-list clock columns-2 copy database-import
    device-mobile dots dots-vertical download edit external-link eye eye-off file-import
    file-spreadsheet file-text filter filter-off fingerprint flag heart-handshake help-circle
    history home hourglass id info-circle key language layout-kanban link list list-check lock
    lock-open login logout mail map-pin menu-2 message minus moon paperclip phone player-pause
    player-play player-stop plus printer qrcode refresh route scale school search send settings
    shield-check shield-lock sort-ascending sort-descending stairs-up star star-filled
    stretching sun switch-horizontal table tag target tools trash trending-down trending-up
    upload user user-check user-off user-plus users walk weight x
"""
ICON_NAMES = tuple(NAMES.split())

SOURCE_MAP = re.compile(r"\n?(?:/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")
SHAPE = re.compile(r"<(?:path|circle|rect|line|ellipse|polyline)\b[^>]*?/>", re.DOTALL)
FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')

MACRO_HEAD = """{#
  Line icons, drawn into the page so that they need no request and take the colour of the text.
  Inputs: name, a key of `shapes`; label, what the icon says when no words stand beside it (without
  one it is hidden from screen readers); class, further classes.
  The drawings are Tabler Icons (MIT), written by requirements/vendor.py: add a name there.
#}
{% set shapes = {
"""
MACRO_TAIL = """} %}

{% macro icon(name, label="", class="") -%}
<svg class="icon icon-{{ name }}{% if class %} {{ class }}{% endif %}" width="24" height="24"
     viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
     stroke-linejoin="round" focusable="false"
     {%- if label %} role="img" aria-label="{{ label }}"{% else %} aria-hidden="true"{% endif %}>
  {{- shapes[name] | safe -}}
</svg>
{%- endmacro %}
"""


def main() -> None:
    """Fetch every package, write its files and the icons, and record them in the lock."""
    for old in [*VENDOR.rglob("*.js"), *VENDOR.rglob("*.css"), *VENDOR.rglob("*.txt")]:
        old.unlink()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        unpacked = {package.npm: fetch(package, Path(scratch)) for package in PACKAGES}
        for package in PACKAGES:
            rows += write_package(package, unpacked[package.npm])
        rows.append(write_tabler_licence(unpacked["@tabler/icons"]))
        write_icons(unpacked["@tabler/icons"])
    rows.sort(key=lambda row: row.file)
    LOCK.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    print(f"{len(rows)} files in {VENDOR.relative_to(REPOSITORY)}, {len(ICON_NAMES)} icons")


def fetch(package: Package, scratch: Path) -> Path:
    """Return the folder into which `package` was unpacked."""
    target = scratch / package.npm.replace("/", "-").replace("@", "")
    target.mkdir()
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.npm}@{package.version}"],
        cwd=target,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (archive,) = target.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def write_package(package: Package, source: Path) -> list[Row]:
    """Copy the files and licences of `package` and return their rows."""
    first_licence = next(iter(package.licence_files.values()), "LICENSE.txt")
    rows = []
    for path, name in {**package.files, **package.licence_files}.items():
        text, changes = adapted(
            (source / path).read_text(encoding="utf-8"), package=package, name=name
        )
        rows.append(write_row(package, name, text, licence_name=first_licence, changes=changes))
    return rows


def adapted(text: str, *, package: Package, name: str) -> tuple[str, Sequence[str]]:
    """Return the text as we serve it, and what was changed in it."""
    changes = []
    if name.endswith((".js", ".css")):
        without_map = SOURCE_MAP.sub("\n", text)
        if without_map != text:
            changes.append("reference to the source map removed")
        text = without_map
    if package.npm == "tom-select" and name.endswith(".css"):
        # Tabler is Bootstrap under another prefix; without this the theme finds no colours.
        text = text.replace("var(--bs-", "var(--tblr-")
        changes.append("custom properties renamed from --bs-* to Tabler's --tblr-*")
    return text, changes


def write_row(
    package: Package, name: str, text: str, *, licence_name: str, changes: Sequence[str] = ()
) -> Row:
    """Write one file of `package` and return its row."""
    target = VENDOR / package.folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="")
    return Row(
        file=f"{package.folder}/{name}",
        name=package.npm,
        version=package.version,
        licence=package.licence,
        licence_file=f"{package.folder}/{licence_name}",
        sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
        changes=tuple(changes),
    )


def write_tabler_licence(icons: Path) -> Row:
    """Write Tabler's licence: the MIT text of its icons under the copyright lines of its banner."""
    tabler = PACKAGES[0]
    banner = (VENDOR / "tabler" / "tabler.min.js").read_text(encoding="utf-8")[:1000]
    holders = "\n".join(re.findall(r"Copyright \d{4}.*", banner))
    mit = (icons / "LICENSE").read_text(encoding="utf-8")
    text, replaced = re.subn(r"Copyright \(c\).*", lambda _match: holders, mit, count=1)
    if not holders or not replaced:
        raise SystemExit("Tabler's banner or licence has another form than expected")
    return write_row(tabler, "LICENSE.txt", text, licence_name="LICENSE.txt")


def write_icons(source: Path) -> None:
    """Write the icon macro with the drawings of `ICON_NAMES`."""
    lines = [f"  {json.dumps(name)}: {json.dumps(drawing(source, name))}," for name in ICON_NAMES]
    ICONS.parent.mkdir(parents=True, exist_ok=True)
    ICONS.write_text(MACRO_HEAD + "\n".join(lines) + "\n" + MACRO_TAIL, encoding="utf-8")


def drawing(source: Path, name: str) -> str:
    """Return the shapes inside the SVG called `name`, without its invisible frame."""
    filled = name.endswith("-filled")
    folder = "filled" if filled else "outline"
    svg = (source / "icons" / folder / f"{name.removesuffix('-filled')}.svg").read_text("utf-8")
    shapes = "".join(
        re.sub(r"\s+", " ", s).replace(" />", "/>") for s in SHAPE.findall(FRAME.sub("", svg))
    )
    shapes = shapes.replace('"', "'")
    return f"<g fill='currentColor' stroke='none'>{shapes}</g>" if filled else shapes


if __name__ == "__main__":
    main()
