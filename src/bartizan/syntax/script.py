"""Letters that look like others: scripts mixed in one word, and the plain text behind an ornamented one.

The table of look-alikes is the part of Unicode's confusables (UTS 39) that maps single Cyrillic, Greek, Armenian and
Cherokee letters to ASCII ones; full-width, mathematical and circled letters are folded by NFKC.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ASCII_OF = {
    "a": "аɑα", "b": "ЬƄ", "c": "сϲᴄ", "d": "ԁժ", "e": "еҽ", "g": "ɡց", "h": "һհ", "i": "іιӏɩ", "j": "јϳ", "k": "κкᴋ",
    "l": "ӏⅼ", "m": "ⅿ", "n": "ոп", "o": "оοօσ", "p": "рρ", "q": "ԛգ", "r": "гᴦ", "s": "ѕꜱ", "t": "τᴛт", "u": "υսᴜ",
    "v": "νѵᴠ", "w": "ԝѡա", "x": "хχ", "y": "уγү", "z": "ᴢ", "A": "АΑᎪ", "B": "ВΒᏴ", "C": "СϹᏟ", "E": "ЕΕᎬ", "H": "НΗᎻ",
    "I": "ІΙӀ", "J": "ЈᎫ", "K": "КΚᏦ", "M": "МΜᎷ", "N": "Ν", "O": "ОΟՕ", "P": "РΡᏢ", "S": "ЅᏚ", "T": "ТΤᎢ", "X": "ХΧ",
    "Y": "УΥ", "Z": "ΖᏃ",
}  # fmt: skip
_FOLD = str.maketrans({other: plain for plain, others in _ASCII_OF.items() for other in others})
_WORD = re.compile(r"[^\W\d_]+")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){4,}[^\W\d_](?!\S)")


def skeleton(name: str) -> str:
    """What a name looks like: equal for names that a person takes for the same."""
    return unicodedata.normalize("NFKC", name).translate(_FOLD)


def mixed_scripts(name: str) -> tuple[str, ...]:
    """Letters of a word that mixes Latin with a script that has look-alikes of it, as `U+0430 а`."""
    if name.isascii():
        return ()
    strangers: list[str] = []
    for word in _WORD.findall(name):
        scripts = {char: _script(char) for char in word}
        if "LATIN" in scripts.values():
            strangers += [
                f"U+{ord(char):04X} {char}"
                for char, script in scripts.items()
                if script in ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "MATHEMATICAL", "FULLWIDTH")
            ]
    return tuple(dict.fromkeys(strangers))


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def plain(text: str) -> str:
    """The text as a model reads it: NFKC, invisible characters and terminal codes dropped, look-alikes in mixed words
    folded, letters that are spaced out drawn together.
    """
    if text.isascii():
        out = text if text.isprintable() else _ANSI.sub("", text)
    else:
        visible = "".join(char for char in text if unicodedata.category(char) != "Cf" and not _is_selector(char))
        out = _ANSI.sub("", unicodedata.normalize("NFKC", visible))
        out = _WORD.sub(
            lambda match: match.group(0).translate(_FOLD) if mixed_scripts(match.group(0)) else match.group(0), out
        )
    if not _SPACED.search(out):
        return out
    return _SPACED.sub(lambda match: match.group(0).replace(" ", ""), out.replace("  ", " \u2003"))


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0000" <= char <= "\U000e01ef"
