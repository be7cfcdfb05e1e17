"""`analyze`, `predictions`: what models say."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.console import HomeOption, JsonOption, answer, mendable, progress_bar, services_of

if TYPE_CHECKING:
    from app.analysis.jobs import JobNow, Progress


USUAL = "the project's own choice"


class PredictionTable(StrEnum):
    FRAMES = "frames"
    UTTERANCES = "utterances"
    SCHEME = "scheme"


def add_to(program: typer.Typer) -> None:
    for command in (analyze, predictions):
        program.command()(command)


def analyze(
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID…", help="Clips, by the number that `clips` lists.")] = None,
    project: Annotated[str | None, typer.Option("--project", help="All clips of this project.")] = None,
    face: Annotated[str | None, typer.Option("--face", help="Face model, or none.", show_default=USUAL)] = None,
    voice: Annotated[str | None, typer.Option("--voice", help="Voice model, or none.", show_default=USUAL)] = None,
    detector: Annotated[str | None, typer.Option("--detector", help="Face detector.", show_default=USUAL)] = None,
    landmarks: Annotated[
        str | None, typer.Option("--landmarks", help="Face landmarker for pose, gaze and mouth, or none.", show_default=USUAL)
    ] = None,
    body: Annotated[str | None, typer.Option("--body", help="Body landmarker, or none.", show_default=USUAL)] = None,
    speakers: Annotated[
        str | None, typer.Option("--speakers", help="Speaker model that cuts speech into turns, or none.", show_default=USUAL)
    ] = None,
    identity: Annotated[
        str | None, typer.Option("--identity", help="Identity model that joins faces of one person, or none.", show_default=USUAL)
    ] = None,
    every: Annotated[
        int | None, typer.Option("--every", min=1, help="Frames between two looks of the detector.", show_default="the tracker decides")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes at work at a time.", show_default="1")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Runs face and voice models over clips. What was there stays: every run is an analysis of its own."""
    from app.analysis.plan import AnalysisPlan
    from app.analysis.runner import analyse
    from app.analysis.usual import usual_plans
    from app.listing import clip_ids

    if not ids and project is None:
        raise typer.BadParameter("name clips by their numbers, or a project with --project")
    named = {"face": face, "landmarks": landmarks, "identity": identity, "body": body, "speakers": speakers, "voice": voice}
    asked: dict[str, Any] = {part: None if name == "none" else name for part, name in named.items() if name is not None}
    asked |= {} if detector is None else {"detector": detector}
    with mendable(as_json), services_of(home) as services:
        AnalysisPlan(**asked, every=every).check()
        with services.database.reading() as session:
            chosen = clip_ids(session, ids or [], project)
            usual = usual_plans(session, chosen)
        plans = {clip: replace(plan, **asked, every=every or plan.every) for clip, plan in usual.items()}
        for plan in set(plans.values()):
            plan.check()
        with progress_bar("Analysing, %") as bar:

            def report(progress: Progress) -> None:
                bar(round(100 * progress.share), 100, progress.message)

            jobs = analyse(services.settings, services.database, chosen, plans, workers, report)
        summaries = [_summary(job) for job in jobs]
        answer(summaries, as_json, lambda: map(_summary_line, summaries))
        if any(summary["error"] for summary in summaries):
            raise typer.Exit(1)


def _summary(job: JobNow) -> dict[str, Any]:
    from app.analysis.plan import AnalysisSummary

    return job.result or AnalysisSummary(clip=job.clip or 0, error=job.error or f"the analysis was {job.state.value}").document()


def _summary_line(summary: dict[str, Any]) -> str:
    if summary["error"]:
        return f"clip {summary['clip']}: FAILED: {summary['error']}"
    seen = (
        "" if summary["faces"] is None else f"{summary['faces']} face(s) in {summary['frames_with_face']} of {summary['frames']} frames, "
    )
    heard = "no sound" if summary["speech_s"] is None else f"{summary['speech_s']:.2f} s of speech"
    return f"clip {summary['clip']}: {seen}{heard}; {summary['seconds']:.1f} s, {summary['realtime_factor']:.1f} times real time"


def predictions(
    clip: Annotated[int, typer.Argument(metavar="ID", help="A clip's number.")],
    table: Annotated[PredictionTable, typer.Option("--table", help="Which table.")],
    analysis: Annotated[int | None, typer.Option("--analysis", help="An analysis by number.", show_default="the clip's newest")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prints what models said of a clip, as CSV on stdout (with --json as one list of objects)."""
    from app.analysis.latest import find_analysis
    from app.analysis.tables import PREDICTIONS

    with mendable(as_json), services_of(home) as services, services.database.reading() as session:
        lines = PREDICTIONS[table](session, find_analysis(session, clip, analysis))
        if as_json:
            import csv

            typer.echo(_json_rows(csv.DictReader(lines)))
            return
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr] — the lines bring their own ends
        sys.stdout.writelines(lines)


def _json_rows(rows: Iterable[dict[str, str]]) -> str:
    import json

    return json.dumps([{column: _json_value(column, cell) for column, cell in row.items()} for row in rows], ensure_ascii=False, indent=2)


WORDS = {"speaker", "text", "language", "events", "predicted_emotion", "level", "id", "source"}
"""Columns that hold words; all others hold numbers."""


def _json_value(column: str, cell: str) -> str | int | float | None:
    """An empty cell is missing; a number is a number."""
    if not cell or column in WORDS:
        return cell or None
    return int(cell) if cell.lstrip("-").isdecimal() else float(cell)
