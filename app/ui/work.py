"""Having clips analysed, and watching it. The models run in processes of their own; a page only puts jobs in and counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.analysis.jobs import cancel, enqueue, retry
from app.analysis.plan import AnalysisPlan
from app.analysis.usual import usual_plan
from app.library import Filters, matching_ids
from app.library import Work as Stage
from app.progress import Work, failures_of, open_job_ids, untouched, work_of
from app.ui.models.usual import plan_fields
from app.ui.session import Desk, services

FAILURES_LISTED = 100
MENU = "analyse_menu"


def analyse(clip_ids: Sequence[int], plan: AnalysisPlan | None = None) -> None:
    """Puts clips into the queue, for their project's usual models where no plan is given."""
    if clip_ids:
        with services().database.writing() as session:
            enqueue(session, clip_ids, plan)


def analyse_new(clip_ids: Sequence[int]) -> None:
    """Puts clips that came in into the queue, unless they are there already: a browser tab may tell of them twice."""
    if clip_ids:
        with services().database.writing() as session:
            enqueue(session, untouched(session, clip_ids))


def analyse_menu(at: Desk, filters: Filters) -> None:
    """Which clips, by which models."""
    menu = st.popover("Analyse", icon=":material/insights:", on_change="rerun", key=MENU)
    if not menu.open:
        return
    with menu:
        plan = plan_fields(usual_plan(at.project), f"plan_{at.project.id}", ("detector", "face", "voice"))
        with st.expander("More"):
            plan = plan_fields(plan, f"plan_{at.project.id}", ("landmarks", "identity", "body", "speakers"))
        with services().database.reading() as session:
            shown = matching_ids(session, at.project, at.rater.id, filters)
            fresh = matching_ids(session, at.project, at.rater.id, replace(filters, work=Stage.UNANALYSED)) if filters.work is None else []
        if fresh:
            st.button(
                f"The {len(fresh):,} not analysed yet", on_click=_analyse_and_close, args=(fresh, plan), type="primary", width="stretch"
            )
        st.button(
            f"All {len(shown):,} that the filters show",
            on_click=_analyse_and_close,
            args=(shown, plan),
            disabled=not shown,
            width="stretch",
        )
        st.caption("A new analysis stands beside the earlier ones; nothing is overwritten.")


def _analyse_and_close(clip_ids: Sequence[int], plan: AnalysisPlan) -> None:
    analyse(clip_ids, plan)
    st.session_state[MENU] = False


def work_strip(project_id: int, *, blind: bool) -> Work:
    """What is going on and what has failed, as one line each. Returns it; call it from a fragment that runs again while it is active."""
    with services().database.reading() as session:
        work = work_of(session, project_id)
        failures = failures_of(session, project_id, FAILURES_LISTED + 1)
    if work.active:
        line, stop = st.columns([9, 1], vertical_alignment="center")
        total = work.waiting + work.running + work.ended
        said = f"Analysing: {work.ended:,} of {total:,} done" + (f" · {work.message}" if work.message else "")
        line.progress(min(1.0, work.share), text=said)
        stop.button("Cancel", on_click=_cancel_all, args=(project_id,), key="cancel_all", width="stretch")
    if failures:
        many = f"{FAILURES_LISTED}+" if len(failures) > FAILURES_LISTED else str(len(failures))
        with st.expander(f"{many} could not be analysed", icon=":material/error:"):
            rows = [{"Clip": one.clip_id, "File": one.file_name, "Why": one.reason} for one in failures[:FAILURES_LISTED]]
            st.dataframe(rows, hide_index=True, column_order=("Clip", "Why") if blind else None)
            st.button("Try them again", on_click=_retry_all, args=(project_id,), icon=":material/replay:", key="retry_all")
    return work


def _cancel_all(project_id: int) -> None:
    with services().database.writing() as session:
        for job_id in open_job_ids(session, project_id):
            cancel(session, job_id)


def _retry_all(project_id: int) -> None:
    with services().database.writing() as session:
        for failure in failures_of(session, project_id):
            retry(session, failure.job_id)
