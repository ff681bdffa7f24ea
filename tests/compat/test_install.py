from __future__ import annotations

import subprocess
import sys

import pytest

from avrojet import compat
from avrojet.compat.__main__ import main


def run(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=False)


def test_every_later_import_gives_the_facade():
    done = run(
        "import avrojet.compat as c; c.install('fastavro'); c.install('fastavro')\n"
        "import fastavro, fastavro.utils, fastavro.repository.flat_dict, avrojet.compat.fastavro as facade\n"
        "from fastavro.schema import parse_schema\n"
        "assert fastavro is facade and parse_schema is facade.parse_schema\n"
        "assert fastavro.utils.generate_one('null') is None\n"
        "c.uninstall('fastavro'); c.uninstall('fastavro')\n"
        "import sys; assert 'fastavro' not in sys.modules and 'fastavro.utils' not in sys.modules",
        "-W",
        "error",
    )
    assert done.returncode == 0, done.stderr


def test_modules_that_have_imported_the_library_are_named():
    pytest.importorskip("fastavro")
    done = run(
        "import sys, types, warnings\n"
        "from fastavro import reader\n"
        "user = types.ModuleType('user'); user.read = reader; sys.modules['user'] = user\n"
        "import fastavro as before, avrojet.compat as c\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always'); c.install('fastavro')\n"
        "assert caught[0].category is c.AlreadyImportedWarning and 'user' in str(caught[0].message)\n"
        "import fastavro; assert fastavro is not before\n"
        "c.uninstall('fastavro')\n"
        "import fastavro; assert fastavro is before\n"
    )
    assert done.returncode == 0, done.stderr


def test_another_library_has_no_facade():
    with pytest.raises(ValueError, match="fastavro"):
        compat.install("json")


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("import sys, fastavro\nprint(__name__, fastavro.reader.__module__, *sys.argv[1:])\n")
    return path


@pytest.mark.parametrize("as_module", [False, True])
def test_a_program_runs_with_the_facade(program, as_module):
    target = ["-m", "program"] if as_module else [str(program)]
    done = subprocess.run(
        [sys.executable, "-m", "avrojet.compat", "fastavro", *target, "one", "two"],
        capture_output=True,
        text=True,
        check=False,
        cwd=program.parent,
    )
    assert done.stdout.split() == ["__main__", "avrojet.compat.fastavro._read", "one", "two"], done.stderr


@pytest.mark.parametrize("arguments", [[], ["fastavro"], ["fastavro", "-m"], ["json", __file__]])
def test_wrong_arguments_show_the_usage(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "avrojet.compat", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "usage: python -m avrojet.compat" in done.stderr


def test_help_and_a_missing_program_are_told_plainly(capsys):
    main(["--help"])
    assert "fastavro program.py one two" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"^missing\.py: there is no such file"):
        main(["fastavro", "missing.py"])
