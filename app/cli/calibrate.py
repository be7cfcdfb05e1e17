"""`calibrate`: making a model's probabilities worth what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import HomeOption, JsonOption, answer, mendable, progress_bar, services_of

if TYPE_CHECKING:
    from models.calibration.kept import Calibration
    from models.calibration.reliability import Reliability


def add_to(program: typer.Typer) -> None:
    program.command()(calibrate)


def calibrate(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A face or voice model.")],
    faces: Annotated[Path | None, typer.Option("--faces", help="Labelled faces: a folder or tar file with one folder a class.")] = None,
    labels: Annotated[str, typer.Option("--labels", help="The label set that the folders are named in.")] = "fer2013",
    project: Annotated[str | None, typer.Option("--project", help="Labelled clips of this project.")] = None,
    intended: Annotated[bool, typer.Option("--intended", help="Take what actors were asked for, not what people judged.")] = False,
    method: Annotated[
        str | None, typer.Option("--method", help="temperature or isotonic.", show_default="the better out of sample")
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Take the calibration that was made here out of force.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Calibrates a model on labelled faces or clips; later analyses use it. Says how far it can be believed before and after."""
    if forget + (faces is not None) + (project is not None) != 1:
        raise typer.BadParameter("say on what: --faces PATH or --project P; or --forget")
    with mendable(as_json), services_of(home) as services:
        if forget:
            from models.calibration import kept

            was = kept.forget(name)
            line = f"{name}: taken out of force" if was else f"{name}: no calibration was made here"
            answer({"model": name, "forgotten": was}, as_json, lambda: iter([line]))
            return
        from app.evaluation.calibrating import calibrate_on_clips, calibrate_on_faces
        from app.evaluation.labels import Truth
        from app.projects import project_named

        if faces is not None:
            with progress_bar("Looking at faces") as bar:
                found = calibrate_on_faces(name, faces, method, labels, lambda seen: bar(seen, 0, ""))
        else:
            assert project is not None
            with services.database.reading() as session:
                truth = Truth.INTENDED if intended else Truth.JUDGED
                found = calibrate_on_clips(session, project_named(session, project), name, truth, method)
        answer(found.document(), as_json, lambda: iter(_lines(found)))


def _lines(found: Calibration) -> list[str]:
    from app.evaluation.settling import verdicts

    how: dict[str, Any] = found.map.document()
    with_what = f"temperature {how['temperature']:.3f}" if how["method"] == "temperature" else "isotonic, a staircase for each class"
    return [
        f"{found.model}, {found.version}: {with_what}, found on {found.data}",
        f"without: {_in_short(found.before)}",
        f"with, on cases it was not found on: {_in_short(found.after)}",
        *verdicts(found),
    ]


def _in_short(one: Reliability) -> str:
    figures = f"log loss {one.log_loss:.3f}, right in {one.right:.1%}, mean recall {one.mean_recall:.3f}"
    return f"expected calibration error {one.ece:.3f}, {figures}"
