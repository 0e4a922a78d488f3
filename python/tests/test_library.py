"""The library as a file: what it exports, what it needs, and whether the package knows its header."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graphmill import _engines, _library, learning

ROOT = Path(__file__).parents[2]
HEADER = ROOT / "Sources" / "CGraphmill" / "include" / "graphmill.h"
LETTERS = {"int32_t": "i", "int64_t": "l", "double": "d", "float": "f"}


def tool(name, *arguments):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return subprocess.run([name, *arguments, str(_library._path())], capture_output=True, text=True, check=True).stdout


def header():
    return re.sub(r"//[^\n]*", "", HEADER.read_text())


def letter(parameter):
    if "char *" in parameter and "const" in parameter:
        return "sp"
    if "*" in parameter:
        return "p"
    return LETTERS[parameter.split()[0]]


def test_every_function_of_the_header_is_declared():
    found = re.findall(r"^[a-z][\w \*]*?\b(gm_\w+)\(([^)]*)\);", header(), re.MULTILINE)
    assert {name for name, _ in found} == set(_library.FUNCTIONS)
    for name, text in found:
        parameters = [] if text.strip() == "void" else text.split(",")
        letters = _library.FUNCTIONS[name]
        assert len(parameters) == len(letters), name
        for parameter, given in zip(parameters, letters):
            assert given in letter(" ".join(parameter.split())), (name, parameter)


def test_structures_have_the_size_of_the_header(tmp_path):
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    names = {
        "gm_progress": "Progress", "gm_edge_report": "EdgeReport", "gm_read_options": "ReadOptions",
        "gm_write_options": "WriteOptions", "gm_column": "Column", "gm_edge_options": "EdgeOptions", "gm_csr": "CSR",
        "gm_graph_view": "GraphView", "gm_transform_options": "TransformOptions",
        "gm_pagerank_options": "PageRankOptions", "gm_sparsify_options": "SparsifyOptions",
        "gm_sparsify_report": "SparsifyReport", "gm_community_options": "CommunityOptions", "gm_tree_view": "TreeView",
        "gm_summarize_options": "SummarizeOptions", "gm_summary_counts": "SummaryCounts", "gm_rows": "Rows",
        "gm_index_options": "IndexOptions", "gm_search_options": "SearchOptions", "gm_index_info": "IndexInfo",
        "gm_generate_options": "GenerateOptions", "gm_attributes": "Attributes", "gm_ticket_options": "TicketOptions",
        "gm_ticket_info": "TicketInfo",
    }
    records = {"gm_scored_edge": _engines._SCORED, "gm_ticket_round": learning._ROUND}
    assert set(re.findall(r"^} (gm_\w+);", header(), re.MULTILINE)) == set(names) | set(records)
    lines = ["#include <stddef.h>", "#include <stdio.h>", '#include "graphmill.h"', "int main(void) {"]
    for c_name, name in names.items():
        for field, *_ in getattr(_library, name)._fields_:
            lines.append(f'  printf("{name}.{field} %zu\\n", offsetof({c_name}, {field}));')
        lines.append(f'  printf("{name} %zu\\n", sizeof({c_name}));')
    for c_name, record in records.items():
        for field in record.names:
            lines.append(f'  printf("{c_name}.{field} %zu\\n", offsetof({c_name}, {field}));')
        lines.append(f'  printf("{c_name} %zu\\n", sizeof({c_name}));')
    source, program = tmp_path / "sizes.c", tmp_path / "sizes"
    source.write_text("\n".join([*lines, "  return 0;", "}"]))
    subprocess.run(["cc", "-Wall", "-Werror", f"-I{HEADER.parent}", source, "-o", program], check=True)
    told = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split("\n")
    expected = []
    for name in names.values():
        structure = getattr(_library, name)
        expected += [f"{name}.{field} {getattr(structure, field).offset}" for field, *_ in structure._fields_]
        expected.append(f"{name} {ctypes.sizeof(structure)}")
    for c_name, record in records.items():
        expected += [f"{c_name}.{field} {record.fields[field][1]}" for field in record.names]
        expected.append(f"{c_name} {record.itemsize}")
    assert told == [*expected, ""]


def test_exports():
    symbols = [line.split() for line in tool("readelf", "--dyn-syms", "-W").splitlines() if " GLOBAL " in line]
    defined = {symbol[7].split("@")[0] for symbol in symbols if symbol[3] == "FUNC" and symbol[6] != "UND"}
    assert defined == set(_library.FUNCTIONS)


def test_needs():
    needed = re.findall(r"\[(lib[^\]]+)\]", tool("readelf", "-d"))
    assert needed and not [name for name in needed if "swift" in name.lower() or "Foundation" in name]
    versions = {tuple(map(int, text.split("."))) for text in re.findall(r"GLIBC_([\d.]+)", tool("objdump", "-T"))}
    assert max(versions) <= (2, 34)


def test_the_example_in_c(tmp_path):
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    library = _library._path().resolve()
    program = tmp_path / "communities"
    subprocess.run(
        [
            "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", ROOT / "Examples" / "c" / "communities.c",
            f"-I{HEADER.parent}", library, f"-Wl,-rpath,{library.parent}", "-o", program,
        ],
        check=True)
    done = subprocess.run(
        [program, ROOT / "Datasets" / "karate" / "edges.tsv"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("34 nodes, 78 edges, 4 groups")
    failed = subprocess.run([program, tmp_path / "none.tsv"], capture_output=True, text=True)
    assert failed.returncode == 66 and "unreadable" in failed.stderr
