"""Hashes of audit records. Stored hashes must stay valid, so the same record always has the same hash."""

from __future__ import annotations

from webapp.audit.chain import Chain

HASHED = (
    "01" * 16,
    "2026-11-24 09:01:00.123456",
    "user.updated",
    "user",
    "02" * 16,
    None,
    "user",
    "03" * 16,
    "req-1",
    ["name", "email"],
    None,
    "04" * 16,
)
DETAILS = ('Ольга "O"', "Антон", "192.0.2.7", '{"name":["a","б"]}', "line\nbreak", "05" * 16)


def test_the_same_record_always_has_the_same_hash() -> None:
    chain = Chain(7)
    first, _details = chain.append(HASHED, DETAILS)
    second, _details = chain.append(HASHED, DETAILS)
    details_hash = "4c1243c36821f6781896599e21c94351bd3b08594ef6f38b96ac93e0989c72f0"
    assert first[-2:] == (details_hash, "e6b3d10d5cc82058a2049da3e5871c3f2cd6e4349e991a6e11ce0cf58429e90e")
    assert second[-2:] == (details_hash, "295e53895625fe2e61bd338f8a46dc1a58672931769bc6644748e0658408e072")
