"""Text that was typed with the wrong keyboard layout: English instead of Russian, or the other way round."""

from __future__ import annotations

_ENGLISH = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + "~QWERTYUIOP{}ASDFGHJKL:ZXCVBNM<>"
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЯЧСМИТЬБЮ"
_TO_RUSSIAN = str.maketrans(_ENGLISH, _RUSSIAN)
_TO_ENGLISH = str.maketrans(_RUSSIAN, _ENGLISH)


def swap_layout(text: str) -> str:
    """Return the text that the same keys give in the other layout: иванов for bdfyjd. Return "" if it mixes both."""
    latin = any(letter.isascii() and letter.isalpha() for letter in text)
    russian = any(letter in _RUSSIAN for letter in text)
    if latin == russian:
        return ""
    return text.translate(_TO_RUSSIAN if latin else _TO_ENGLISH)
