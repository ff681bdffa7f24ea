"""`avrojet registry`, against a registry over HTTP and a folder."""

from __future__ import annotations

import json

import pytest

from avrojet.cli import main
from avrojet.cli.connections import read_properties
from avrojet.registry.testing import RegistryServer
from tests.registry.test_folder import write
from tests.registry.test_memory import LINE, ONE, POINT, TWO, WORSE
from tests.vectors import record

pytest.importorskip("httpx")


@pytest.fixture
def server(monkeypatch):
    server = RegistryServer()
    with server as url:
        monkeypatch.setenv("AVROJET_REGISTRY", url)
        yield server


def run(capsys, *words, status=0):
    assert main(["registry", *map(str, words)]) == status
    return capsys.readouterr()


def test_list_get_and_register(server, tmp_path, capsys):
    write(tmp_path, {"one.avsc": ONE, "two.avsc": TWO})
    assert run(capsys, "register", "s", tmp_path / "one.avsc").out == "s version 1, id 1\n"
    assert run(capsys, "register", "s", tmp_path / "two.avsc").out == "s version 2, id 2\n"
    assert run(capsys, "list").out == "s\n"
    assert json.loads(run(capsys, "list", "--json").out) == ["s"]
    assert run(capsys, "list", "s").out == "1\tid 1\n2\tid 2\n"
    assert [each["id"] for each in json.loads(run(capsys, "list", "s", "--json").out)] == [1, 2]
    assert json.loads(run(capsys, "get", "s").out)["fields"][1]["name"] == "b"
    assert json.loads(run(capsys, "get", "s", "1").out) == json.loads(run(capsys, "get", "--id", "1").out)
    whole = json.loads(run(capsys, "get", "s", "1", "--all").out)
    assert (whole["version"], whole["id"], whole["schema"]["name"]) == (1, 1, "R")
    assert json.loads(run(capsys, "get", "--guid", whole["guid"]).out) == whole["schema"]
    assert "give SUBJECT" in run(capsys, "get", status=1).err
    assert "is a number or 'latest'" in run(capsys, "get", "s", "x", status=1).err
    assert "status 404, code 40401" in run(capsys, "get", "t", status=1).err


def test_check_tells_the_reasons(server, tmp_path, capsys):
    write(tmp_path, {"two.avsc": TWO, "worse.avsc": WORSE})
    server.registry.register("s", ONE)
    assert "all compatible" in run(capsys, "check", "s", tmp_path / "two.avsc").out
    told = run(capsys, "check", "s", tmp_path / "worse.avsc", status=1).out
    assert "give `c` a default" in told
    assert 'fails: {"a":0}' in told
    data = json.loads(run(capsys, "check", "s", tmp_path / "worse.avsc", "--json", status=1).out)
    assert data["schemas"][0]["checks"][0]["reasons"][0]["remedy"] == "give `c` a default"
    assert "all compatible" in run(capsys, "check", "s", tmp_path / "worse.avsc", "--level", "forward").out
    server.registry.set_level("BACKWARD_TRANSITIVE", "s")
    server.registry.register("s", TWO)
    told = run(capsys, "check", "s", tmp_path / "worse.avsc", status=1).out
    assert "worse.avsc reads version 1" in told
    assert "worse.avsc reads version 2" in told


def test_a_registry_that_judges_otherwise(server, tmp_path, capsys, monkeypatch):
    write(tmp_path, {"two.avsc": TWO})
    server.registry.register("s", ONE)
    from avrojet.registry import routes

    true = routes.answer_to

    def strict(memory, method, path, query, body):
        if path.startswith("/compatibility"):
            return 200, {"is_compatible": False, "messages": ["too new"]}
        return true(memory, method, path, query, body)

    monkeypatch.setattr("avrojet.registry.testing.answer_to", strict)
    told = run(capsys, "check", "s", tmp_path / "two.avsc", status=1)
    assert "the registry itself says that it is not compatible: too new" in told.err


def test_sync(server, tmp_path, capsys):
    folder = tmp_path / "schemas"
    write(folder, {"line.avsc": LINE, "z-point.avsc": POINT, "s/1.avsc": ONE, "s/2.avsc": TWO})
    dry = run(capsys, "sync", folder, "--suffix=-value").out
    assert dry.splitlines()[0].startswith("+ z-point-value version 1 (new)")
    assert "--apply registers them" in dry
    assert server.registry.subjects() == []
    done = run(capsys, "sync", folder, "--suffix=-value", "--apply").out
    assert "registered line-value version 1, id 2" in done
    assert server.registry.latest("line-value").references[0].subject == "z-point-value"
    assert server.registry.versions("s-value") == [1, 2]
    again = run(capsys, "sync", folder, "--suffix=-value", "--apply").out
    assert [line[0] for line in again.splitlines()] == ["="] * 4
    # What others need has changed, so they refer to the new version.
    write(folder, {"z-point.avsc": {**POINT, "doc": "a point"}})
    assert run(capsys, "sync", folder, "--suffix=-value", "--apply").out.count("registered") == 2
    assert server.registry.latest("line-value").references[0].version == 2
    write(folder, {"z-point.avsc": record("geo.Point", x="string", y="int"), "new.avsc": '"int"'})
    told = run(capsys, "sync", folder, "--suffix=-value", "--apply", status=1).out
    assert "✗ z-point-value version 3 (new version)" in told
    assert "new reads old, $.x" in told
    assert server.registry.versions("z-point-value") == [1, 2]
    assert "new-value" not in server.registry.subjects()


def test_sync_of_a_folder_without_schemas(server, tmp_path, capsys):
    """A wrong path must not look like a folder of which all is registered."""
    assert "has no .avsc files" in run(capsys, "sync", tmp_path, status=1).err
    assert "there is no folder" in run(capsys, "sync", tmp_path / "none", status=1).err


def test_a_folder_is_a_registry(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AVROJET_REGISTRY", raising=False)
    monkeypatch.delenv("SCHEMA_REGISTRY_URL", raising=False)
    write(tmp_path, {"s.avsc": ONE, "new/worse.avsc": WORSE})
    (tmp_path / "new" / "worse.avsc").rename(tmp_path / "new" / "worse.txt")
    assert run(capsys, "list", "--registry", tmp_path).out == "s\n"
    assert "no registry is named" in run(capsys, "list", status=1).err
    assert "no folder" in run(capsys, "list", "--registry", tmp_path / "none", status=1).err


def test_settings(tmp_path, capsys, monkeypatch):
    with RegistryServer(auth=("me", "pass word")) as url:
        monkeypatch.delenv("AVROJET_REGISTRY", raising=False)
        file = tmp_path / "client.properties"
        file.write_text(
            f"# a comment\nschema.registry.url={url}\nbootstrap.servers: here:9092\n"
            "basic.auth.credentials.source=USER_INFO\n"
            "schema.registry.basic.auth.user.info=me:pass \\\n   word\n",
            encoding="utf-8",
        )
        assert run(capsys, "list", "--properties", file).out == ""
        login = ("-X", "schema.registry.basic.auth.user.info=me:secret")
        told = run(capsys, "list", "--registry", url, *login, status=1).err
        assert "credentials" in told
        assert "secret" not in told
        told = run(capsys, "list", "--registry", url, "-X", "schema.registry.nonsense=1", status=1).err
        assert "not keys of a registry's configuration: nonsense" in told
        assert "-X takes KEY=VALUE" in run(capsys, "list", "-X", "nothing", status=1).err


def test_properties():
    text = "! note\n\na=1\nb : two words \nc\\ d=x\\\n  y\ne\nf=\\u0041\\t\\\\\ng=a=b\n  h=1\\"
    assert read_properties(text) == {
        "a": "1", "b": "two words", "c d": "xy", "e": "", "f": "A\t\\", "g": "a=b", "h": "1",
    }  # fmt: skip
