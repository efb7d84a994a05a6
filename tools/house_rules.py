#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Checks what src/FLOORS and the style guide promise: floors, heavy includes, sizes, names, and that every module is
# listed and documented. Quiet when all is well, else "path:line: message" for each problem and exit code 1.
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = {".h", ".cc"}
SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_SUFFIXES = CODE | {".py", ".c", ".js", ".mjs", ".sh", ".scenario"}
WISHED_LINES, HARD_LINES, HEADER_LINES, FUNCTION_LINES = 400, 600, 200, 60
OVER_400 = re.compile(r"long on purpose: \S+")  # a file between 400 and 600 lines says why in its first lines
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:home|root|work|tmp/(?:m|wt|lead))/\w")
TODO = re.compile(r"\bTODO\b(?!\(#?[\w-]*\d[\w-]*\): )")
TEST_NAME = re.compile(r'^\s*(TEST_CASE\w*|SCENARIO)\(((?:\s*"(?:\\.|[^"\\])*")+)', re.MULTILINE)
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
LAMBDA = re.compile(r"(?<![\w\])])\[([^\[\]]+)\]\s*(?:<[^<>]*>\s*)?(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?[^;{}()\[\]]*\{")
problems = []


def complain(path, line, message):
    problems.append(f"{path}:{line}: {message}")


def read_floors():
    """floor -> (level, name), and the heavy headers: (prefix, patterns of files that may include them)."""
    level, heavy = {}, []
    for raw in (ROOT / "src/FLOORS").read_text(encoding="utf-8").splitlines():
        line = raw.partition("#")[0].strip()
        if line.startswith("heavy "):
            header, _, allowed = line.removeprefix("heavy ").partition(":")
            heavy.append((header.strip(), allowed.split()))
        elif line:
            level |= dict.fromkeys((floor.strip() for floor in line.split("|")), len(level))
    return level, heavy


def without_comments(text):
    """The same lines with comments, strings and character literals blanked, so that braces can be counted."""
    def blank(match):
        found = match[0]
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
    raw = r'R"(?P<mark>[^(\s]*)\((?:.|\n)*?\)(?P=mark)"'
    return re.sub(rf"//[^\n]*|/\*(?:.|\n)*?\*/|{raw}|\"(?:\\.|[^\"\\\n])*\"|(?<!\w)'(?:\\.|[^'\\\n])+'", blank, text)


def check_includes(path, lines, level, heavy):
    parts = path.parts  # src/FLOOR/… or tests/…
    inside = path.relative_to("src").as_posix() if parts[0] == "src" else path.as_posix()
    floor = parts[1] if parts[0] == "src" and len(parts) > 2 else None
    if floor and floor not in level:
        complain(path, 1, f"src/{floor} is not in src/FLOORS")
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found[2]
        for prefix, allowed in heavy:
            if (header == prefix or header.startswith(prefix.rstrip("/") + "/")) and not any(
                    fnmatch(inside, pattern) for pattern in allowed):
                complain(path, number, f"<{header}> may be included by {', '.join(allowed)} only (src/FLOORS)")
        target = header.split("/")
        if not floor or found[1] == "<" or target[0] not in level or floor not in level:
            continue
        if target[0] != floor and level[target[0]] >= level[floor]:
            complain(path, number, f"{floor} may not include {target[0]}: it is not below (src/FLOORS)")
        if floor == target[0] and floor in ("modules", "services") and len(parts) > 3 and len(target) > 2 and target[1] != parts[2] \
                and not header.endswith("_events.h"):
            complain(path, number, f"a room includes only another room's *_events.h, not {header}")


def check_sizes(path, lines):
    limit = HEADER_LINES if path.suffix == ".h" else WISHED_LINES
    if len(lines) > HARD_LINES:
        complain(path, len(lines), f"{len(lines)} lines, the limit is {HARD_LINES}")
    elif len(lines) > limit and not any(OVER_400.search(line) for line in lines[:12]):
        complain(path, len(lines), f"{len(lines)} lines, {limit} are wished for; "
                                   f"split it, or say 'long on purpose: why' at its top")


def closing_brace(text, opening):
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return at
    return len(text)


def check_functions(path, blanked):
    """clang-format puts a function's closing brace under the start of its first line, so indentation tells the end."""
    lines = blanked.splitlines()
    for number, line in enumerate(lines, 1):
        heads = line.rstrip().endswith("{") and re.search(r"\)[^=;]*\{$|^TEST_CASE|\}$", line.rstrip())
        if not heads or re.match(r"\s*(if|for|while|switch|else|do|namespace|\}|class|struct|enum)\b", line):
            continue
        indent, start = len(line) - len(line.lstrip()), number
        while start > 1 and lines[start - 2].strip() and not re.search(r"[;{}:]\s*$", lines[start - 2]):
            start -= 1  # the head may take several lines
            indent = len(lines[start - 1]) - len(lines[start - 1].lstrip())
        for end in range(number, len(lines)):
            if re.match(rf" {{{indent}}}\}}", lines[end]):
                if end + 2 - start > FUNCTION_LINES:
                    complain(path, start, f"a function of {end + 2 - start} lines, the limit is {FUNCTION_LINES}")
                break


def check_coroutine_lambdas(path, blanked):
    for found in LAMBDA.finditer(blanked):
        if found[1].strip().startswith("["):
            continue
        body = blanked[found.end():closing_brace(blanked, found.end() - 1)]
        if re.search(r"\bco_(await|return|yield)\b", without_inner_lambdas(body)):
            complain(path, blanked.count("\n", 0, found.start()) + 1,
                     "a lambda with captures is a coroutine: it loses them at the first suspension")


def without_inner_lambdas(body):
    while found := re.search(r"(?<![\w\])])\[[^\[\]]*\]\s*\([^()]*\)[^;{}()]*\{", body):
        body = body[:found.start()] + body[closing_brace(body, found.end() - 1) + 1:]
    return body


def check_test_name(path, line, name):
    """It says what is true: some words, in the present tense as far as a script can tell, and no full stop."""
    words = name.split()
    if len(words) < 3 or name.endswith(".") or words[0] in ("test", "tests", "should"):
        complain(path, line, f'"{name}" is no sentence that would stay true if the code were rewritten')


def check_code(path, text, level, heavy):
    lines, blanked = text.splitlines(), without_comments(text)
    check_includes(path, lines, level, heavy)
    check_sizes(path, lines)
    check_functions(path, blanked)
    check_coroutine_lambdas(path, blanked)
    for number, line in enumerate(blanked.splitlines(), 1):
        if path.suffix == ".h" and re.match(r"\s*using\s+namespace\b", line):
            complain(path, number, "no 'using namespace' in a header")
    if path.suffix == ".h" and not re.search(r"^#pragma once$", text, re.MULTILINE):
        complain(path, 1, "no '#pragma once'")
    for found in TEST_NAME.finditer(text):
        name = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', found[2]))
        if found[1].startswith("TEST_CASE"):
            check_test_name(path, text.count("\n", 0, found.start()) + 1, name)


def check_modules():
    """A room of src/modules that makes a ModuleEntry is in the list of all modules, and has its part of modules.md."""
    listed = (ROOT / "src/server/all_modules.cc").read_text(encoding="utf-8")
    documented = (ROOT / "docs/reference/modules.md").read_text(encoding="utf-8")
    for header in sorted((ROOT / "src/modules").glob("*/*.h")):
        for entry in re.findall(r"^ModuleEntry (\w+)_module\(\);", header.read_text(encoding="utf-8"), re.MULTILINE):
            path = header.relative_to(ROOT)
            if not re.search(rf"\b{entry}_module\(\)", listed):
                complain(path, 1, f"{entry}_module() is not in src/server/all_modules.cc")
            if not re.search(rf"^## mod_{entry.rstrip('_')}\b", documented, re.MULTILINE):
                complain(path, 1, f"mod_{entry} has no part in docs/reference/modules.md")


def check_fuzz_targets(names):
    """Each has a corpus, and stands in docs/guide/fuzzing.md."""
    guide = (ROOT / "docs/guide/fuzzing.md").read_text(encoding="utf-8")
    for path in map(Path, names):
        if path.match("tests/fuzz/*_fuzz.cc"):
            if not any(name.startswith(f"tests/fuzz/corpus/{path.stem}/") for name in names):
                complain(path, 1, f"there is no tests/fuzz/corpus/{path.stem} with a good and a bad input")
            if f"`{path.stem.removesuffix('_fuzz')}`" not in guide:
                complain(path, 1, "docs/guide/fuzzing.md does not say what must hold")


def check_any(path, text):
    lines = text.splitlines()
    first = lines[0] if lines else ""
    if path.suffix in SPDX_SUFFIXES and SPDX not in (lines[1] if first.startswith("#!") and len(lines) > 1 else first):
        complain(path, 1, f"the first line is not '{SPDX}'")
    if path.name == "house_rules.py":
        return
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            complain(path, number, "a path of one machine")
        if TODO.search(line):
            complain(path, number, "a TODO without an issue: TODO(#12): sentence")


def main():
    level, heavy = read_floors()
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, capture_output=True, text=True).stdout
    names = sorted(filter(None, set(listed.split("\0"))))
    check_modules()
    check_fuzz_targets(names)
    for name in names:
        path = Path(name)
        if not (ROOT / path).is_file() or path.name == "LICENSE" or "corpus" in path.parts:
            continue
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not text
        check_any(path, text)
        if path.suffix in CODE:
            check_code(path, text, level, heavy)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
