"""The page of an inspection: self-contained, escaped, and in a real browser what it promises."""

from __future__ import annotations

import html.parser
import json
import re
import shutil
import subprocess

import pytest

import avrojet
from tests.container.samples import DATA, file_of
from tests.vectors import record

ORDERS = DATA / "orders.avro"
EVIL = "<script>pwned = 1</script><img src=x onerror='pwned = 1'>\"'&\x1b[31m\u202e"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def evil_file() -> bytes:
    schema = record("R", a="string", b={"type": "map", "values": "bytes"})
    rows = [{"a": EVIL, "b": {EVIL: EVIL.encode()}}]
    return file_of(rows, schema, metadata={EVIL: EVIL})


class Outline(html.parser.HTMLParser):
    """Tags that are closed in their order, and what is referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "th", "img"}:
            self.open.append(tag)
        self.scripts += tag == "script"
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "found",
    [
        avrojet.inspect(ORDERS),
        avrojet.inspect(evil_file()),
        avrojet.inspect(b"\xff\xff", "long"),
        avrojet.inspect(EVIL.encode()),
        avrojet.inspect(avrojet.encode(b"x" * 100_000, "bytes"), "bytes"),
    ],
    ids=["file", "evil", "message", "no file", "long"],
)
def test_the_page(found):
    text = found.html()
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert outline.scripts == 1
    assert all(re.fullmatch(r"#r\d+", link) for link in outline.links)
    assert "\x1b" not in text
    assert "\u202e" not in text
    for number, each in enumerate(found.ranges()):
        assert f'<tr id="r{number}" data-r="{number}"' in text
        assert (f'<a href="#r{number}" data-r="{number}"' in text) == (each.end > each.start)
    assert len(text) < 100_000


PROBE = """
<script>
const shining = () => [...document.querySelectorAll(".on")].map(e => e.tagName + e.dataset.r + e.innerText);
const point = (where, kind) => where.dispatchEvent(new MouseEvent(kind || "mouseover", {bubbles: true}));
const row = [...document.querySelectorAll("tr[data-r]")].find(e => e.innerText.includes('"Ada Moreno"'));
const result = {before: shining()};
point(row);
result.row = shining();
point(document.querySelector("a[data-r='4']"));
result.bytes = shining();
point(document.body);
result.away = shining();
result.pwned = typeof pwned;
result.width = document.querySelector(".bytes").getBoundingClientRect().width;
document.body.innerHTML = "";
document.body.append("RESULT" + JSON.stringify(result) + "TLUSER");
</script>
"""


@pytest.mark.slow
def test_in_a_browser(tmp_path):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("there is no chromium here")
    page = tmp_path / "page.html"

    def look(text: str) -> dict:
        page.write_text(text.replace("</body>", PROBE + "</body>"), encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/user"]
        command += ["--dump-dom", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        found = re.search("RESULT(.*)TLUSER", done.stdout)
        if found is None and not done.stdout.strip():
            pytest.skip(f"the browser does not start: {done.stderr.strip().splitlines()[-1:]}")
        return json.loads(html.unescape(found[1]))

    seen = look(avrojet.inspect(ORDERS).html())
    assert seen["before"] == seen["away"] == []
    # A row and its bytes, which may stand in two lines; bytes and their row.
    digits = [re.sub(r"^A(\d\d)", "", each) for each in seen["row"] if each.startswith("A")]
    assert " ".join(digits) == b"Ada Moreno".hex(" ")
    assert [each[:2] for each in seen["row"]].count("TR") == 1
    assert seen["bytes"] == ["A40c", seen["bytes"][1]]
    assert seen["bytes"][1].startswith("TR4")
    assert seen["width"] > 300
    evil = avrojet.inspect(evil_file()).html()
    assert (
        look(evil.replace("&lt;script&gt;", "&quot;Ada Moreno&quot;&lt;script&gt;"))["pwned"] == "undefined"
    )
