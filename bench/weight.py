"""Bytes on the wire of a first visit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bench.servers import Client

ADDRESSES = re.compile(r"""(?:"|'|\()((?:/static/|\.{1,2}/)[^"'()\s>#]+)""")


@dataclass(frozen=True)
class Weight:
    page: int
    assets: int
    files: int


def weight(client: Client, path: str, encoding: str) -> Weight:
    """Return the compressed sizes of the page and of all static files that it loads, also through other files."""
    page = client.get(path, encoding=encoding)
    # The uncompressed page has the addresses of the files.
    todo = set(_addresses(client.get(path).text, path))
    done: dict[str, int] = {}
    while todo:
        address = todo.pop()
        plain = client.get(address)
        if plain.status != 200:
            continue
        done[address] = len(client.get(address, encoding=encoding).body)
        if address.partition("?")[0].endswith((".css", ".js")):
            todo |= _addresses(plain.text, address) - done.keys()
    return Weight(len(page.body), sum(done.values()), len(done))


def _addresses(text: str, base: str) -> set[str]:
    found = {urljoin(base, address) for address in ADDRESSES.findall(text)}
    return {address for address in found if urlsplit(address).path.startswith("/static/")}
