"""Names of fictional people in two scripts, with the forms that a row of `users` needs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.core.text import caseless_key, fold_text


def _words(text: str) -> list[str]:
    return text.split()


LATIN_GIVEN = _words("""
Anna Emma Laura Julia Sarah Nina Clara Alice Eva Maria Ida Greta Olivia Mia Chloé Inés Lucía Carmen Marta Astrid Ingrid
Freya Zoë Siân Anne-Marie Mary_Jane Marie-Claire Ewa Małgorzata Zsófia Elif Aoife Linda Teresa Amélie Bronwen
James John Robert Michael David Thomas Daniel Paul Mark Peter Simon Martin Lucas Óscar Hugo Felix Liam Noah Ethan Rubén
Mateo Pablo Diego Erik Lars Jonas Søren Björn Łukasz Jean-Luc Juan_Carlos Seán Jürgen István Emre Cillian George Niels
""")
LATIN_SURNAMES = _words("""
Smith Johnson Brown Taylor Miller Wilson Moore Clark Walker Hughes García López Schmidt Weber Fischer Becker Keller
Müller Großmann Rossi Ferrari Bianchi D'Angelo Dell'Acqua Dubois Lefebvre Moreau Laurent Novák Dvořák Kowalski Wójcik
Svensson Andersson Hansen Larsen Nielsen Østergaard Virtanen Korhonen Silva Santos Costa Pereira Jansen Visser Bakker
van_der_Berg de_Vries Murphy Walsh Byrne O'Brien O’Connor O'Neill Mac_Giolla Horváth Kovács Nagy Popescu Ionescu Yılmaz
Demir Smith-Jones García_Márquez Lloyd_Webber Saint-Exupéry Núñez Peña Lindström Bergqvist Jørgensen Fitzgerald
McDonald MacLeod Robinson Thompson Edwards Bennett Foster Hamilton Marshall Sullivan Whitaker Ziegler Zimmermann
""")
CYRILLIC_WOMEN = _words("""
Анна Мария Ольга Елена Наталья Татьяна Ирина Светлана Юлия Дарья Полина Вера Оксана Милица Алёна Фёкла Ксения Софья
Любовь Надежда Екатерина Александра Людмила Галина Мар'яна Анна-Мария Зоя Лидия
""")
CYRILLIC_MEN = _words("""
Иван Дмитрий Сергей Алексей Андрей Михаил Павел Николай Роман Егор Кирилл Тимур Тарас Богдан Артём Фёдор Пётр Семён
Юрий Виктор Георгий Илья Денис Глеб В'ячеслав Тимофей Лев Матвей
""")
# Masculine form, slash, feminine form or its ending. Without a slash both forms are equal.
CYRILLIC_SURNAMES = _words("""
Иванов/а Смирнов/а Кузнецов/а Попов/а Васильев/а Петров/а Соколов/а Михайлов/а Новиков/а Фёдоров/а Морозов/а Волков/а
Алексеев/а Лебедев/а Семёнов/а Егоров/а Козлов/а Степанов/а Королёв/а Соловьёв/а Киселёв/а Ёлкин/а Щербаков/а Жуков/а
Крылов/а Никитин/а Пушкин/а Гагарин/а Воробьёв/а Зайцев/а Достоевский/Достоевская Чайковский/Чайковская
Римский-Корсаков/Римская-Корсакова Петров-Водкин/Петрова-Водкина Новиков-Прибой/Новикова-Прибой Шевченко Коваленко
Бондаренко Ткаченко Лук'яненко Йовановић Петровић Николић Георгиев/а Стоянов/а Черных Долгих
""")

_TRANSLITERATED = str.maketrans(
    dict(
        zip(
            "абвгдезийклмнопрстуфыэѓћјђњљ",
            _words("a b v g d e z i y k l m n o p r s t u f y e g c j dj nj lj"),
            strict=True,
        )
    )
    | {"ё": "yo", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu"}
    | {"я": "ya", "ø": "o", "ł": "l", "ı": "i", "ß": "ss", "'": "", "’": ""}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A full name. `slug` is for e-mail addresses (ASCII), `handle` for usernames in the script of the name."""

    full: str
    key: str
    slug: str
    handle: str
    handle_key: str
    handle_folded: str


def latin_names() -> list[Name]:
    return _shuffled(_name(given, surname) for given in LATIN_GIVEN for surname in LATIN_SURNAMES)


def cyrillic_names() -> list[Name]:
    return _shuffled(
        _name(given, surname)
        for feminine, all_given in ((False, CYRILLIC_MEN), (True, CYRILLIC_WOMEN))
        for given in all_given
        for surname in _surnames(feminine=feminine)
    )


def _surnames(*, feminine: bool) -> Iterator[str]:
    for entry in CYRILLIC_SURNAMES:
        masculine, _slash, ending = entry.partition("/")
        if not feminine or not ending:
            yield masculine
        else:
            yield masculine + ending if len(ending) == 1 else ending


def _shuffled(names: Iterator[Name]) -> list[Name]:
    shuffled = list(names)
    random.Random(len(shuffled)).shuffle(shuffled)  # noqa: S311  no secret
    return shuffled


def _name(given: str, surname: str) -> Name:
    full = f"{given} {surname}".replace("_", " ")
    handle = ".".join(_handle(part) for part in (given, surname))
    return Name(
        full, fold_text(full), f"{slug(given)}.{slug(surname)}", handle, caseless_key(handle), fold_text(handle)
    )


def _handle(part: str) -> str:
    """Return a part of a name as it is written in a username of the same script."""
    return part.lower().replace("_", "").replace("'", "").replace("’", "")


def slug(part: str) -> str:
    """Return a part of a name in ASCII."""
    return fold_text(part.lower().replace("_", "").translate(_TRANSLITERATED))
