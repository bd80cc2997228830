"""What the programs of busybox do that are about files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from posixpath import basename, dirname, join
from typing import Final

from ._calls import Call, Program, guess, input_of
from ._files import Kind
from ._place import Place
from ._steps import Steps, Unclear, ending, failing, printing

ABSENT: Final = "No such file or directory"


def _operands(call: Call) -> tuple[str, list[str]]:
    """The letters of the options of a call, and all that is no option."""
    letters = "".join(it[1:] for it in call.arguments if it.startswith("-") and it != "-")
    return letters, [it for it in call.arguments if not it.startswith("-") or it == "-"]


def _cat(call: Call) -> Steps:
    match list(call.arguments):
        case [] | ["-"]:
            return input_of(call)
        case [path]:
            return _shown(call, path)
        case _:
            return guess(call)


def _shown(call: Call, path: str) -> Steps:
    place, whole = call.place, call.place.absolute(path)
    if place.is_absent(path):
        return failing(1, f"cat: can't open '{path}': {ABSENT}")
    if place.is_certainly(Kind.FOLDER, path):
        return failing(1, "cat: read error: Is a directory")
    if whole == "/dev/null":
        return ending(0)
    if whole == "/etc/hostname":
        return printing(f"{place.hostname}\n")
    text = place.written.texts.get(whole)
    return guess(call) if text is None else printing(text)


def _touch(call: Call) -> Steps:
    for path in _operands(call)[1]:
        whole = call.place.absolute(path)
        if call.place.is_absent(dirname(whole)):
            return failing(1, f"touch: {path}: {ABSENT}")
        if call.place.written.kinds.get(whole) not in (Kind.FILE, Kind.FOLDER):
            call.place.written.write(whole, "" if call.place.is_absent(whole) else None)
    return ending(0)


def _mkdir(call: Call) -> Steps:
    letters, paths = _operands(call)
    for path in paths:
        whole = call.place.absolute(path)
        if "p" in letters:
            while whole != "/" and call.place.is_absent(whole):
                call.place.written.make_folder(whole)
                whole = dirname(whole)
            continue
        problem = _problem_of_mkdir(call.place, whole)
        if problem:
            return failing(1, f"mkdir: can't create directory '{path}': {problem}")
        call.place.written.make_folder(whole)
    return ending(0)


def _problem_of_mkdir(place: Place, path: str) -> str | None:
    if place.is_absent(dirname(path)):
        return ABSENT
    try:
        return None if place.kind(path) is Kind.NOTHING else "File exists"
    except Unclear:
        return None


def _rm(call: Call) -> Steps:
    letters, paths = _operands(call)
    for path in paths:
        whole = call.place.absolute(path)
        if "f" not in letters and call.place.is_absent(whole):
            return failing(1, f"rm: can't remove '{path}': {ABSENT}")
        call.place.written.remove(whole)
    return ending(0)


def _moved(verb: str, *, is_copy: bool) -> Program:
    def move(call: Call) -> Steps:
        paths = _operands(call)[1]
        if len(paths) < len(("source", "target")):
            raise Unclear(f"`{call.name}`")
        *sources, target = paths
        for source in sources:
            if call.place.is_absent(source):
                return failing(1, f"{call.name}: can't {verb} '{source}': {ABSENT}")
            _move(call.place, source, target, is_copy=is_copy)
        return ending(0)

    return move


def _move(place: Place, source: str, target: str, *, is_copy: bool) -> None:
    whole, end = place.absolute(source), place.absolute(target)
    is_folder = target.endswith("/") or place.is_certainly(Kind.FOLDER, end)
    if is_folder:
        end = join(end, basename(whole))
    place.written.write(end, place.written.texts.get(whole))
    if not is_copy:
        place.written.remove(whole)


def _changed(call: Call) -> Steps:
    """Change who owns something, or who may do what with it."""
    for path in _operands(call)[1][1:]:
        if call.place.is_absent(path):
            return failing(1, f"{call.name}: {path}: {ABSENT}")
    return ending(0)


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

FILE_PROGRAMS: Final[Mapping[str, Program]] = {
    "[": _bracket,
    "cat": _cat,
    "chgrp": _changed,
    "chmod": _changed,
    "chown": _changed,
    "cp": _moved("stat", is_copy=True),
    "mkdir": _mkdir,
    "mv": _moved("rename", is_copy=False),
    "rm": _rm,
    "test": _test,
    "touch": _touch,
}
