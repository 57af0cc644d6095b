"""Suggestions for a search that finds no one: words spelled almost alike, and the other keyboard layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from webapp.core.keyboard import swap_layout
from webapp.core.text import fold_text
from webapp.db.session import db
from webapp.directory.listing import UserList, list_users, parse_query
from webapp.directory.models import NameWord
from webapp.directory.name_matching import has_trigram
from webapp.directory.name_words import forms_of, nearest, similar_words
from webapp.directory.query_language import Term, parse_search
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.lists.count import Count, bounded, count_query

# How many are shown, how many searches are counted for them, and how many words of a search are compared.
SHOWN, COUNTED, WORDS = 3, 4, 3


@dataclass(frozen=True)
class Suggestion:
    """Another text for the search box, and the number of people that it finds with the same filters."""

    text: str
    count: Count


def list_or_suggest(query: UserListQuery, viewer: Viewer) -> UserList:
    """Return the page of the search. If it has no people, return the page of the first suggestion, if there is one."""
    page = list_users(query, viewer)
    if page.items or not query.q:
        return page
    suggestions = suggest_searches(query, viewer)
    return list_users(query.model_copy(update={"q": suggestions[0].text}), viewer) if suggestions else page


def suggest_searches(query: UserListQuery, viewer: Viewer) -> list[Suggestion]:
    """Return at most SHOWN searches that find people whom the viewer can see, in two statements."""
    search, parsed = parse_query(query, viewer)
    words = [term for term in search.words if not term.negated and not term.exact]
    if search.problems or not words:
        return []
    attributes = frozenset(viewer.attributes) if ":" in query.q else frozenset[str]()
    queries = {}
    for text in _other_texts(query.q, words):
        other = parse_search(text, attributes=attributes)
        # With fewer words it would find more people than it says.
        if len(other.words) == len(search.words) and not other.problems:
            queries[text] = replace(parsed, terms=other.words)
    if not queries:
        return []
    first = list(queries.items())[:COUNTED]
    counts = db.session.execute(select(*(count_query(each.matches).scalar_subquery() for _text, each in first))).one()
    found = [Suggestion(text, bounded(number)) for (text, _query), number in zip(first, counts, strict=True) if number]
    return found[:SHOWN]


def _other_texts(typed: str, words: Sequence[Term]) -> list[str]:
    """Return the search in the other keyboard layout, then with other words."""
    tokens = typed.split()
    swapped = {term.text: swap_layout(token) for term in words for token in tokens if fold_text(token) == term.text}
    swapped = {text: other for text, other in swapped.items() if has_trigram(fold_text(other))}
    compared = [term.text for term in words[:WORDS] if term.text.isalpha()]
    forms = [form for text in compared for form in forms_of(text)]
    if not forms and not swapped:
        return []
    known = similar_words(forms, map(fold_text, swapped.values()))
    texts = [_replaced(tokens, {text: _spelling(other, known) for text, other in swapped.items()})]
    others = {text: nearest(text, known, SHOWN) for text in compared if not any(each.word == text for each in known)}
    if len(others) > 1:
        texts.append(_replaced(tokens, {text: near[0].spelling for text, near in others.items() if near}))
    texts += [_replaced(tokens, {text: each.spelling}) for text, near in others.items() for each in near]
    return [text for text in dict.fromkeys(texts) if text != " ".join(tokens)]


def _spelling(word: str, known: Sequence[NameWord]) -> str:
    return next((each.spelling for each in known if each.word == fold_text(word)), word)


def _replaced(tokens: Sequence[str], words: dict[str, str]) -> str:
    """Return the search with other words. Fields and quoted texts stay."""
    return " ".join(words.get(fold_text(token), token) for token in tokens)
