"""Build the site: `python docs/build.py [OUT]` writes pages, and the reference as one file of Markdown.

Warnings are errors, among them references that lead nowhere. At last it is seen to that links within the site
lead to places that are there, that pages fetch nothing from elsewhere, and that every public name is told of.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from sphinx.cmd.build import build_main

import avrojet

HERE = Path(__file__).parent
# The pages that the one file has, in the order in which they are read.
REFERENCE = (
    "reference/api/values", "reference/api/files", "reference/api/columns", "reference/api/conversion",
    "reference/api/schemas", "reference/api/typed", "reference/api/inspection", "reference/api/exceptions",
    "reference/api/messages", "reference/api/registry", "reference/api/rpc", "reference/api/engines",
    "reference/api/compat", "reference/commands", "reference/errors", "reference/arrow",
)  # fmt: skip
# Whose public names are described.
ROOMS = (
    "avrojet", "avrojet.compat", "avrojet.pandas", "avrojet.polars", "avrojet.registry", "avrojet.rpc",
    "avrojet.single_object",
)  # fmt: skip
# What a browser fetches by itself.
FETCHED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src")}


def main() -> int:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "build" / "site").resolve()
    with TemporaryDirectory() as scratch:
        # Pages are read once, for both formats.
        common = ["-q", "-W", "--keep-going", "-j", "auto", "-d", f"{scratch}/read", str(HERE)]
        status = build_main(["-b", "html", *common, str(out)])
        status = status or build_main(["-b", "markdown", *common, f"{scratch}/markdown"])
        if status:
            return status
        texts = Path(scratch) / "markdown"
        pages = [(texts / f"{name}.md").read_text(encoding="utf-8") for name in REFERENCE]
    (out / "reference.md").write_text(one_page(pages), encoding="utf-8")
    wrong = [*problems(out)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def one_page(pages: list[str]) -> str:
    """The pages of the reference below one title, without links from one to the other."""
    lines = [f"# avrojet {avrojet.__version__}: the reference", ""]
    for page in pages:
        fenced = False
        for line in page.splitlines():
            fenced ^= line.lstrip().startswith("```")
            if not fenced:
                line = re.sub(r"\[((?:[^\[\]]|\\[\[\]])+)\]\((?!https?:)[^()\s]*\)", r"\1", line)
                line = f"#{line}" if line.startswith("#") else line
            lines.append(line.rstrip())
        lines.append("")
    return "\n".join(lines)


class Page(HTMLParser):
    """What a page fetches, where its links lead, what can be linked to in it, and its words."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value is None:
                continue
            if name == "id":
                self.names.add(value)
            elif (tag, name) in FETCHED:
                self.fetched.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


def problems(out: Path) -> Iterator[str]:
    """What is wrong with the built site."""
    pages = {path: Page(path) for path in sorted(out.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(out)
        for what in page.fetched:
            if urlsplit(what).scheme not in ("", "data") or urlsplit(what).netloc:
                yield f"{name}: fetches {what} from elsewhere"
            elif not urlsplit(what).scheme and not (path.parent / urlsplit(what).path).exists():
                yield f"{name}: {what} is not there"
        for link in page.links:
            target = urlsplit(link)
            if target.scheme or target.netloc or name.name in ("search.html", "genindex.html"):
                continue
            file = (path.parent / unquote(target.path)).resolve() if target.path else path
            if not file.exists():
                yield f"{name}: the link {link} leads nowhere"
            elif target.fragment and file in pages and unquote(target.fragment) not in pages[file].names:
                yield f"{name}: the link {link} leads to no place of the page"
    elsewhere = re.compile(r"(?:@import\s+|url\()[\"']?(?:https?:)?//[^\"')]*")
    for style in out.rglob("*.css"):
        for what in elsewhere.findall(style.read_text(encoding="utf-8")):
            yield f"{style.relative_to(out)}: fetches {what} from elsewhere"
    described = {name for page in pages.values() for name in page.names}
    for room in ROOMS:
        for name in import_module(room).__all__:
            if f"{room}.{name}" not in described and name != "__version__":
                yield f"{room}.{name} is on no page of the reference"


if __name__ == "__main__":
    sys.exit(main())
