"""The site: `python docs/build.py` builds it whole."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import avrojet
from avrojet.integrations import hosts

HERE = Path(__file__).parent
# The extensions of this folder, and the benchmarks, whose results are drawn.
sys.path[:0] = [str(HERE), str(HERE.parent)]

project = "avrojet"
version = release = avrojet.__version__
copyright = "the authors of avrojet; Apache License 2.0"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_markdown_builder",
    "extensions.charts",
    "extensions.commands",
    "extensions.figures",
    "extensions.links",
    "extensions.plain",
    "extensions.stubs",
    "extensions.tuples",
]
exclude_patterns = ["extensions"]
needs_sphinx = "8.2"

# Markdown
myst_enable_extensions = ["colon_fence", "deflist"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4
# "```python" is a console session where it begins with a prompt; that is what the lexer is told.
highlight_language = "python"

# Docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "both"
autodoc_typehints_description_target = "documented"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
autodoc_default_options = {
    "members": True,
    "inherited-members": "BaseException,Generic,Sequence,date,datetime,tuple,dict,str,object",
}
# Engines that are too large to install for a page: where one is absent, its names stand for themselves.
autodoc_mock_imports = [engine for engine in ("daft", "dask", "pyspark", "ray") if find_spec(engine) is None]
hosts.host = lambda module, package, least: import_module(module)
python_use_unqualified_type_names = True
smartquotes = False  # what is copied from a page is to work in a shell
python_maximum_signature_line_length = 90

# Pages
html_theme = "furo"
html_title = f"avrojet {version}"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": False}
html_permalinks_icon = "#"

# References that lead nowhere are errors (see extensions/links.py), but those to what others document, or
# to attributes that a class has in its own docstring.
nitpicky = True
nitpick_ignore_regex = [
    ("py:class", r"[a-z]\w*\..*"),
    ("py:(func|meth)", r"(datetime|time)\.\w+"),
    ("py:attr", r"(losses|Inspection\.error)"),
    ("py:mod", r"avrojet\.wire\.framing"),
]
