#!/usr/bin/env python3
"""Rules of the sources that no compiler checks.

    tests/house/sources_test.py             checks; exit status 1 and one line per offence
    tests/house/sources_test.py --ratchet   rewrites long_files.txt to what is there now (look at the difference)

A rule is a function from (path, text) to offences, with samples that it must and must not fire on; a rule that misses
its sample fails the test as well. Words that a rule looks for are written in pieces here, so that this file obeys them.
"""
import importlib.machinery
import importlib.util
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RATCHET = os.path.join(HERE, "long_files.txt")
FILE_LINES, FUNCTION_LINES = 500, 70
OURS = (".cpp", ".hpp", ".c", ".h", ".def", ".py", ".sh", ".ts", ".js", ".mjs", ".md", ".txt", ".cmake", ".yaml", ".yml",
        ".json", ".css", ".html", ".cel", ".sql", ".ldif", ".go", "")
SKIPPED = {"build", "node_modules", ".fetched", ".git", ".cache", "__pycache__", "dist"}
GENERATED = {"package-lock.json"}
PURE = ("model", "population", "cel", "policy", "plan", "governance", "engine", "evidence")
# Of the pure libraries, the sources that divide one computation over as many threads as the caller says.
DIVIDED_WORK = ("libs/population/src/difference.cpp",)

_loader = importlib.machinery.SourceFileLoader("measure_sources", os.path.join(ROOT, "tools", "measure_sources"))
measure = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure_sources", _loader))
_loader.exec_module(measure)


def is_cpp(path):
    return path.endswith((".cpp", ".hpp"))


def is_test(path):
    return path.endswith("_test.cpp") or "/testing/" in path or path.startswith(("tests/", "libs/lab/", "bench/"))


def matches(pattern, text, what):
    """One offence per line that matches."""
    compiled = re.compile(pattern)
    return [f"{number}: {what}: {line.strip()[:100]}"
            for number, line in enumerate(text.split("\n"), 1) if compiled.search(line)]


def code(path, text):
    return measure.without_noise(text) if is_cpp(path) else text


def read_list(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return {line.split("#")[0].strip() for line in file if line.split("#")[0].strip()}


def no_open_marks(path, text):
    return matches(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b", text, "an open mark; finish it or say it in an issue")


def no_foreign_paths(path, text):
    return matches(r"\.\./sha" r"red\b|(?<![\w.\-}])/wo" r"rk/", text, "a path outside this repository")


def no_skipped_tests(path, text):
    return matches(r"\bGTEST_" r"SKIP\b|\bDISA" r"BLED_", text, "a test that does not run") if is_cpp(path) else []


def no_sleeping_tests(path, text):
    if not is_cpp(path) or not is_test(path) or path in read_list("allowed_sleeps.txt"):
        return []
    return matches(r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(", code(path, text),
                   "a sleeping test; wait for the event with a deadline")


def pure_libraries(path, text):
    if not re.match(r"libs/(%s)/(include|src)/" % "|".join(PURE), path) or not is_cpp(path) or path.endswith("_test.cpp"):
        return []
    names = ("system_clock|steady_clock|high_resolution_clock|random_device|getenv|fopen|ifstream|ofstream|fstream"
             "|make_system_clock|make_system_entropy|thread_local")
    std_names = "rand|time" + ("" if path in DIVIDED_WORK else "|thread|jthread|this_thread")
    return matches(r"\b(%s)\b|\bstd::(%s)\b" % (names, std_names), code(path, text), "not in a pure library: take it as an argument")


def light_includes(path, text):
    if not is_cpp(path) or not path.startswith(("libs/", "connectors/")):
        return []
    heavy = r"regex|iostream"
    if path.endswith(".hpp"):
        heavy += r"|boost/[^>]*|yaml-cpp/[^>]*|CLI/[^>]*|re2/[^>]*|ldap\.h|libpq-fe\.h|sqlite3\.h|openssl/[^>]*"
    if "/src/" in path and path.endswith(".hpp"):
        heavy = r"regex|iostream|CLI/[^>]*"  # a private header serves the one or two sources that need the library
    return matches(r"^\s*#\s*include\s*[<\"](%s)[>\"]" % heavy, text, "a heavy include; keep it to the one .cpp that needs it")


def headers_explain(path, text):
    if not path.endswith(".hpp") or re.match(r"\s*//\s*\w", text):
        return []
    return ["1: a header begins with a comment: what it is for, ownership, threads, units, errors"]


def no_bare_suppressions(path, text):
    return matches(r"NOLINT(NEXTLINE|BEGIN|END)?(?![A-Z(])", text, "say which check, NOLINT(check), and why") if is_cpp(path) else []


def links_lead_somewhere(path, text):
    """Relative links of our pages name files or folders of this repository; code is left alone."""
    if not path.endswith(".md"):
        return []
    offences, fenced = [], False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        for target in re.findall(r"\]\(\s*<?([^)\s>]+)", re.sub(r"`[^`]*`", "", line)):
            name = target.split("#")[0]
            if not name or re.match(r"[a-z][a-z0-9+.-]*:", name):
                continue  # within this page, or elsewhere
            there = os.path.normpath(os.path.join(os.path.dirname(path), name))
            if there.startswith(("..", "/")) or not os.path.exists(os.path.join(ROOT, there)):
                offences.append(f"{number}: a link to nothing: {target}")
    return offences


def pages_named_are_there(path, text):
    """A page that a header, a message or another page names by its path exists."""
    if path == "tests/house/sources_test.py":
        return []
    return [f"{number}: names a page that is not there: {page}"
            for number, line in enumerate(text.split("\n"), 1)
            for page in re.findall(r"(?<![\w./-])docs/[\w./-]+\.md\b", line) if not os.path.exists(os.path.join(ROOT, page))]


# (rule, [(path, text) it must fire on], [(path, text) it must leave alone])
RULES = [
    (no_open_marks, [("libs/a/src/a.cpp", "// TO" "DO: later"), ("README.md", "FIX" "ME")],
     [("libs/a/src/a.cpp", 'char name[] = "/tmp/tenure-' + 6 * "X" + '";')]),
    (no_foreign_paths, [("tools/a.sh", "cp ../sha" "red/x ."), ("docs/a.md", "see /wo" "rk/main/x")],
     [("docs/a.md", "POST /work-orders/7, docs/wo" "rk/a.md")]),
    (no_skipped_tests, [("libs/a/src/a_test.cpp", "GTEST_" "SKIP();"), ("libs/a/src/a_test.cpp", "TEST(A, DISA" "BLED_B) {}")], []),
    (no_sleeping_tests, [("libs/a/src/a_test.cpp", "std::this_thread::sleep_for(1s);"), ("tests/sim/a.cpp", "usleep(5);"),
                         ("libs/a/testing/src/fake.cpp", "sleep(1);")],
     [("libs/runtime/src/a.cpp", "sleep_for(1s);"), ("libs/a/src/a_test.cpp", "// no sleep(1) here\nconst char* t = \"sleep(1)\";")]),
    (pure_libraries, [("libs/plan/src/a.cpp", "auto now = std::chrono::system_clock::now();"),
                      ("libs/model/include/tenure/model/a.hpp", "#pragma once\nstd::random_device d;"),
                      ("libs/engine/src/a.cpp", 'auto home = std::getenv("HOME");'),
                      ("libs/population/src/a.cpp", "std::thread other(f);")],
     [("libs/plan/src/a.cpp", "// unlike system_clock"), ("libs/population/src/difference.cpp", "std::thread other(f);"), ("libs/runtime/src/a.cpp", "std::chrono::steady_clock::now();"),
      ("libs/plan/src/a_test.cpp", "std::ifstream in(path);")]),
    (light_includes, [("libs/a/src/a.cpp", "#include <regex>"), ("connectors/a/src/a.cpp", "#include <iostream>"),
                      ("libs/a/include/tenure/a/a.hpp", "#include <boost/asio.hpp>")],
     [("libs/http/src/a.cpp", "#include <boost/asio.hpp>"), ("libs/a/src/a.cpp", "#include <iosfwd>")]),
    (headers_explain, [("libs/a/include/tenure/a/a.hpp", "#pragma once\n")], [("libs/a/src/a.hpp", "// What it is for.\n#pragma once\n")]),
    (no_bare_suppressions, [("libs/a/src/a.cpp", "int x;  // NOLINT"), ("libs/a/src/a.cpp", "int x;  // NOLINT: because")], [("libs/a/src/a.cpp", "int x;  // NOLINT(bugprone-x): why")]),
    (links_lead_somewhere, [("docs/a.md", "see [it](no-such-page.md)"), ("README.md", "[a](Makefile) and [b](docs/none/#x)"),
                            ("docs/adr/a.md", "[out](../../../x.md)")],
     [("docs/adr/a.md", "[a](0001-house.md#decisions) [b](../../Makefile) [c](#here) [d](https://example.com/x) `[e](f.md)`"),
      ("docs/a.md", "```\n[a](none.md)\n```\n[b](adr)"), ("libs/a/src/a.cpp", "x[i](j)")]),
    (pages_named_are_there, [("libs/a/include/tenure/a/a.hpp", "// format a/v1, docs/formats/none.md"), ("docs/a.md", "see docs/b/c.md")],
     [("libs/a/src/a.hpp", "// docs/formats/plan.md, https://x.example/docs/y.md, ../docs/z.md")]),
]


def all_files():
    for where, names, files in os.walk(ROOT):
        names[:] = sorted(n for n in names if n not in SKIPPED)
        for name in sorted(files):
            ending = os.path.splitext(name)[1]
            if name in GENERATED or name == ".git" or ending not in OURS:
                continue
            path = os.path.relpath(os.path.join(where, name), ROOT)
            try:
                yield path, measure.read(path, ROOT)
            except UnicodeDecodeError:
                continue  # not text


def long_ones(files):
    """{"file <path>" or "function <path> <name>": lines} of what is over the marks. Names that repeat keep the longest."""
    found = {}
    for path, text in files:
        if not path.startswith(("libs/", "connectors/", "apps/", "bench/", "tests/", "web/", "tools/")):
            continue
        if is_cpp(path) or path.endswith((".py", ".ts", ".js", ".mjs")):
            lines = text.count("\n")
            if lines > FILE_LINES:
                found[f"file {path}"] = lines
        if is_cpp(path):
            for name, _, lines in measure.functions(text):
                if lines > FUNCTION_LINES:
                    key = f"function {path} {name}"
                    found[key] = max(lines, found.get(key, 0))
    return found


def ratchet_offences(found, allowed):
    offences = []
    for key, lines in sorted(found.items()):
        mark = FILE_LINES if key.startswith("file ") else FUNCTION_LINES
        if key not in allowed:
            offences.append(f"{key}: {lines} lines, over {mark}: split it, or add it to tests/house/long_files.txt and say why in the commit")
        elif lines > allowed[key]:
            offences.append(f"{key}: grew from {allowed[key]} to {lines} lines; it may only shrink")
    offences += [f"{key}: no longer over the mark: remove it from tests/house/long_files.txt" for key in sorted(allowed) if key not in found]
    return offences


def read_ratchet():
    allowed = {}
    with open(RATCHET, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                key, lines = line.strip().rsplit(" ", 1)
                allowed[key] = int(lines)
    return allowed


def write_ratchet(found):
    with open(RATCHET, encoding="utf-8") as file:
        comments = [line for line in file if line.startswith("#")]
    with open(RATCHET, "w", encoding="utf-8") as file:
        file.writelines(comments + [f"{key} {lines}\n" for key, lines in sorted(found.items())])


def oracle_faults():
    faults = []
    for rule, planted, clean in RULES:
        faults += [f"{rule.__name__} does not see {text!r} in {path}" for path, text in planted if not rule(path, text)]
        faults += [f"{rule.__name__} wrongly refuses {text!r} in {path}" for path, text in clean if rule(path, text)]
    long_function = "int f(int a) {\n" + "  a++;\n" * FUNCTION_LINES + "}\n"
    long_file = "int a;\n" * (FILE_LINES + 1)
    planted = long_ones([("libs/a/src/a.cpp", long_function), ("libs/a/src/b.cpp", long_file)])
    keys = {"function libs/a/src/a.cpp f": FUNCTION_LINES + 2, "file libs/a/src/b.cpp": FILE_LINES + 1}
    if planted != keys:
        faults.append(f"the measure of length is wrong: {planted}")
    if len(ratchet_offences(keys, {})) != 2 or ratchet_offences(keys, keys) or len(ratchet_offences({}, keys)) != 2:
        faults.append("the ratchet does not hold")
    if len(ratchet_offences(keys, {key: lines - 1 for key, lines in keys.items()})) != 2:
        faults.append("the ratchet lets a long one grow")
    return faults


def main():
    files = list(all_files())
    found = long_ones(files)
    if "--ratchet" in sys.argv:
        write_ratchet(found)
        return 0
    offences = oracle_faults() + ratchet_offences(found, read_ratchet())
    for path, text in files:
        for rule, _, _ in RULES:
            offences += [f"{path}:{offence}" for offence in rule(path, text)]
    print("\n".join(offences) if offences else f"{len(files)} files, {len(RULES) + 1} rules")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
