"""The parts of the settings page."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy import func, select

from app.projects import MAX_NAME as LONGEST_PROJECT
from app.projects import InvalidProjectName, project_named
from app.raters import MAX_NAME, AlreadyNamed, InvalidName, name_local_rater
from app.review.blinding import REVEAL, set_blind
from app.scheme.reading import UnreadableScheme
from app.scheme.store import SchemeVersionTaken, import_scheme
from app.ui.session import Desk, services
from app.ui.states import plain
from app.version import VERSION
from db.tables import Clip, Project, Scheme

NEW_PROJECT = "new_project"
NOTICE = "settings_notice"


def you(at: Desk) -> None:
    """The rater's name."""
    with st.form("you", border=False, width=420):
        name = st.text_input("Your name as a rater", at.rater.name, max_chars=MAX_NAME)
        st.caption("It goes into every export as the annotator, so it stays once you have judged something.")
        given = st.form_submit_button("Save")
    if given:
        try:
            with services().database.writing() as session:
                name_local_rater(session, name or "")
        except (InvalidName, AlreadyNamed) as error:
            _cannot(error)
        else:
            st.rerun()


def projects_and_schemes(at: Desk) -> None:
    """This project's rules, a new project, and the schemes there are."""
    if notice := st.session_state.pop(NOTICE, None):
        st.toast(notice)
    rules, new, schemes = st.columns(3, gap="large")
    with rules:
        _rules(at)
    with new:
        _new_project()
    with schemes:
        _schemes()


def _rules(at: Desk) -> None:
    st.subheader("This project")
    st.text(f"{at.project.name} · {at.scheme.name}, version {at.scheme.version}, {len(at.scheme)} emotions")
    blind = st.toggle(
        "Judge blind",
        at.blind,
        key=f"blind_{at.project.id}",
        help="File name, intended emotion, the models' answers and other raters' labels are kept from whoever judges. "
        "What was visible is stored with every judgement either way.",
    )
    reveal = st.toggle(
        "Show all of it once a clip is judged",
        bool(at.project.options.get(REVEAL, False)),
        key=f"reveal_{at.project.id}",
        disabled=not blind,
    )
    if (blind, reveal) != (at.blind, bool(at.project.options.get(REVEAL, False))):
        with services().database.writing() as session:
            set_blind(session, at.project.id, blind=blind, reveal=reveal)
        st.rerun()
    with services().database.reading() as session:
        counted = select(Project.name, func.count(Clip.id)).outerjoin(Clip, Clip.project_id == Project.id).group_by(Project.id)
        rows = session.execute(counted.order_by(Project.name)).all()
    st.dataframe([{"Project": name, "Clips": clips} for name, clips in rows], hide_index=True, height="content" if len(rows) < 12 else 400)


def _new_project() -> None:
    st.subheader("New project")
    with services().database.reading() as session:
        there = {f"{scheme.name}, version {scheme.version}": scheme.id for scheme in session.scalars(select(Scheme).order_by(Scheme.id))}
    with st.form(NEW_PROJECT, border=False, clear_on_submit=True):
        name = st.text_input("Name", max_chars=LONGEST_PROJECT, key="new_project_name")
        scheme = st.selectbox("Labelled in the scheme", list(there), key="new_project_scheme")
        made = st.form_submit_button("Make it")
    st.caption("A project's scheme stays: labels point to it.")
    if made:
        try:
            with services().database.writing() as session:
                project = project_named(session, (name or "").strip(), create=True, scheme_id=there[scheme])
        except InvalidProjectName as error:
            _cannot(error)
        else:
            _then(f"Project {plain(project.name)} is there.")


def _schemes() -> None:
    st.subheader("Own scheme")
    file = st.file_uploader("CSV with one emotion a row", type="csv", key="scheme_file")
    st.caption("Columns: id, name, family, definition, and if you like name_sv, code, native_id, synonyms, valence, arousal.")
    name = st.text_input("Name of the scheme", key="scheme_name")
    edition = st.text_input("Version", key="scheme_version", placeholder="left empty: from the content")
    if st.button("Add the scheme", disabled=file is None or not name, key="add_scheme") and file is not None and name:
        try:
            text = file.getvalue().decode("utf-8-sig")
            with services().database.writing() as session:
                import_scheme(session, text, name, edition or None)
        except UnicodeDecodeError:
            _cannot(ValueError("the file is not UTF-8 text; save it as CSV in UTF-8"))
        except (UnreadableScheme, SchemeVersionTaken) as error:
            _cannot(error)
        else:
            _then("The scheme is there; choose it for a new project.")


def data_and_health(_: Desk) -> None:
    """Where everything lies, a backup, and the doctor."""
    settings = services().settings
    where, health = st.columns([1, 1.6], gap="large")
    with where:
        st.subheader("Where the data lie")
        st.text("Home folder")
        st.code(str(settings.home.absolute()), language=None)
        st.text("Database")
        st.code(services().database.engine.url.render_as_string(hide_password=True), language=None)
        st.caption(f"Portrayal {VERSION}. PORTRAYAL_HOME chooses another home folder.")
        _backup()
    with health:
        st.subheader("Doctor")
        if st.button("Examine the installation", icon=":material/stethoscope:", key="examine"):
            _examine()


def _backup() -> None:
    from db.backup import BackupUnsupported, UnusableBackup, backup

    st.subheader("Backup")
    st.caption("A consistent copy of the database, made while it serves. Clips lie in media/ in the home folder: copy that folder, too.")
    if st.button("Make a backup", icon=":material/save:", key="make_backup"):
        file = services().settings.home / "backups" / f"portrayal-{datetime.now():%Y-%m-%d-%H%M%S}.sqlite"
        try:
            made = backup(services().database, file)
        except (BackupUnsupported, UnusableBackup, OSError) as error:
            _cannot(error)
        else:
            st.success(f"{made.bytes / 1e6:.1f} MB, revision {made.revision}", icon=":material/check:")
            st.code(str(made.file.absolute()), language=None)


def _examine() -> None:
    from app.doctor import examine

    with st.spinner("Examining …"):
        checks = list(examine(services().settings))
    bad = [check for check in checks if not check.ok]
    st.markdown(f"{len(bad)} of {len(checks)} need attention." if bad else f"All {len(checks)} checks are well.")
    rows = sorted(checks, key=lambda check: check.ok)
    st.dataframe(
        [{"": "✓" if check.ok else "✗", "Check": check.name, "Remark": check.advice} for check in rows],
        hide_index=True,
        height="content",
        column_config={"": st.column_config.TextColumn(width=30), "Remark": st.column_config.TextColumn(width="large")},
    )


def _cannot(error: Exception) -> None:
    """Why something was refused: as text, since what the user wrote is part of it."""
    with st.container(border=True):
        st.text(str(error))


def _then(notice: str) -> None:
    st.session_state[NOTICE] = notice
    st.rerun()
