"""The exchange files: structure, places of errors, whole writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.files import (
    read_clients,
    read_courses,
    read_excluded,
    read_titles,
    read_vacancies,
    write_csv,
)
from ml.problems import InputError
from ml.schema import Clients, Vacancies


def _write(path: Path, content: str | bytes) -> Path:
    raw = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "expected a header row", id="empty"),
        pytest.param("lat,lon\n1,2\n", "row 1: .* a column client_id", id="no-id-column"),
        pytest.param("client_id,lat,lat\n", "row 1: 'lat': expected each column once", id="twice"),
        pytest.param("client_id,lat\nC1,1,2\n", "row 2: '3': expected 2 cells", id="long-row"),
        pytest.param("client_id,lat\nC1\n", "row 2: '1': expected 2 cells", id="short-row"),
        pytest.param('client_id,text\nC1,"a\nb"\nC2,"x', "row 3", id="open-quote"),
        pytest.param(b"client_id,text\nC1,\xd6\xd0\n", "row 2: .*expected UTF-8 text", id="gbk"),
        pytest.param('client_id,text\nC1,"a\nb"\nC2,"x"y\n', "row 3", id="quote-inside"),
        pytest.param("client_id,lat\n\nC1,x\n", "row 3, column lat: 'x'", id="blank-line-counts"),
        pytest.param(
            'client_id,text,lat\nC1,"a\nb",1\nC2,c,x\n', "row 3, column lat", id="newline"
        ),
    ],
)
def test_clients_file_names_the_place_when_it_is_broken(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = _write(tmp_path / "clients.csv", content)
    with pytest.raises(InputError, match=rf"clients\.csv: .*{message}"):
        read_clients(path)


def test_file_is_named_when_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: 'No such file"):
        read_clients(tmp_path / "none.csv")


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_clients_file_is_read_when_it_has_a_bom_or_windows_lines(
    tmp_path: Path, start: bytes, end: str
) -> None:
    raw = start + f"client_id,lat{end}C1,30.5{end}".encode()
    table = read_clients(_write(tmp_path / "c.csv", raw))
    assert table.ids == ("C1",)
    assert table.lat[0] == pytest.approx(30.5)


def test_file_warns_once_when_columns_are_extra_or_missing(tmp_path: Path) -> None:
    path = _write(tmp_path / "courses.csv", "course_id,colour,audit_sex,skills\nK1,red,f,a:1\n")
    table = read_courses(path)
    assert [str(notice) for notice in table.notices] == [
        "courses.csv: 1 extra columns (colour)",
        "courses.csv: 1 missing columns (certificates)",
    ]
    assert not table.certificates.known[0]


def test_vacancies_file_ignores_columns_that_only_callers_may_set(tmp_path: Path) -> None:
    table = read_vacancies(_write(tmp_path / "v.csv", "vacancy_id,partner_hire\nV1,0.9\n"))
    assert table.partner_hire[0] != table.partner_hire[0]
    assert "partner_hire" in table.notices[0].examples


@pytest.fixture
def tables() -> tuple[Clients, Vacancies]:
    clients = Clients.from_rows([{"client_id": "C1"}, {"client_id": "C2"}])
    return clients, Vacancies.from_rows([{"vacancy_id": "V1"}, {"vacancy_id": "V2"}])


def test_excluded_pairs_are_grouped_when_all_ids_are_known(
    tmp_path: Path, tables: tuple[Clients, Vacancies]
) -> None:
    path = _write(tmp_path / "x.csv", "client_id,vacancy_id\nC1,V1\nC1, V2\n")
    assert read_excluded(path, *tables) == {"C1": {"V1", "V2"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("client_id,vacancy_id\nC9,V1\n", "row 2, column client_id: 'C9'"),
        ("client_id,vacancy_id\nC1,V9\n", "row 2, column vacancy_id: 'V9'"),
        ("client_id,vacancy_id\nC1,\n", "row 2, column vacancy_id"),
        ("client_id\nC1\n", "a column vacancy_id"),
    ],
)
def test_excluded_file_is_refused_when_an_id_is_unknown(
    tmp_path: Path, tables: tuple[Clients, Vacancies], content: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_excluded(_write(tmp_path / "x.csv", content), *tables)


def test_titles_file_is_read_when_a_title_is_empty(tmp_path: Path) -> None:
    path = _write(tmp_path / "t.csv", "title_id,title\na,焊工\nb,\n")
    assert read_titles(path) == [("a", "焊工"), ("b", "")]


@pytest.mark.parametrize("content", ["title_id,title\n,x\n", "title_id,title\na,x\na,y\n"])
def test_titles_file_is_refused_when_an_id_is_empty_or_doubled(
    tmp_path: Path, content: str
) -> None:
    with pytest.raises(InputError, match="title_id"):
        read_titles(_write(tmp_path / "t.csv", content))


def test_written_file_is_whole_when_writing_succeeds(tmp_path: Path) -> None:
    write_csv(tmp_path / "out.csv", ("a", "b"), [(1, "x;y"), (2, "中")])
    assert (tmp_path / "out.csv").read_bytes() == "a,b\n1,x;y\n2,中\n".encode()


def test_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    path = _write(tmp_path / "out.csv", "old")
    rows = (value for value in [(1,), 1 / 1, None])
    with pytest.raises(Exception, match="iterable"):
        write_csv(path, ("a",), rows)  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["out.csv"]
