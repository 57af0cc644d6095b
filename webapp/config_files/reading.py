"""Reads a configuration file: YAML without its traps, then the strict schema. Each problem has its path and line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import ValidationError

from webapp.config_files.file_format import ConfigFile
from webapp.config_files.positions import Lines, Path, problem_at
from webapp.core.errors import Invalid, Problem

FILE_BYTES_MAX = 2 * 1024 * 1024
# Eight levels of groups take 20.
DEPTH_MAX = 40
VALUES_MAX = 200_000
_SCALAR_MAX = 20
_STRING = "tag:yaml.org,2002:str"
_OTHER_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int")}
QUOTE = "Enter a text. Put numbers, dates and words like yes, no or null in quotes"


@dataclass(frozen=True)
class ReadFile:
    """A valid file, and the line of each of its values."""

    config: ConfigFile
    lines: Lines


def read_config(content: bytes) -> ReadFile:
    """Raise Invalid with each problem."""
    document = _Document()
    root = _compose(_decoded(content))
    data = document.value(root, ()) if root else {}
    if document.problems:
        raise _invalid(document.problems)
    try:
        # Strict JSON takes the names of enums, which strict Python does not.
        config = ConfigFile.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise _invalid([_schema_problem(each, document.lines) for each in error.errors(include_url=False)]) from None
    if missing := [section for section in config.complete if getattr(config, section) is None]:
        message = f"“{missing[0]}” is complete, but the file does not have it. Write {missing[0]}: [] to delete all"
        raise _invalid([problem_at(("complete",), "missing", message, document.lines)])
    return ReadFile(config, document.lines)


def _decoded(content: bytes) -> str:
    if len(content) > FILE_BYTES_MAX:
        raise Invalid(f"The file is larger than {FILE_BYTES_MAX // 1024 // 1024} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid(f"The file is not UTF-8 (line {line})") from None


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise Invalid(f"The file has the control character U+{ord(text[error.position]):04X} (line {line})") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Invalid(f"This is not YAML: {error.problem or error.context} (line {mark.line + 1})") from None
    except RecursionError:
        raise Invalid(f"The file is nested more than {DEPTH_MAX} levels deep") from None
    except ValueError:
        # An escape like \UFFFFFFFF.
        raise Invalid("This is not YAML: a character outside of Unicode") from None


@dataclass
class _Document:
    """Turns nodes into JSON values. Collects the lines and the problems."""

    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if id(node) in self.seen:
            return self._refuse(path, "alias", "Aliases (*name) are not allowed")
        self.seen.add(id(node))
        if len(path) > DEPTH_MAX:
            return self._refuse(path, "depth", f"The file is nested more than {DEPTH_MAX} levels deep")
        if len(self.lines) > VALUES_MAX:
            raise Invalid(f"The file has more than {VALUES_MAX:,} values")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, index)) for index, each in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, path) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self.lines[path] = key_node.start_mark.line + 1
                self._refuse(path, "key", "A key must be a text")
                continue
            value = self.value(value_node, (*path, key))
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            if key in mapping:
                self._refuse((*path, key), "twice", "This key is there twice")
            mapping[key] = value
        return mapping

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag == _STRING:
            if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in node.value):
                return self._refuse(path, "hidden_character", "Remove the characters that are not text, such as NUL")
            return node.value
        if node.tag not in _OTHER_SCALARS or len(node.value) > _SCALAR_MAX:
            return self._refuse(path, "type", QUOTE)
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, KeyError):
            # A tag that does not fit, like !!int a, or 0x_.
            return self._refuse(path, "type", QUOTE)

    def _refuse(self, path: Path, code: str, message: str) -> None:
        self.problems.append(problem_at(path, code, message, self.lines))


def _schema_problem(error: Any, lines: Lines) -> Problem:
    message = QUOTE if error["type"] == "string_type" else error["msg"]
    return problem_at(tuple(error["loc"]), error["type"], message, lines)


def _invalid(problems: list[Problem]) -> Invalid:
    return Invalid("The file has problems. Nothing was changed.", problems)
