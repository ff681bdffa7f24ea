"""SECURITY.md says what the code does."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from importlib.util import find_spec

import avrojet
from tests.repo.tree import TREE

TEXT = (TREE / "SECURITY.md").read_text(encoding="utf-8")

# Each promise, and tests that fail where it is broken.
PROMISES = {
    "No crash": {
        "tests/hostile/test_corpus.py": ["test_every_case_ends_well", "test_every_case_of_columns_ends_well"],
        "tests/core/test_hostile_bytes.py": ["test_the_deepest_data", "test_sizes_whose_sum_overflows"],
        "tests/columns/test_invalid_arrays.py": ["test_an_array_that_is_not_what_its_type_says"],
        "tests/test_levels.py": ["test_they_do_not_end_the_process"],
    },
    "Documented errors only": {
        "tests/fuzz/test_mutate.py": ["test_mutations"],
        "tests/test_messages.py": ["test_every_error_is_a_line"],
        "tests/container/test_foreign_errors.py": ["test_of_a_source", "test_of_a_custom_logical_type"],
    },
    "No silent wrong value": {
        "tests/core/test_truncation.py": [
            "test_every_strict_prefix_is_truncated",
            "test_every_changed_byte_decodes_or_is_a_decode_error",
            "test_bytes_after_the_datum_are_an_error",
        ],
        "tests/container/test_salvage.py": ["test_all_that_is_whole_comes_back"],
    },
    "What is written can be read": {
        "tests/core/test_written_is_read.py": [
            "test_what_is_written_can_be_read",
            "test_what_a_plain_value_is_worth_is_known_to_schemas_as_to_the_core",
        ],
        "tests/core/test_logical.py": ["test_plain_bytes_that_are_no_decimal_are_refused"],
        "tests/core/test_useless_defaults.py": ["test_a_writer_that_needs_it_is_told"],
    },
    "Bounded time and memory": {
        "tests/test_limits.py": [
            "test_every_limit_is_tried",
            "test_what_meets_a_limit_passes_and_one_more_is_refused",
        ],
        "tests/core/test_hostile_bytes.py": ["test_bad_bytes", "test_records_that_double"],
        "tests/schema/test_costs.py": ["test_memory_is_in_proportion_to_the_text"],
    },
    "Ctrl-C works": {
        "tests/core/test_signals.py": ["test_one_datum", "test_rows_go_on_after_an_interruption"],
        "tests/core/test_hostile_values.py": ["test_an_interruption_within_code_of_a_value_is_never_lost"],
        "tests/container/test_reader_interruptions.py": ["test_an_interruption_anywhere", "test_signals"],
    },
    "Nothing lost in writing": {
        "tests/container/test_writer.py": ["test_a_failing_record_leaves_no_trace"],
        "tests/container/test_interruptions.py": ["test_append_flush_and_close", "test_signals"],
        "tests/container/test_processes.py": [
            "test_processes_append_to_one_path",
            "test_a_child_leaves_the_parents_records_alone",
        ],
        "tests/container/test_sharing.py": ["test_a_writer_in_every_way"],
    },
    "Looking is safe": {
        "tests/inspection/test_ranges.py": ["test_any_damage", "test_looking_ends_after_so_many_parts"],
        "tests/inspection/test_page.py": ["test_the_page"],
        "tests/test_messages.py": ["test_the_command_line_writes_no_control_characters"],
    },
    "No half file": {
        "tests/conversion/test_convert.py": ["test_an_error_leaves_nothing"],
        "tests/cli/test_endings.py": ["test_a_full_disk", "test_an_interruption_at_the_last_moment"],
        "tests/container/test_processes.py": [
            "test_what_a_killed_process_leaves_goes_away_with_the_next_file",
            "test_an_interruption_anywhere_leaves_no_folder",
            "test_files_that_are_renamed_into_place_are_synced_first",
        ],
        "tests/container/test_interruptions.py": ["test_half_a_block_being_taken_back"],
    },
    "Registries are not trusted": {
        "tests/registry/test_strangers.py": [
            "test_answers_that_are_packed",
            "test_a_server_that_sends_a_byte_now_and_then",
            "test_the_pages_of_apicurio_are_bounded_in_bytes",
            "test_answers_of_many_small_values",
            "test_references_that_fan_out",
            "test_references_without_end",
            "test_redirects_are_not_followed_by_any_client",
            "test_credentials_that_no_header_can_have",
        ],
    },
    "Messages are not trusted": {
        "tests/registry/test_serdes.py": [
            "test_the_size_of_messages_is_bounded",
            "test_what_is_kept_of_unknown_ids_is_bounded",
            "test_poison_messages_cost_one_request",
            "test_rules_are_not_ignored",
        ],
    },
}


def test_each_promise_has_tests():
    assert re.findall(r"^- \*\*([^*]+)\*\*", TEXT, re.MULTILINE) == list(PROMISES)
    for promise, files in PROMISES.items():
        for file, tests in files.items():
            code = ast.parse((TREE / file).read_text(encoding="utf-8"))
            there = {each.name for each in code.body if isinstance(each, ast.FunctionDef)}
            assert tests, (promise, file)
            assert there >= set(tests), (promise, file, set(tests) - there)


def test_the_table_has_the_limits_and_their_defaults():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| \S", TEXT, re.MULTILINE)
    assert rows == [(field.name, str(field.default)) for field in fields(avrojet.Limits)]


def test_its_limits_for_a_service_are_limits():
    (call,) = re.findall(r"^`(avrojet\.set_default_limits\(.*\))`$", TEXT, re.MULTILINE)
    previous = eval(call, {"avrojet": avrojet})
    assert avrojet.set_default_limits(previous) != previous


def test_its_commands_are_there():
    modules = re.findall(r"`python -m (tests\.[\w.]+)", TEXT)
    assert len(modules) >= 5
    assert all(find_spec(module) for module in modules)
    paths = [path for paths in re.findall(r"`pytest ([^`]*)`", TEXT) for path in paths.split()]
    assert paths
    assert all((TREE / path).is_file() for path in paths)


def test_the_source_distribution_has_it():
    assert "SECURITY.md" in (TREE / "MANIFEST.in").read_text(encoding="utf-8").split()
