"""Feeds as shops export them: encodings, quotes, photo lists, several rows a product."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>A shop</title><link>https://s.example</link>
<item><g:id>A</g:id><title>Lamp &amp; shade</title><link>https://s.example/a</link>
<description><![CDATA[<p>Warm</p>]]></description><g:price>9 USD</g:price>
<g:image_link>a.jpg</g:image_link><g:additional_image_link>b.jpg</g:additional_image_link>
<g:additional_image_link>c.jpg</g:additional_image_link>
<g:shipping><g:country>DE</g:country><g:price>5 EUR</g:price></g:shipping></item>
<item><title>Nameless</title><g:image_link>x.jpg</g:image_link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>A shop</title>
<entry><id>tag:s.example,2026:1</id><g:id>A</g:id><title>Lamp &amp; shade</title><link href="https://s.example/a"/>
<description>&lt;p&gt;Warm&lt;/p&gt;</description><g:price>9 USD</g:price>
<g:image_link>a.jpg</g:image_link><g:additional_image_link>b.jpg,c.jpg</g:additional_image_link></entry></feed>"""
PLAIN = RSS.replace(' xmlns:g="http://base.google.com/ns/1.0"', "").replace("g:", "")


@pytest.mark.parametrize(
    ("text", "bad"),
    [(RSS, [(8, "has no id.")]), (ATOM, []), (PLAIN, [(8, "has no id.")])],
    ids=["RSS with g:", "Atom", "plain RSS"],
)
def test_xml_is_read_like_a_table(text: str, bad: list[tuple[int, str]]) -> None:
    """RSS and Atom, with Google's names or without: the same product; an item's faults are told by its line."""
    lamp, *others = _read(text.encode(), "feed.xml")
    assert (lamp.id, lamp.images) == ("A", ("a.jpg", "b.jpg", "c.jpg"))
    wanted = {"title": "Lamp & shade", "link": "https://s.example/a", "description": "<p>Warm</p>", "price": "9 USD"}
    assert wanted.items() <= lamp.fields.items()
    assert [(other.line, other.problem) for other in others] == bad


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "declares entities"),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><id>&a;</id></item></rss>', "entities"),
        ("<a>" * 100, "nested more than 40 deep"),
        ("<rss><item><g:id>A</g:id></item></rss>", "unbound prefix"),
        ('<?xml version="1.0" encoding="klingon"?><rss/>', "unknown encoding: klingon"),
    ],
)
def test_xml_that_is_meant_to_harm_is_refused(text: str, words: str) -> None:
    """Entities that grow or lead elsewhere, and elements without end, are refused before anything is made of them."""
    with pytest.raises(SourceError, match=words):
        _read(text.encode(), "feed.xml")


def test_variants_keep_their_own_prices() -> None:
    """Price and old price come from one variant: the first that has a price."""
    rows = "Handle,Title,Image Src,Variant Price,Variant Compare At Price\nlamp,Lamp,a.jpg,98,\nlamp,,,89,129\n"
    (lamp,) = _read(rows.encode())
    assert lamp.fields["price"] == "98"
    assert "sale_price" not in lamp.fields


def test_other_columns_are_told_what_they_are() -> None:
    """`--map` names the columns of any feed, whatever their case; several may hold photos, each a list."""
    data = b'SKU,Name,Pictures,More\nA,Lamp,"a.jpg, b.jpg",c.jpg\n'
    with pytest.raises(SourceError, match=r"--map id=SKU --map image_link=COLUMN"):
        _read(data)
    mapping = parse_mapping(["id=SKU", "title=name", "photos=Pictures", "image=More"])
    feed = Feed(io.BytesIO(data), "feed.csv", mapping)
    (item,) = feed
    assert (item.id, item.fields["title"], item.images) == ("A", "Lamp", ("a.jpg", "b.jpg", "c.jpg"))
    assert [(column.name, column.became, column.filled) for column in feed.columns] == [
        ("SKU", "id", 1),
        ("Name", "title", 1),
        ("Pictures", "photos", 1),
        ("More", "photos", 1),
    ]
    for pair in ("id", "=SKU", "id="):
        with pytest.raises(SourceError, match="does not say which field"):
            parse_mapping([pair])
    with pytest.raises(SourceError, match=r'no column "Nam".*Did you mean "Name"'):
        _read(data, mapping={"Nam": "title"})


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        ("id,title,image_link", "Google Merchant"),
        ("id,title,image[0].url,price", "Meta"),
        ("Handle,Title,Image Src", "Shopify"),
    ],
)
def test_a_feed_is_known_by_its_columns(header: str, dialect: str) -> None:
    """Whose feed it is, is told by its columns; and what each of them became."""
    feed = Feed(io.BytesIO(f"{header}\n".encode()), "feed.csv")
    assert feed.dialect == dialect
    assert "photos" in {column.became for column in feed.columns}


def test_a_quote_that_never_closes_takes_no_other_row_with_it() -> None:
    """However far the next quote is, only the row that opens one is lost, and said to be."""
    rows = [f"P{number},T{number},{number}.jpg,,1\n" for number in range(50)]
    rows[7] = 'P7,"7 inch,7.jpg,1\n'
    items = _read((HEADER + "".join(rows)).encode())
    assert [item.id for item in items] == [f"P{number}" for number in range(50)]
    assert [(item.line, item.problem) for item in items if item.problem] == [
        (9, "opens a quote that is never closed.")
    ]


# --------------------------------------------------------------------------- any feed


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)
_IDS = st.text("ABCxyz019-_.", min_size=1, max_size=12)
_NAMES = st.text("abcXYZ019-_ é", min_size=1, max_size=12).map(lambda name: f"{name.strip()}.jpg")


@st.composite
def _products(draw: st.DrawFn) -> list[dict[str, Any]]:
    ids = draw(st.lists(_IDS, min_size=1, max_size=5, unique=True))
    return [
        {
            "id": product,
            "title": draw(_TEXTS),
            "description": draw(_TEXTS),
            "price": "9 USD",
            "images": draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)),
        }
        for product in ids
    ]


def _table(header: list[str], rows: list[list[str]], delimiter: str, encoding: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


_TOLD = ("id", "title", "description", "price")


def _google(products: list[dict[str, Any]], delimiter: str, encoding: str) -> bytes:
    rows = [
        [
            item["id"],
            item["title"],
            item["description"],
            item["price"],
            item["images"][0],
            ",".join(item["images"][1:]),
        ]
        for item in products
    ]
    header = ["id", "title", "description", "price", "image_link", "additional_image_link"]
    return _table(header, rows, delimiter, encoding)


def _meta(products: list[dict[str, Any]], delimiter: str, encoding: str) -> bytes:
    rows = [
        [item["id"], item["title"], item["description"], item["price"], *(item["images"] + [""] * 4)[:4]]
        for item in products
    ]
    header = ["id", "title", "description", "price", *(f"image[{number}].url" for number in range(4))]
    return _table(["# help", *([""] * 7)], [header, *rows], delimiter, encoding)


def _shopify(products: list[dict[str, Any]], delimiter: str, encoding: str) -> bytes:
    rows: list[list[str]] = []
    for item in products:
        for number, image in enumerate(item["images"], 1):
            first = [item["title"], item["description"], item["price"]] if number == 1 else [""] * 3
            rows.insert(len(rows), [item["id"], *first, image, str(number)])
    return _table(
        ["Handle", "Title", "Body (HTML)", "Variant Price", "Image Src", "Image Position"], rows, delimiter, encoding
    )


def _xml(products: list[dict[str, Any]], _delimiter: str, encoding: str) -> bytes:
    root = ET.Element("rss")
    for item in products:
        entry = ET.SubElement(root, "item")
        for name in ("id", "title", "description", "price"):
            ET.SubElement(entry, f"{{http://base.google.com/ns/1.0}}{name}").text = item[name]
        for number, image in enumerate(item["images"]):
            name = "additional_image_link" if number else "image_link"
            ET.SubElement(entry, f"{{http://base.google.com/ns/1.0}}{name}").text = image
    return ET.tostring(root, encoding)


@pytest.mark.parametrize("write", [_google, _meta, _shopify, _xml])
@given(
    products=_products(),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_dialect_is_read_as_it_was_written(
    write: Callable[[list[dict[str, Any]], str, str], bytes],
    products: list[dict[str, Any]],
    delimiter: str,
    encoding: str,
) -> None:
    """Products written in any dialect, delimiter and encoding come back the same, in order, with no complaint."""
    if write is _xml and encoding == "utf-8-sig":
        encoding = "utf-8"
    found = _read(write(products, delimiter, encoding), "feed.xml" if write is _xml else "feed.csv")
    told = [
        {name: item.fields.get(name, "") for name in ("id", "title", "description", "price")}
        | {"images": list(item.images)}
        for item in found
    ]
    assert told == products
    assert not any(item.problem for item in found)


@pytest.mark.parametrize("write", [_google, _meta, _shopify, _xml])
def test_no_product_of_a_long_feed_is_lost(write: Callable[[list[dict[str, Any]], str, str], bytes]) -> None:
    """However the feed is taken in, piece by piece, every product comes out, in order."""
    names = ("title", "description")
    products = [
        {"id": f"P{n}", "price": "9 USD", "images": [f"{n}.jpg"], **dict.fromkeys(names, f"Text {n} " * 40)}
        for n in range(500)
    ]
    found = _read(write(products, ",", "utf-8"), "feed.xml" if write is _xml else "feed.csv")
    assert [item.id for item in found] == [item["id"] for item in products]
    assert not any(item.problem for item in found)


_BYTES = (
    *(b"id,title,image_link\n", b"Handle\tImage Src\n", b"A,T,a.jpg\n", b"# help\n", b'"', b"\n", b",", b"\t", b"\r"),
    *(
        b"\0",
        b"\xe9",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"&amp;",
        b"<![CDATA[",
        b"<rss>",
        b"<item>",
        b"</item>",
        b"</rss>",
    ),
    *(b"<g:id>A</g:id>", b"<id>A</id><image_link>a</image_link>"),
)
_PIECES = st.lists(st.sampled_from(_BYTES), max_size=25).map(b"".join)


@given(data=st.one_of(st.binary(max_size=300), _PIECES), name=st.sampled_from(["f.csv", "f.tsv", "f.xml"]))
def test_any_bytes_are_a_feed_or_an_error_of_ours(data: bytes, name: str) -> None:
    """Whatever a file holds, it ends in products with an id or a problem, or in a SourceError that names the file."""
    try:
        items = _read(data, name)
    except SourceError as error:
        assert name in error.message  # noqa: PT017 - either outcome is right
        return
    assert all(item.problem or item.id for item in items)
    assert all(item.line >= 1 for item in items)


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
