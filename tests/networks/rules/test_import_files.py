"""Tables out of files of every kind, and out of what is none."""

import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from networks.rules.import_files import (
    MAX_BYTES,
    MAX_ROWS,
    MAX_UNPACKED,
    Fault,
    Unreadable,
    read_table,
)


def xlsx(*rows: list[object]) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    output = BytesIO()
    workbook.save(output)
    return output.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "Kommune;Navn\nÆrø;Åse Ø\n".encode(),
        "Kommune;Navn\nÆrø;Åse Ø\n".encode("utf-8-sig"),
        "Kommune;Navn\r\nÆrø;Åse Ø\r\n".encode("cp1252"),
        "Kommune;Navn\nÆrø;Åse Ø\n".encode("utf-16"),
        "Kommune,Navn\nÆrø,Åse Ø\n".encode(),
        "Kommune\tNavn\nÆrø\tÅse Ø\n".encode(),
        'Kommune;Navn\nÆrø;"Åse\n Ø"\n'.encode(),
        xlsx(["Kommune", "Navn"], ["Ærø", "Åse Ø"]),
    ],
)
def test_a_list_reads_the_same_however_it_was_saved(content: bytes) -> None:
    table = read_table(content)
    assert table.headings == ("Kommune", "Navn")
    assert table.rows == ((2, ("Ærø", "Åse Ø")),)


def test_rows_keep_their_numbers_where_some_are_empty() -> None:
    content = b"sep=,\n\nKommune,Navn\n,\nOdense,Ane\n\nOdense\n"
    table = read_table(content)
    assert table.headings == ("Kommune", "Navn")
    assert table.rows == ((5, ("Odense", "Ane")), (7, ("Odense", "")))


def test_cells_are_read_as_somebody_would_write_them() -> None:
    content = xlsx(
        ["a", "b", "c", "d", "e"],
        [101, 5798009811578.0, datetime(2024, 3, 1), date(2024, 3, 2), True],
    )
    assert read_table(content).rows[0][1] == (
        "101",
        "5798009811578",
        "2024-03-01",
        "2024-03-02",
        "1",
    )


def test_formulas_are_not_evaluated() -> None:
    content = xlsx(["Kommune", "Navn"], ["Odense", '=HYPERLINK("http://example.org";"Ane")'])
    assert read_table(content).rows == ((2, ("Odense", "")),)


def bomb() -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (MAX_UNPACKED + 1))
    return output.getvalue()


def with_entities() -> bytes:
    """A workbook whose sheet defines entities of its own."""
    output = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(xlsx(["a"], ["b"]))) as good,
        zipfile.ZipFile(output, "w") as bad,
    ):
        for part in good.infolist():
            content = good.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            bad.writestr(part, content)
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"\n\n \n", Fault.EMPTY),
        (b"Kommune;Navn\n", Fault.EMPTY),
        (xlsx(), Fault.EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), Fault.LOCKED_OR_OLD),
        (b"PK\x03\x04rubbish", Fault.NOT_A_TABLE),
        (xlsx(["a"], ["b"])[:900], Fault.NOT_A_TABLE),
        (bomb(), Fault.TOO_BIG),
        (with_entities(), Fault.NOT_A_TABLE),
        (bytes(range(256)) * 20, Fault.NOT_A_TABLE),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Fault.NOT_A_TABLE),
        (b"\xff\xfeA", Fault.NOT_A_TABLE),
        (b"a;b\n" + b'"' + b"x" * 200_000, Fault.NOT_A_TABLE),
        (b"x" * (MAX_BYTES + 1), Fault.TOO_BIG),
        (b";".join([b"h"] * 70) + b"\n1;2\n", Fault.TOO_MANY_COLUMNS),
        (b"Kommune;Navn\n" + b"Odense;Ane\n" * 50_000, Fault.TOO_MANY_ROWS),
    ],
)
def test_what_is_no_list_is_told(content: bytes, fault: Fault) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_table(content)
    assert refusal.value.fault == fault


def test_as_many_rows_as_may_be_are_read() -> None:
    assert len(read_table(b"Navn;Mail\n" + b"Ane;x\n" * MAX_ROWS).rows) == MAX_ROWS


def test_parts_of_a_workbook_that_are_missing_or_swapped_are_told() -> None:
    whole = xlsx(["a"], ["b"])
    with zipfile.ZipFile(BytesIO(whole)) as good:
        names = good.namelist()
        for left_out in names:
            output = BytesIO()
            with zipfile.ZipFile(output, "w") as bad:
                for name in names:
                    bad.writestr(name, b"<rubbish/>" if name == left_out else good.read(name))
            try:
                read_table(output.getvalue())
            except Unreadable as refusal:
                assert refusal.fault in (Fault.NOT_A_TABLE, Fault.EMPTY)  # noqa: PT017
