"""One interpreter of a process has avrojet; the others are told so. Importing it turns no GIL on."""

from __future__ import annotations

import subprocess
import sys
import sysconfig

import pytest

SECOND = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import avrojet.datum

code = '''
import sys
sys.path[:0] = PATH
try:
    import avrojet.datum
except ImportError as error:
    print("ImportError:", error)
'''.replace("PATH", repr([path for path in sys.path if path]))
kinds = [["isolated"], ["legacy"]] if sys.version_info >= (3, 13) else [[]]
for kind in kinds:
    second = interpreters.create(*kind)
    failure = interpreters.run_string(second, code)
    assert failure is None, failure
    interpreters.destroy(second)
assert avrojet.decode(b"\\2", '"int"') == 1
"""


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="its module of interpreters has another face")
def test_a_second_interpreter_cannot_import_it():
    lines = run(SECOND).splitlines()
    assert len(lines) == (2 if sys.version_info >= (3, 13) else 1)
    assert all(line.startswith("ImportError:") for line in lines)


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="has a GIL anyway")
def test_the_gil_stays_off():
    assert run("import avrojet, sys, avrojet.columns.stream; print(sys._is_gil_enabled())") == "False\n"
