"""The form field of choices: rows with a value and its labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import ValidationError

from webapp.attributes.choices import CHOICE_FIELDS, SEPARATOR, format_choices, parse_choices
from webapp.core.texts import _

# Rows for new choices, if there are none yet.
EMPTY_ROWS = 3
Row = dict[str, str]


class ChoicesField(TextAreaField):
    """The choices as text: a line for each, in the format of `parse_choices`.

    A browser sends the inputs `choices.value`, `choices.label_en` and `choices.label_ru` of each row. Other senders can
    send the text. Without a script, the buttons `choices.do` add, move and remove rows.
    """

    data: str | None

    def process(self, formdata: Any, *args: Any, **options: Any) -> None:
        sent = formdata or {}
        self._sent_rows: list[Row] | None = None
        columns = [formdata.getlist(f"{self.name}.{name}") for name in CHOICE_FIELDS] if formdata else []
        if any(columns) and self.name not in sent:
            self._sent_rows = [dict(zip(CHOICE_FIELDS, row, strict=False)) for row in zip(*columns, strict=False)]
        super().process(formdata, *args, **options)
        if self._sent_rows is not None:
            self.data = "\n".join(format_choices(map(_completed, filter(any_text, self._sent_rows))))
            self.raw_data = [self.data]
        self._change_rows(sent.get(f"{self.name}.do", ""))

    def pre_validate(self, form: Any) -> None:
        cells = (cell for row in self._sent_rows or () for cell in row.values())
        if any(SEPARATOR in cell for cell in cells):
            raise ValidationError(_("Choices cannot contain the character |"))

    @property
    def rows(self) -> Sequence[Row]:
        """The rows as they were sent, or those of the text. A label that equals the value is left out."""
        if self._sent_rows is not None:
            return self._sent_rows
        found = [dict.fromkeys(CHOICE_FIELDS, "") | row for row in parse_choices((self.data or "").splitlines())]
        return [row | _without_copies(row) for row in found]

    @property
    def shown_rows(self) -> list[Row]:
        """The rows, and empty ones for new choices."""
        rows = list(self.rows)
        empty = 1 if rows else EMPTY_ROWS
        return rows if rows and not any_text(rows[-1]) else rows + [dict.fromkeys(CHOICE_FIELDS, "")] * empty

    def _change_rows(self, action: str) -> None:
        """Do what a button for rows says, for example `up-2`. The second row has the number 1."""
        self.rows_changed = bool(action)
        name, _dash, number = action.partition("-")
        rows = self._sent_rows or []
        index = int(number) - 1 if number.isascii() and number.isdigit() and len(number) <= 3 else len(rows)
        if name == "add":
            rows.append(dict.fromkeys(CHOICE_FIELDS, ""))
        elif 0 <= index < len(rows):
            row = rows.pop(index)
            if name in {"up", "down"}:
                rows.insert(max(0, index - 1) if name == "up" else index + 1, row)


def any_text(row: Row) -> bool:
    return any(text.strip() for text in row.values())


def _completed(row: Row) -> Row:
    """Return the row with a value and both labels. What is empty equals the value; an empty value, the first label."""
    texts = {name: " ".join(row[name].split()) for name in CHOICE_FIELDS}
    value = next(filter(None, texts.values()))
    return {name: text or value for name, text in texts.items()}


def _without_copies(row: Row) -> Row:
    return {name: "" for name in CHOICE_FIELDS[1:] if row[name] == row["value"]}
