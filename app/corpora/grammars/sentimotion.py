"""sentimotion: 44 emotions by prosody and vocalization, four intensities, neutral in situations, blends of two."""

from __future__ import annotations

import re
from functools import cache

from app.corpora.naming import corpora
from app.corpora.reading import Grammar, Intended, NameReading
from app.scheme import crosswalk

ACTOR = re.compile(r"[A-Z][0-9]{1,4}")
PARTS = re.compile(r"(?:(?:pos|neg)_sur|30_70|50_50|70_30)(?=_|\Z)|[^_]+")
"""What stands between two `_`; what is written with one inside comes first."""
MODES = {"p": "prosody", "v": "vocalization"}
SHARES = {"3070": (0.3, 0.7), "5050": (0.5, 0.5), "7030": (0.7, 0.3)}


@corpora.register("sentimotion")
class Sentimotion(Grammar):
    """Parts after the actor may stand in any order; a blend's emotions keep the order in which they are named."""

    shape = "<actor>_<code>_<p|v>_<intensity 1–4>[_ver<n>][_e], <actor>_neu_sit<1–4>_<p|v> or <actor>_mix_<code>_<code>_<3070|5050|7030>"
    example = "A102_ang_p_2"

    def read(self, stem: str) -> NameReading | None:
        actor, _, rest = stem.partition("_")
        if not ACTOR.fullmatch(actor):
            return None
        parts: dict[str, list[str]] = {}
        for part in PARTS.findall(rest):
            kind, value = _kind(part)
            parts.setdefault(kind, []).append(value)
        if not parts.keys() & {"emotion", "mix"}:
            return None
        problems = [f"{part!r} is no part of a sentimotion name" for part in parts.get("unknown", [])]
        problems += [f"says its {kind} {len(values)} times" for kind, values in parts.items() if kind in ONCE and len(values) > 1]
        once = {kind: values[0] for kind, values in parts.items() if kind in ONCE and len(values) == 1}
        intended = _blend(parts, once, problems) if "mix" in parts else _one(parts, problems)
        if "mix" not in parts:
            problems += _lacking(parts)
        return NameReading(
            actor=actor,
            intended=intended,
            intensity=_number(once.get("intensity")),
            mode=once.get("mode"),
            version=_number(once.get("version")),
            situation=_number(once.get("situation")),
            error_file="error mark" in parts,
            error="; ".join(problems) or None,
        )


ONCE = ("mode", "intensity", "situation", "version", "shares")


def _kind(part: str) -> tuple[str, str]:
    if part in _codes():
        return "emotion", part
    if part in MODES:
        return "mode", MODES[part]
    if part.replace("_", "") in SHARES:
        return "shares", part.replace("_", "")
    if part == "mix":
        return "mix", part
    if part == "e":
        return "error mark", part
    for kind, pattern in (("intensity", "([1-4])"), ("situation", "sit([1-4])"), ("version", "ver([0-9]{1,3})")):
        if found := re.fullmatch(pattern, part):
            return kind, found[1]
    return "unknown", part


def _one(parts: dict[str, list[str]], problems: list[str]) -> tuple[Intended, ...]:
    codes = parts["emotion"]
    if len(codes) > 1:
        problems.append(f"names several emotions ({', '.join(codes)}) without saying mix")
        return ()
    if "shares" in parts:
        problems.append("has shares without saying mix")
    return (Intended(_codes()[codes[0]], 1.0),)


def _blend(parts: dict[str, list[str]], once: dict[str, str], problems: list[str]) -> tuple[Intended, ...]:
    codes = parts.get("emotion", [])
    if len(set(codes)) != 2 or len(codes) != 2:
        problems.append(f"is a blend of two emotions, and names {', '.join(codes) or 'none'}")
    if "shares" not in parts:
        problems.append(f"is a blend without its shares ({', '.join(SHARES)})")
    if problems or "shares" not in once:
        return ()
    return tuple(Intended(_codes()[code], share) for code, share in zip(codes, SHARES[once["shares"]], strict=True))


def _lacking(parts: dict[str, list[str]]) -> list[str]:
    needed = {"situation": "sit1–sit4"} if parts["emotion"] == ["neu"] else {"intensity": "1–4"}
    return [f"says no {kind} ({values})" for kind, values in {**needed, "mode": "p or v"}.items() if kind not in parts]


@cache
def _codes() -> dict[str, str]:
    """Each code with its emotion; in small letters alone, as the lab writes them."""
    return {mapping.label: mapping.targets[0] for mapping in crosswalk("sentimotion")}


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
