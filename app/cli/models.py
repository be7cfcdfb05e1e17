"""`models`: which there are, and their weights: fetched, checked, put in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import HomeOption, JsonOption, answer, mendable, say, settings_of

if TYPE_CHECKING:
    from models.types import ModelInfo
    from models.weights.downloading import Progress
    from models.weights.fetching import Fetching


class Action(StrEnum):
    LIST = "list"
    FETCH = "fetch"
    CHECK = "check"
    ADD = "add"


def add_to(program: typer.Typer) -> None:
    program.command()(models)


def models(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Only these; for add: NAME FILE.", show_default="all")
    ] = None,
    called: Annotated[
        str | None, typer.Option("--as", metavar="FILENAME", help="For add: which of the model's files it is.", show_default="by its name")
    ] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", metavar="HEX", help="For add: what the file must have.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists the models with labels, licences and weights; `fetch`, `check` and `add` see to it that the right weights are here."""
    if action is not Action.ADD and (called or sha256):
        raise typer.BadParameter("--as and --sha256 belong to `models add NAME FILE`")
    if action is Action.ADD and len(names or ()) != 2:
        raise typer.BadParameter("say which model and which file: `models add NAME FILE`")
    with mendable(as_json):
        settings_of(home)  # says where the weights lie
        if action is Action.ADD and names:
            failed, names = _add(names[0], Path(names[1]), called, sha256), names[:1]
        else:
            failed = {Action.LIST: _nothing, Action.FETCH: _fetch, Action.CHECK: _check}[action](names or None)
        found = _documents(names or None, failed if action is not Action.LIST else None)
        answer(found, as_json, lambda: _lines(found))
        for name, error in failed.items():
            say(f"{name}: {error}")
        if failed:
            raise typer.Exit(1)


def _documents(names: list[str] | None, failed: dict[str, str] | None) -> list[dict[str, Any]]:
    from models.catalogue import listed

    documents = [{("why" if key == "advice" else key): value for key, value in facts.items()} for facts in listed(names)]
    return documents if failed is None else [document | {"error": failed.get(document["name"])} for document in documents]


def _nothing(_: list[str] | None) -> dict[str, str]:
    return {}


def _fetch(names: list[str] | None) -> dict[str, str]:
    """Fetches what is not here. Returns what went wrong, by model; a model that nobody named may go without what cannot be fetched."""
    from models.catalogue import called
    from models.types import WeightsMissing
    from models.weights.errors import FETCH_ERRORS
    from models.weights.fetching import Fetching

    failed: dict[str, str] = {}
    with Fetching() as fetching:
        for info in (model.info for model in called(names)):
            try:
                _fetch_one(fetching, info)
            except WeightsMissing as error:
                if names:
                    failed[info.name] = str(error)
            except FETCH_ERRORS as error:
                failed[info.name] = str(error)
    return failed


def _fetch_one(fetching: Fetching, info: ModelInfo) -> None:
    from models.types import WeightsMissing
    from models.weights.advice import advice

    for file in fetching.wanted(info):
        say(f"{info.name}: {file.name}, {_size(file.size)}, licence: {file.licence}")
        with _bytes_bar(file.name) as progress:
            fetched = fetching.file(info, file, progress)
        if fetched.first_seen:
            say(f"{info.name}: {file.name} was seen here for the first time and is pinned to sha256 {fetched.sha256}")
    if missing := fetching.store.missing(info):
        raise WeightsMissing(advice(info, missing))


def _check(names: list[str] | None) -> dict[str, str]:
    """Reads every file that is here from end to end. Returns what is wrong, by model; that a model lacks files only where it was named."""
    from models.catalogue import called
    from models.weights.store import store

    failed: dict[str, str] = {}
    for model in called(names):
        wrong = [problem for file in store().here(model.info) if (problem := store().examine(model.info, file))]
        availability = model.available()
        if not wrong and names and not availability.ready:
            wrong = [availability.advice]
        if wrong:
            failed[model.info.name] = " ".join(wrong)
    return failed


def _add(name: str, path: Path, called_as: str | None, sha256: str | None) -> dict[str, str]:
    from models.catalogue import called
    from models.weights.adding import add

    model = called([name])[0]
    pin = add(model.info, path, called_as, sha256)
    say(f"{path} is in the store for {name}, pinned to sha256 {pin.sha256}")
    return {}


@contextmanager
def _bytes_bar(label: str) -> Iterator[Progress]:
    """A bar on stderr where that is a terminal; nothing otherwise."""
    from tqdm import tqdm

    with tqdm(
        desc=label, unit="B", unit_scale=True, unit_divisor=1000, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False
    ) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """For a terminal: a line for each model, what it says and its files below."""
    kind = None
    for model in found:
        if model["modality"] != kind:
            kind = model["modality"]
            yield f"{kind.upper()}"
        yield f"  {model['name']:<22} {'can run' if model['ready'] else 'CANNOT RUN':<10}  {model['licence']}; {model['version']}"
        if model["labels"]:
            yield f"    says {', '.join(model['labels'])}"
        for file in model["weights"]:
            state = f"here, from {file['source']}" if file["here"] else "not here, can do without" if file["optional"] else "NOT HERE"
            yield f"    {file['file']}: {_size(file['size'])}, {state}"
        if not model["ready"]:
            yield f"    → {model['why']}"


def _size(size: int | None) -> str:
    return "size not known" if size is None else f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} bytes"
