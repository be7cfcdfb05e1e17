"""The table of all models at the top of docs/models.md: `python -m models.facts` brings it up to date; a test compares."""

from __future__ import annotations

from pathlib import Path

from models.catalogue import KINDS
from models.types import ModelInfo
from models.weights.advice import place
from models.weights.files import InstalledPackage, OwnFile, Source, WeightsFile

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "models.md"
BEGIN, END = "<!-- facts: made by python -m models.facts -->", "<!-- end of facts -->"


def table() -> str:
    """A row a model, in the order of the kinds: what it looks or listens for, how many classes, licence, and whence its weights come."""
    lines = ["| model | for | classes | weights | licence |", "|---|---|---|---|---|"]
    for modality, registry in KINDS.items():
        for name, model in registry:
            info: ModelInfo = model.info
            classes = f"{len(info.labels)} (`{info.labels.name}`)" if info.labels else "–"
            lines.append(f"| [`{name}`](#{_anchor(name)}) | {modality.value} | {classes} | {_weights(info)} | {info.licence} |")
    return "\n".join(lines)


def brought_up_to_date(text: str) -> str:
    """The document with the table as it has to be now."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _weights(info: ModelInfo) -> str:
    if not info.weights:
        return "beside the code"
    places = list(dict.fromkeys(_place(file.source) for file in info.weights))
    here = all(isinstance(file.source, InstalledPackage) for file in info.weights)
    return (
        ("" if here else "to fetch: " if not isinstance(info.weights[0].source, OwnFile) else "") + ", ".join(places) + _size(info.weights)
    )


def _place(source: Source) -> str:
    match source:
        case InstalledPackage(distribution):
            return f"in the package {distribution}"
        case OwnFile():
            return "your own file"
        case _:
            return place(source)


def _size(files: tuple[WeightsFile, ...]) -> str:
    sizes = [file.size for file in files]
    return f", {sum(size for size in sizes if size) / 1e6:.1f} MB" if all(sizes) else ""


def _anchor(name: str) -> str:
    """The heading's address as it is made on GitHub."""
    heading = next((line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith(f"## `{name}`")), f"## {name}")
    kept = "".join(letter for letter in heading.removeprefix("## ").lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


if __name__ == "__main__":
    DOCUMENT.write_text(brought_up_to_date(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
