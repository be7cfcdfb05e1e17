"""What the library shows of a project: filtered, ordered and counted by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.library import Filters, Seen, Sort, Work, facets, matching_ids, page_of
from app.projects import project_named
from app.services import Services
from db.tables import Analysis, Clip, IntendedEmotion, Job, Judgement, Medium, Project, Rater, now

NAMES = ("A1_ang_p_2.mp4", "B2_hap_v_1.mp4", "100%_mine.mp4", "neither.wav")


@dataclass(frozen=True)
class Shelf:
    session: Session
    project: Project
    rater: int
    clips: tuple[int, ...]

    def names(self, **filters: object) -> list[str]:
        shown = page_of(self.session, self.project, self.rater, Filters(**filters))  # type: ignore[arg-type]
        assert shown.matching == len(shown.cards) and shown.total == len(NAMES)
        return [card.file_name for card in shown.cards]


@pytest.fixture
def shelf(services: Services):
    """Four clips: angry and analysed with a face, happy and analysed twice, one waiting, one failed; the first labelled by R1."""
    with services.database.writing() as session:
        project = project_named(session, "study", create=True)
        other = project_named(session, "other", create=True)
        rater, colleague = Rater(name="R1", local=True), Rater(name="R2")
        session.add_all([rater, colleague])
        clips = []
        for position, name in enumerate(NAMES):
            sound = name.endswith("wav")
            medium = Medium(
                sha256=f"{position:064d}",
                size=1,
                container="mp4",
                duration_us=(position + 1) * 1_000_000,
                frames=0 if sound else 50,
                sample_rate=16_000 if position else None,
                audio_codec="flac" if position else None,
                playable=True,
            )
            clips.append(Clip(project_id=project.id, file_name=name, medium=medium))
        clips[0].corpus, clips[0].actor, clips[0].intended = "sentimotion", "A1", [IntendedEmotion(position=0, emotion="anger", weight=1.0)]
        clips[1].corpus, clips[1].actor = "sentimotion", "B2"
        clips[1].intended = [IntendedEmotion(position=k, emotion=e, weight=0.5) for k, e in enumerate(("happiness_joy", "anger"))]
        session.add_all([*clips, Clip(project_id=other.id, file_name="elsewhere.mp4", medium=clips[0].medium)])
        session.flush()
        session.add_all(
            [
                _analysis(clips[0].id, frames_with_face=40, faces=2, speech_us=0),
                _analysis(clips[1].id, frames_with_face=50, faces=1, speech_us=9),
                _analysis(clips[1].id, frames_with_face=0, faces=0, speech_us=None),
                Job(kind="analyze", arguments={}, clip_id=clips[2].id, state="waiting"),
                Job(kind="analyze", arguments={}, clip_id=clips[3].id, state="done"),
                Job(kind="analyze", arguments={}, clip_id=clips[3].id, state="failed", error="no sound"),
                _judgement("1", clips[0].id, rater.id, project.scheme_id),
                _judgement("2", clips[1].id, colleague.id, project.scheme_id),
                _judgement("3", clips[2].id, rater.id, project.scheme_id, removed=True),
            ]
        )
        session.flush()
        project_id, rater_id, ids = project.id, rater.id, tuple(clip.id for clip in clips)
    with services.database.reading() as session:
        yield Shelf(session, session.get_one(Project, project_id), rater_id, ids)


def _analysis(clip_id: int, **found: int | None) -> Analysis:
    return Analysis(clip_id=clip_id, models={}, parameters={}, program_version="0", frames=50, seconds=1.0, **found)


def _judgement(name: str, clip_id: int, rater_id: int, scheme_id: int, *, removed: bool = False) -> Judgement:
    return Judgement(
        id=name,
        clip_id=clip_id,
        rater_id=rater_id,
        revision=1,
        removed=removed,
        tier="clip",
        outcome="label",
        source="human",
        scheme_id=scheme_id,
        created_at=now(),
        changed_at=now() + timedelta(seconds=1),
    )


def test_without_filters_all_clips_of_the_project_come_newest_first(shelf: Shelf) -> None:
    assert shelf.names() == list(reversed(NAMES))


@pytest.mark.parametrize(
    ("sort", "first"),
    [(Sort.OLDEST, NAMES[0]), (Sort.NAME, "100%_mine.mp4"), (Sort.ACTOR, NAMES[0]), (Sort.LONGEST, "neither.wav")],
)
def test_each_order_has_its_first(shelf: Shelf, sort: Sort, first: str) -> None:
    assert shelf.names(sort=sort)[0] == first


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ang", [NAMES[0]]),
        ("b2", [NAMES[1]]),
        ("SENTIMOTION mp4 a1", [NAMES[0]]),
        ("100%", [NAMES[2]]),
        ("_", list(reversed(NAMES[:3]))),
        ("zz", []),
    ],
)
def test_every_word_must_be_found_and_signs_mean_themselves(shelf: Shelf, text: str, found: list[str]) -> None:
    assert shelf.names(text=text) == found


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (Work.ANALYSED, [NAMES[1], NAMES[0]]),
        (Work.UNANALYSED, [NAMES[3], NAMES[2]]),
        (Work.ACTIVE, [NAMES[2]]),
        (Work.FAILED, [NAMES[3]]),
    ],
)
def test_the_newest_job_says_how_far_the_models_are(shelf: Shelf, work: Work, found: list[str]) -> None:
    assert shelf.names(work=work) == found


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        ((Seen.FACE,), [NAMES[0]]),
        ((Seen.NO_FACE,), [NAMES[1]]),
        ((Seen.FACES, Seen.NO_FACE), [NAMES[1], NAMES[0]]),
        ((Seen.SPEECH,), []),
        ((Seen.NO_SPEECH,), [NAMES[0]]),
    ],
)
def test_what_was_found_is_what_the_newest_analysis_found(shelf: Shelf, seen: tuple[Seen, ...], found: list[str]) -> None:
    assert shelf.names(seen=seen) == found, "never measured is neither found nor not found"


def test_labelled_means_by_the_one_who_looks_and_not_taken_back(shelf: Shelf) -> None:
    assert shelf.names(labelled=True) == [NAMES[0]]
    assert shelf.names(labelled=False) == [NAMES[3], NAMES[2], NAMES[1]]


def test_families_are_those_of_the_intended_emotions(shelf: Shelf) -> None:
    assert shelf.names(families=("hostility",)) == [NAMES[1], NAMES[0]]
    assert shelf.names(families=("joy",), actors=("B2",)) == [NAMES[1]]
    there = facets(shelf.session, shelf.project)
    assert there.families == {"hostility": 2, "joy": 1}
    assert there.corpora == {"sentimotion": 2}
    assert there.actors == {"A1": 1, "B2": 1}


def test_blind_nothing_is_found_narrowed_or_ordered_by_what_names_say(shelf: Shelf) -> None:
    assert shelf.names(blind=True, text="ang") == []
    assert shelf.names(blind=True, text=f"#{shelf.clips[2]}") == [NAMES[2]]
    assert len(shelf.names(blind=True, families=("hostility",))) == 4
    assert shelf.names(blind=True, sort=Sort.NAME) == list(NAMES)


def test_a_card_says_what_is_known_and_leaves_out_what_is_not(shelf: Shelf) -> None:
    cards = {card.file_name: card for card in page_of(shelf.session, shelf.project, shelf.rater, Filters()).cards}
    angry, happy, waiting, failed = (cards[name] for name in NAMES)
    assert (angry.frames_with_face, angry.faces, angry.speech_us, angry.judgements) == (40, 2, 0, 1)
    assert (happy.frames_with_face, happy.speech_us, happy.judgements) == (0, None, 0)
    assert happy.intended == (("happiness_joy", 0.5), ("anger", 0.5))
    assert (waiting.analysed, waiting.faces, waiting.job) == (False, None, "waiting")
    assert (failed.has_video, failed.has_audio, failed.job, failed.error) == (False, True, "failed", "no sound")


def test_pages_follow_each_other_without_gap_or_repetition(shelf: Shelf) -> None:
    pages = [page_of(shelf.session, shelf.project, shelf.rater, Filters(), page=number, size=3) for number in (1, 2, 3)]
    assert [card.file_name for page in pages for card in page.cards] == list(reversed(NAMES))
    assert [len(page.cards) for page in pages] == [3, 1, 0]
    assert all((page.matching, page.total) == (4, 4) for page in pages)


def test_all_that_match_are_named_in_the_order_shown(shelf: Shelf) -> None:
    assert matching_ids(shelf.session, shelf.project, shelf.rater, Filters(sort=Sort.LONGEST)) == list(reversed(shelf.clips))
    assert matching_ids(shelf.session, shelf.project, shelf.rater, Filters(work=Work.UNANALYSED)) == [shelf.clips[3], shelf.clips[2]]
