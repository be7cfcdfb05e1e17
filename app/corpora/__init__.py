"""What a file name says: one grammar a corpus in `app.corpora.grammars`, and a lab's own as TOML.

>>> read_name("A404_mix_ang_disg_7030.mp4").intended
(Intended(emotion='anger', weight=0.7), Intended(emotion='disgust', weight=0.3))
"""

from app.corpora.naming import AUTO, check_corpus, corpora, grammar, read_name
from app.corpora.reading import Grammar, Intended, NameReading
from app.corpora.toml_grammar import UnreadableGrammar
from models.registry import UnknownName

__all__ = [
    "AUTO",
    "Grammar",
    "Intended",
    "NameReading",
    "UnknownName",
    "UnreadableGrammar",
    "check_corpus",
    "corpora",
    "grammar",
    "read_name",
]
