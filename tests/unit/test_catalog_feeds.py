"""Feeds as shops export them: encodings, quotes, photo lists, several rows a product."""

import io
from collections.abc import Mapping

import pytest

from nightreel.catalog.columns import parse_mapping
from nightreel.catalog.feeds import Feed, FeedItem
from nightreel.errors import SourceError

HEADER = "id,title,image_link,additional_image_link,price\n"


def _read(data: bytes, name: str = "feed.csv", mapping: Mapping[str, str] | None = None) -> list[FeedItem]:
    return list(Feed(io.BytesIO(data), name, mapping))


def _one(text: str, name: str = "feed.csv") -> FeedItem:
    (item,) = _read(text.encode(), name)
    return item


@pytest.mark.parametrize(
    "data",
    [
        ("\N{ZERO WIDTH NO-BREAK SPACE}" + HEADER + "A,杯子,a.jpg,,1 EUR\n").encode(),
        (HEADER + "A,杯子,a.jpg,,1 EUR\n").encode("utf-16"),
        (HEADER + "A,杯子,a.jpg,,1 EUR\n").replace("\n", "\r\n").encode(),
        (HEADER + "A,杯子,a.jpg,,1 EUR\n").replace(",", ";").encode(),
        ("# How to fill in this file\n#,,,\n\n" + HEADER + "A,杯子,a.jpg,,1 EUR\n\n,,,,\n").encode(),
    ],
    ids=["bom", "utf-16", "crlf", "semicolons", "help rows and empty rows"],
)
def test_one_feed_in_many_dresses(data: bytes) -> None:
    """A byte order mark, another encoding, delimiter or line end, help rows: the same products are read."""
    (item,) = _read(data, "feed.csv")
    assert (item.id, item.fields["title"], item.images) == ("A", "杯子", ("a.jpg",))


def test_photo_lists_are_split_at_commas_that_are_not_escaped() -> None:
    """The main photo comes first, repeats are dropped, and %2C is a comma inside a name."""
    item = _one(HEADER + 'A,T,./a.jpg,"b.jpg, c%2Cd.jpg ,a.jpg,,e%2cf.jpg",1 EUR\n')
    assert item.images == ("a.jpg", "b.jpg", "c,d.jpg", "e,f.jpg")


def test_quotes_hold_commas_lines_and_quotes() -> None:
    """A quoted cell may hold the delimiter, line ends and doubled quotes; lines are still counted right."""
    items = _read((HEADER + 'A,"12"" lamp,\nred",a.jpg,,1\nB,T,b.jpg,,1\n').encode(), "feed.csv")
    assert items[0].fields["title"] == '12" lamp,\nred'
    assert [item.line for item in items] == [2, 4]


def test_tsv_with_a_stray_quote_is_read_without_quotes() -> None:
    """A title that begins with an inch mark does not swallow the rows below it."""
    text = 'id\ttitle\timage_link\nA\t"12 inch lamp\ta.jpg\nB\tcup\tb.jpg\n'
    assert [item.id for item in _read(text.encode(), "feed.tsv")] == ["A", "B"]
    quoted = 'id\ttitle\timage_link\nA\t"a ""fine"" lamp"\ta.jpg\n'
    assert _one(quoted, "feed.tsv").fields["title"] == 'a "fine" lamp'


def test_columns_become_fields() -> None:
    """Columns are known by their words, whatever their case, spaces or `g:`."""
    item = _one("g:ID,Title,Image Link,Custom Label 0\nA,T,a.jpg,night\n")
    assert item.fields == {"id": "A", "title": "T", "custom_label_0": "night"}


def test_meta_numbers_its_photos() -> None:
    """Meta's image[0].url columns are photos, in their order."""
    item = _one("id,title,image[0].url,image[1].url\nA,T,a.jpg,b.jpg\n")
    assert item.images == ("a.jpg", "b.jpg")


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (
            "Handle,Title,Body (HTML),Vendor,Image Src,Image Position,Variant Price,Variant Compare At Price",
            "lamp,Lamp,<p>Warm</p>,Nightreel,{},{},98.00,129.00",
        ),
        (
            "URL handle,Title,Description,Vendor,Product image URL,Image position,Price,Compare-at price",
            "lamp,Lamp,<p>Warm</p>,Nightreel,{},{},98.00,129.00",
        ),
    ],
    ids=["old columns", "new columns"],
)
def test_shopify_rows_of_one_handle_are_one_product(columns: str, row: str) -> None:
    """Variant rows leave the title blank and add photos by position; the compare-at price is the old one."""
    blank = "lamp,,,,{},{},,"
    rows = [row.format("b.jpg", 2), blank.format("c.jpg", 3), blank.format("a.jpg", 1), "cup,Cup,,,x.jpg,1,5,"]
    lamp, cup = _read("\n".join([columns, *rows]).encode(), "products.csv")
    assert lamp.images == ("a.jpg", "b.jpg", "c.jpg")
    wanted = {"title": "Lamp", "description": "<p>Warm</p>", "brand": "Nightreel", "price": "129.00"}
    assert wanted.items() <= lamp.fields.items()
    assert lamp.fields["sale_price"] == "98.00"
    assert (cup.fields["price"], cup.fields.get("sale_price")) == ("5", None)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (",T,a.jpg,,1\n", "has no id"),
        ("A,T,a.jpg,,1\nA,U,b.jpg,,1\n", "repeats the id of line 2"),
        ("A,T,a.jpg,b.jpg,c.jpg,d.jpg,1\n", "has 7 cells where the header names 5"),
        ('A,"12 inch,a.jpg,1\n', "opens a quote that is never closed"),
        ("A,caf\udce9,a.jpg,,1\n", "is no UTF-8 text. Save the feed as UTF-8."),
    ],
)
def test_a_bad_row_spoils_only_itself(rows: str, problem: str) -> None:
    """A row that cannot be used says why; the others are read."""
    items = _read((HEADER + rows + "Z,T,z.jpg,,1\n").encode(errors="surrogateescape"))
    assert problem in items[-2].problem
    assert (items[-1].id, items[-1].problem) == ("Z", "")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "feed.csv", "feed.csv is empty"),
        (b"name,colour\nA,red\n", "feed.csv", "no columns of a feed: name, colour"),
        (b"id,pr\xe9nom,image_link\n", "feed.csv", "line 1: this is no UTF-8"),
        (b"<rss/>", "feed.xml", "has no items"),
        (b"<rss><item><id>A</id>", "feed.xml", "line 1: this is no XML"),
    ],
)
def test_what_is_no_feed_is_refused(data: bytes, name: str, words: str) -> None:
    """A file that cannot be a feed is refused by name, with what to do."""
    with pytest.raises(SourceError, match=words) as caught:
        _read(data, name)
    assert caught.value.hint
