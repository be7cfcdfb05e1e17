"""From a file name to a reading, by the named grammar or by the one that fits."""

from __future__ import annotations

import re
from dataclasses import replace

from app.corpora.reading import Grammar, NameReading
from app.corpora.toml_grammar import load_grammar
from models.registry import Registry, UnknownName

AUTO = "auto"
LONGEST_STEM = 255
"""Characters; file systems allow no more, and no pattern has to work on more."""

corpora: Registry[type[Grammar]] = Registry("corpus", "app.corpora.grammars", "portrayal.corpora")


def read_name(name: str, corpus: str = AUTO) -> NameReading:
    """What a file name says; folders before it and an extension after it are put aside.

    `corpus` is a registered name, the path of a grammar in TOML, or `auto` for the one grammar that fits. A name that cannot be read
    comes back with `error` and nothing else. Raises `UnknownName` for a corpus that is not there (`UnreadableGrammar`, a kind of it,
    for a TOML file that is no grammar).
    """
    stem = stem_of(name)
    if len(stem) > LONGEST_STEM:
        return NameReading(name, error=f"the name has {len(stem)} characters; at most {LONGEST_STEM} are read")
    if corpus == AUTO:
        return replace(_recognise(stem), name=name)
    grammar_name, reader = grammar(corpus)
    reading = reader.read(stem)
    if reading is None:
        return NameReading(name, error=f"{stem!r} is no {grammar_name} name; expected {reader.shape}, such as {reader.example}")
    return replace(reading, name=name, corpus=grammar_name)


def check_corpus(corpus: str) -> None:
    """Raises what `read_name` would raise for this corpus, before the first of many names."""
    if corpus != AUTO:
        grammar(corpus)


def grammar(corpus: str) -> tuple[str, Grammar]:
    """A corpus' name and its grammar, for a registered name or the path of a TOML file. Raises `UnknownName`, `UnreadableGrammar`."""
    if corpus.casefold().endswith(".toml"):
        own = load_grammar(corpus)
        return own.name, own
    try:
        return corpus, corpora.get(corpus)()
    except UnknownName as error:
        raise UnknownName(
            f"{error}; {AUTO} takes the one that fits, and a path that ends in .toml is read as a grammar of one's own"
        ) from None


def stem_of(name: str) -> str:
    r"""A name without folders (of any operating system) and without its extension.

    >>> stem_of(r"D:\clips\A102_ang_p_2.MP4")
    'A102_ang_p_2'
    """
    base = re.split(r"[/\\]", name)[-1]
    return re.sub(r"(?<=.)\.[A-Za-z0-9]{1,5}\Z", "", base, count=1)


def _recognise(stem: str) -> NameReading:
    fitting = {name: reading for name, grammar in corpora if (reading := grammar().read(stem)) is not None}
    if len(fitting) == 1:
        ((name, reading),) = fitting.items()
        return replace(reading, corpus=name)
    if fitting:
        return NameReading(error=f"{stem!r} fits several corpora ({', '.join(fitting)}); name the one it is from")
    examples = ", ".join(f"{name} ({grammar.example})" for name, grammar in corpora)
    return NameReading(error=f"{stem!r} fits no known corpus: {examples}; name the corpus, or give a grammar of your own")
