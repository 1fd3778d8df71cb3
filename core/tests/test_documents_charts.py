"""Charts: one text without script or address, the figures said too, the same drawing on paper."""

import re
from xml.etree import ElementTree as Xml

from crossdock.documents.blocks import blocks_of
from crossdock.documents.charts import Row, over_time, stacked
from crossdock.documents.pdf import pdf_of

ROWS = [
    Row("companies>Компания", {"created": 810, "updated": 40, "held": 3, "rejected": 1}),
    Row("a very long name of a phase that nobody can read>x", {"created": 20}),
    Row("<script>alert(1)</script>", {"failed": 5, "created": 0}),
]


def drawn(svg):
    return Xml.fromstring(svg)


def pace(points, limit=100, seconds=60):
    rows = [
        {"at": f"2026-11-30T{10 + n // 60:02}:{n % 60:02}:00+00:00", "calls": calls, "refused": refused}
        for n, calls, refused in points
    ]
    return {"scope": "all", "per_minute": limit, "seconds": seconds, "points": rows}


def bars(svg, colour):
    return [
        (float(b.get("width")), float(b.get("height")))
        for b in drawn(svg).iter("rect")
        if b.get("fill") == colour
    ]


def test_a_bar_is_as_long_as_its_number_and_says_it():
    svg = stacked(ROWS, "Records by phase")
    whole, small, _ = [width for width, _ in bars(svg, "#2563a8")]  # the last one is in the legend
    assert abs(whole / small - 810 / 20) < 0.5
    titles = [t.text for t in drawn(svg).iter("title")]
    assert "companies>Компания: 810 created" in titles
    assert drawn(svg).get("aria-label") == "Records by phase"


def test_what_a_platform_calls_things_is_text_and_no_code():
    svg = stacked(ROWS, '"><script>x</script>')
    assert "<script" not in svg
    assert drawn(svg).get("aria-label") == '"><script>x</script>'
    assert not re.search(r"https?:|url\(|href|on\w+=", svg)


def test_outcomes_that_did_not_happen_are_not_in_the_legend():
    texts = [t.text for t in drawn(stacked(ROWS, "x")).iter("text")]
    assert {"created", "updated", "held", "rejected", "failed"} <= set(texts)
    assert not {"merged", "skipped", "unchanged"} & set(texts)


def test_a_chart_of_nothing_is_none():
    assert stacked([], "x") == ""
    assert stacked([Row("a", {"created": 0})], "x") == ""
    assert over_time(pace([(0, 5, 0)]), "x") == ""
    assert over_time(pace([(0, 0, 0), (1, 0, 0)], limit=None), "x") == ""


def test_throughput_stands_beside_its_limit():
    svg = over_time(pace([(0, 50, 0), (1, 100, 4), (3, 25, 0)]), "Requests")
    heights = [height for _, height in bars(svg, "#2563a8")]
    assert [round(height / 120, 2) for height in heights] == [0.5, 1.0, 0.25]
    assert len(bars(svg, "#b3261e")) == 1  # where some were refused
    texts = [t.text for t in drawn(svg).iter("text")]
    assert "limit 100" in texts
    assert "2026-11-30 10:00" in texts


def test_a_wider_point_is_a_rate_by_the_minute_and_no_limit_is_no_line():
    svg = over_time(pace([(0, 240, 0), (2, 120, 0)], limit=None, seconds=120), "Requests")
    titles = [t.text for t in drawn(svg).iter("title")]
    assert "10:00: 120 a minute" in titles
    assert "limit" not in svg


def test_a_page_shows_it_and_the_pdf_too():
    figure = f"<figure class='chart'><figcaption>Records</figcaption>{stacked(ROWS, 'r')}</figure>"
    html = f"<h1>t</h1><main>{figure}</main>"
    (block,) = blocks_of(html)["blocks"]
    assert (block["kind"], block["caption"]) == ("chart", "Records")
    assert drawn(block["svg"]).get("viewBox").startswith("0 0 720")
    assert pdf_of(html).startswith(b"%PDF")
