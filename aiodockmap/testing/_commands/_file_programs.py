"""What the programs of busybox do that are about files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from posixpath import basename, dirname, join
from typing import Final, TypeAlias

from ._calls import Call, Program, guess, input_of
from ._files import Kind
from ._place import FOLDERS, Place
from ._steps import Steps, Unclear, ending, failing, printing

ABSENT: Final = "No such file or directory"
NO_FOLDER: Final = "Not a directory"

Change: TypeAlias = Callable[[str], str]
"""Does something to one path; returns what is wrong, if that cannot be done."""


def _operands(call: Call, known: str) -> tuple[str, list[str]] | None:
    """The letters of the options of a call, and all that is no option; None if some are not known here."""
    words = list(call.arguments)
    end = words.index("--") if "--" in words else len(words)
    options = [it for it in words[:end] if it.startswith("-") and it != "-"]
    letters = "".join(it[1:] for it in options)
    operands = [it for it in words[:end] if it not in options] + words[end + 1 :]
    return None if not operands or set(letters) - set(known) else (letters, operands)


def _each(call: Call, paths: Sequence[str], change: Change) -> Steps:
    """Go on with the other paths where something is wrong with one."""
    code = 0
    for path in paths:
        problem = change(path)
        if problem:
            code = yield from failing(1, f"{call.name}: {problem}")
    return code


def _problem_of_parent(place: Place, path: str) -> str:
    """Why there can be nothing at a path."""
    parent = dirname(place.absolute(path))
    if not path or place.is_absent(parent):
        return ABSENT
    is_file = place.is_certainly(Kind.FILE, parent) or place.is_certainly(Kind.DEVICE, parent)
    return NO_FOLDER if is_file else ""


def _why_absent(place: Place, path: str) -> str:
    """Why there is nothing at a path where there could be."""
    return _problem_of_parent(place, path) or ABSENT


def _cat(call: Call) -> Steps:
    code = 0
    for path in call.arguments or ("-",):
        if path.startswith("-") and path != "-":
            return (yield from guess(call))
        shown = input_of(call) if path == "-" else _shown(call, path)
        code = (yield from shown) or code
    return code


def _shown(call: Call, path: str) -> Steps:
    place, whole = call.place, call.place.absolute(path)
    if place.is_absent(path):
        why = _why_absent(place, path)
        return failing(1, f"cat: can't open '{path}': {why}")
    if place.is_certainly(Kind.FOLDER, path):
        return failing(1, "cat: read error: Is a directory")
    text = place.written.texts.get(whole)
    if text is not None:
        return printing(text)
    if whole == "/dev/null":
        return ending(0)
    if whole == "/etc/hostname" and whole not in place.written.kinds:
        return printing(f"{place.hostname}\n")
    return guess(call)


def _touch(call: Call) -> Steps:
    operands, place = _operands(call, "acmh"), call.place
    if operands is None:
        return guess(call)
    letters, paths = operands

    def touch(path: str) -> str:
        problem = _problem_of_parent(place, path)
        is_new = place.is_absent(path)
        whole = place.absolute(path)
        if "c" in letters and is_new:
            return ""
        if problem:
            return f"{path}: {problem}"
        if is_new or place.written.kinds.get(whole) in (None, Kind.NOTHING):
            place.written.write(whole, "" if is_new else None)
        return ""

    return _each(call, paths, touch)


def _mkdir(call: Call) -> Steps:
    operands, place = _operands(call, "p"), call.place
    if operands is None:
        return guess(call)
    letters, paths = operands

    def make(path: str) -> str:
        whole = place.absolute(path)
        if "p" in letters and path:
            return _made_below(place, path, whole)
        problem = _problem_of_parent(place, path)
        if not problem and _is_something(place, whole):
            problem = "File exists"
        if problem:
            return f"can't create directory '{path}': {problem}"
        place.written.make_folder(whole)
        return ""

    return _each(call, paths, make)


def _made_below(place: Place, path: str, whole: str) -> str:
    missing = []
    while place.is_absent(whole):
        missing.append(whole)
        whole = dirname(whole)
    if place.is_certainly(Kind.FILE, whole) or place.is_certainly(Kind.DEVICE, whole):
        if missing:
            raise Unclear("a folder below a file")
        return f"can't create directory '{path}': File exists"
    for folder in missing:
        place.written.make_folder(folder)
    return ""


def _is_something(place: Place, path: str) -> bool:
    """Whether there is certainly something at a path."""
    try:
        return place.kind(path) is not Kind.NOTHING
    except Unclear:
        return False


def _rm(call: Call) -> Steps:
    operands, place = _operands(call, "fRr"), call.place
    if operands is None:
        return guess(call)
    letters, paths = operands
    is_deep = bool({"r", "R"} & set(letters))

    def remove(path: str) -> str:
        if place.is_absent(path):
            why = _why_absent(place, path)
            return "" if "f" in letters else f"can't remove '{path}': {why}"
        if place.is_certainly(Kind.FOLDER, path) and not is_deep:
            return f"'{path}' is a directory"
        place.written.remove(place.absolute(path))
        return ""

    return _each(call, paths, remove)


def _rmdir(call: Call) -> Steps:
    operands, place = _operands(call, ""), call.place
    if operands is None:
        return guess(call)

    def remove(path: str) -> str:
        whole = place.absolute(path)
        if place.is_absent(path):
            return f"'{path}': {_why_absent(place, path)}"
        if place.kind(whole) is not Kind.FOLDER:
            return f"'{path}': {NO_FOLDER}"
        if whole in FOLDERS or whole in place.mounts:
            raise Unclear("`rmdir` of what others may have filled")
        if place.written.has_below(whole):
            return f"'{path}': Directory not empty"
        place.written.remove(whole)
        return ""

    return _each(call, operands[1], remove)


def _moved(verb: str, known: str, *, is_copy: bool) -> Program:
    def move(call: Call) -> Steps:
        operands = _operands(call, known)
        if operands is None or len(operands[1]) < len(("source", "target")):
            return guess(call)
        letters, [*sources, target] = operands
        is_folder = len(sources) > 1 or call.place.is_certainly(Kind.FOLDER, target)
        if target.endswith("/") and not is_folder and call.place.is_absent(target):
            raise Unclear(f"`{call.name}` to a folder that is not there")
        is_folder = is_folder or target.endswith("/")
        is_deep = not is_copy or bool({"a", "r", "R"} & set(letters))

        def change(source: str) -> str:
            if call.place.is_absent(source):
                return f"can't {verb} '{source}': {_why_absent(call.place, source)}"
            if call.place.is_certainly(Kind.FOLDER, source) and not is_deep:
                return f"omitting directory '{source}'"
            end = join(target, basename(source.rstrip("/"))) if is_folder else target
            return _move(call.place, source, end, is_copy=is_copy)

        return _each(call, sources, change)

    return move


def _move(place: Place, source: str, target: str, *, is_copy: bool) -> str:
    whole, end = place.absolute(source), place.absolute(target)
    problem = _problem_of_parent(place, target)
    if problem:
        return (
            f"can't create '{target}': {problem}"
            if is_copy
            else f"can't rename '{source}': {problem}"
        )
    if whole == end:
        return f"'{source}' and '{target}' are the same file" if is_copy else ""
    is_folder = place.is_certainly(Kind.FOLDER, whole)
    is_known = whole in place.written.kinds or not is_folder
    if not is_known or end.startswith(f"{whole}/") or place.is_certainly(Kind.FOLDER, end):
        raise Unclear("what becomes of such a folder")
    if is_folder and not place.is_absent(end):
        raise Unclear("what becomes of such a folder")
    if place.is_certainly(Kind.DEVICE, whole) or place.is_certainly(Kind.DEVICE, end):
        raise Unclear("what becomes of a device")
    place.written.copy(whole, end)
    if not is_copy:
        place.written.remove(whole)
    return ""


def _changed(call: Call) -> Steps:
    """Change who owns something, or who may do what with it."""
    operands = _operands(call, "Rh")
    if operands is None or len(operands[1]) < len(("change", "path")):
        return guess(call)

    def change(path: str) -> str:
        is_there = not call.place.is_absent(path)
        return "" if is_there else f"{path}: {_why_absent(call.place, path)}"

    return _each(call, operands[1][1:], change)


def _bracket(call: Call) -> Steps:
    if call.arguments[-1:] != ["]"]:
        return failing(2, f"{call.name}: missing ]")
    return ending(int(not _holds(call.place, call.arguments[:-1])))


def _test(call: Call) -> Steps:
    return ending(int(not _holds(call.place, call.arguments)))


def _holds(place: Place, question: Sequence[str]) -> bool:
    """Whether what `test` is asked is so."""
    match list(question):
        case []:
            return False
        case ["!", *rest]:
            return not _holds(place, rest)
        case ["-n", text] | [text]:
            return bool(text)
        case ["-z", text]:
            return not text
        case [kind, path] if kind in _QUESTIONS:
            return _QUESTIONS[kind](place, path)
        case [left, "=" | "==" | "!=" as relation, right]:
            return (left == right) == (relation != "!=")
        case [left, relation, right] if relation in _RELATIONS:
            try:
                return _RELATIONS[relation](int(left), int(right))
            except ValueError:
                raise Unclear("`test`") from None
        case _:
            raise Unclear("`test`")


def _has_content(place: Place, path: str) -> bool:
    kind = place.kind(path)
    if kind is not Kind.FILE:
        return kind is Kind.FOLDER
    text = place.written.texts.get(place.absolute(path))
    if text is None:
        raise Unclear("how large a file is")
    return bool(text)


_QUESTIONS: Final[Mapping[str, Callable[[Place, str], bool]]] = {
    **dict.fromkeys(("-e", "-r", "-w"), lambda place, path: place.kind(path) is not Kind.NOTHING),
    "-d": lambda place, path: place.kind(path) is Kind.FOLDER,
    "-f": lambda place, path: place.kind(path) is Kind.FILE,
    "-s": _has_content,
}
_RELATIONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-lt": lambda left, right: left < right,
    "-le": lambda left, right: left <= right,
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
}


def _tee(call: Call) -> Steps:
    operands = _operands(call, "a")
    if call.place.piped is None or operands is None:
        return guess(call)
    letters, paths = operands
    text = call.place.piped.read()
    for path in map(call.place.absolute, paths):
        if not letters:
            call.place.written.write(path, "")
        call.place.written.append(path, text)
    return printing(text)


FILE_PROGRAMS: Final[Mapping[str, Program]] = {
    "[": _bracket,
    "cat": _cat,
    "chgrp": _changed,
    "chmod": _changed,
    "chown": _changed,
    "cp": _moved("stat", "adfHLPpRr", is_copy=True),
    "mkdir": _mkdir,
    "mv": _moved("rename", "f", is_copy=False),
    "rm": _rm,
    "rmdir": _rmdir,
    "tee": _tee,
    "test": _test,
    "touch": _touch,
}
