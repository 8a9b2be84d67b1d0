"""Every text a person reads is Chinese in the source and has its English in the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "matchboard"
TEMPLATES = PACKAGE / "templates"
ENGLISH = PACKAGE / "translations/en/LC_MESSAGES/messages.po"
#: What `make messages` counts as a text to translate besides Babel's own.
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["lazy_gettext", "_l"])}
CJK = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3001-\u303f]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%(?!%)[sd]")
TRANSLATING = {"_", "_l", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "pgettext"}
#: Calls that read what people type, in whatever script.
PARSING = {"compile", "fullmatch", "maketrans", "match", "replace", "split", "strip", "sub"}
#: Languages are named in their own.
OWN_NAMES = {"中文"}

Id = str | tuple[str, ...]


def extracted() -> dict[Id, str]:
    """Return each text of the source and where it stands."""
    with (PACKAGE / "translations/babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    # A text used alone and with a plural is one entry: let a catalogue merge them.
    merged = Catalog()
    for name, line, text, _notes, _context in extract_from_dir(
        PACKAGE, methods, options, keywords=KEYWORDS
    ):
        merged.add(text, locations=[(name, line)])
    return {_id(m.id): "{}:{}".format(*m.locations[0]) for m in merged if m.id}


def _id(message: object) -> Id:
    return tuple(message) if isinstance(message, (tuple, list)) else str(message)


def catalogue() -> Catalog:
    with ENGLISH.open(encoding="utf-8") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def source() -> dict[Id, str]:
    return extracted()


@pytest.fixture(scope="module")
def english() -> dict[Id, Message]:
    return {_id(message.id): message for message in catalogue() if message.id}


def strings_of(message: Message) -> list[str]:
    text = message.string
    return list(text) if isinstance(text, (tuple, list)) else [str(text or "")]


def test_catalogue_has_every_text_when_compared_with_the_source(
    source: dict[Id, str], english: dict[Id, Message]
) -> None:
    assert len(source) > 1000
    missing = sorted(f"{where}: {text!r}" for text, where in source.items() if text not in english)
    assert missing == [], "run `make messages` and translate"


def test_catalogue_has_no_other_text_when_compared_with_the_source(
    source: dict[Id, str], english: dict[Id, Message]
) -> None:
    assert "登录" in english
    assert sorted(str(text) for text in english if text not in source) == []


def test_catalogue_translates_every_text_when_read(english: dict[Id, Message]) -> None:
    assert len(english) > 1000
    unfinished = [
        text for text, m in english.items() if m.fuzzy or not all(s.strip() for s in strings_of(m))
    ]
    assert unfinished == []


def test_catalogue_is_in_english_when_read(english: dict[Id, Message]) -> None:
    assert len(english) > 1000
    chinese = [
        text
        for text, message in english.items()
        if any(CJK.search(s) for s in strings_of(message)) and text not in OWN_NAMES
    ]
    assert chinese == []


def test_catalogue_keeps_every_placeholder_when_translated(english: dict[Id, Message]) -> None:
    assert sum(bool(_placeholders(str(text))) for text in english) > 100
    wrong = []
    for text, message in english.items():
        ids = text if isinstance(text, tuple) else (text,)
        wanted = {p for i in ids for p in _placeholders(i)}
        wrong += [
            (i, s)
            for i, s in zip(ids, strings_of(message), strict=False)
            if set(_placeholders(s)) - wanted or (len(ids) == 1 and set(_placeholders(s)) != wanted)
        ]
    assert wrong == []


def _placeholders(text: str) -> list[str]:
    return [match.group(0) for match in PLACEHOLDER.finditer(text)]


# --- No Chinese beside the catalogue -----------------------------------------------------------


def templates() -> list[Path]:
    return sorted(p for p in TEMPLATES.rglob("*") if p.is_file())


def loose_in_template(text: str) -> list[str]:
    """Return the Chinese of a template that passes through no translating call."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse(text)
    allowed: set[int] = set()
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name in TRANSLATING:
            allowed |= {id(constant) for constant in call.find_all(nodes.Const)}
    found = [data.data for data in tree.find_all(nodes.TemplateData)]
    found += [c.value for c in tree.find_all(nodes.Const) if id(c) not in allowed]
    return [str(t).strip() for t in found if CJK.search(str(t)) and str(t).strip() not in OWN_NAMES]


@pytest.mark.parametrize("path", templates(), ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_template_has_no_chinese_when_not_translated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert loose_in_template(text) == []
    assert loose_in_template(f"{text}坏") != []


def test_loose_chinese_is_found_when_in_text_attribute_or_expression() -> None:
    text = '<p title="标题">正文 {{ _("好") }} {{ "坏" }}</p>{# 注释 #}{% set x = "又坏" %}'
    assert loose_in_template(text) == ['<p title="标题">正文', "坏", "又坏"]


def sources() -> list[Path]:
    """Return the modules whose texts people read; reference data and rules keep their Chinese."""
    return sorted([*(PACKAGE / "web").rglob("*.py"), *(PACKAGE / "labels").rglob("*.py")])


def loose_in_module(tree: ast.Module) -> Iterator[str]:
    """Yield the Chinese string constants outside translating calls and docstrings."""
    allowed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in TRANSLATING | PARSING:
            allowed |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            allowed.add(id(node.value))
    for node in ast.walk(tree):
        if id(node) in allowed or not isinstance(node, ast.Constant):
            continue
        if isinstance(node.value, str) and CJK.search(node.value) and node.value not in OWN_NAMES:
            yield f"{node.lineno}: {node.value}"


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_has_no_chinese_when_not_translated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert list(loose_in_module(ast.parse(text))) == []
    assert list(loose_in_module(ast.parse(f'{text}\nA = "坏"'))) != []


def test_loose_chinese_is_found_when_in_a_module() -> None:
    lines = ['"""说明"""', 'A = _("好")', 'B = "坏"', 'C = f"{A}也坏"', 'D = re.compile("年")']
    tree = ast.parse("\n".join(lines))
    assert list(loose_in_module(tree)) == ["3: 坏", "4: 也坏"]
