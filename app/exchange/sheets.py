"""The tables of an export: every column with its type, unit and meaning. The codebook, docs/export.md and the headers come from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a cell holds, beside nothing. In memory: str, int, float, bool, int µs, aware datetime."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    SECONDS = "seconds"
    MOMENT = "time"


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table. `name` is its file's name without the ending."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _text(name: str, meaning: str) -> Column:
    return Column(name, Type.TEXT, meaning)


def _integer(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, Type.INTEGER, meaning, unit)


def _number(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name, Type.NUMBER, meaning, unit)


def _boolean(name: str, meaning: str) -> Column:
    return Column(name, Type.BOOLEAN, meaning)


def _seconds(name: str, meaning: str) -> Column:
    return Column(name, Type.SECONDS, meaning, "s")


def _moment(name: str, meaning: str) -> Column:
    return Column(name, Type.MOMENT, meaning)


CLIP_ID = _integer("clip_id", "The clip's number in this installation.")
FILE_NAME = _text("file_name", "The name the file came with.")
SHA256 = _text("sha256", "Fingerprint of the file's bytes: the same in every installation.")
CORPUS = _text("corpus", "Whose file-name grammar was read; empty where none fits.")
ACTOR = _text("actor", "Who acts, by the file name.")
MODE = _text("mode", "Kind of recording, by the file name, in the corpus's own words.")
INTENDED = _text(
    "intended_emotion",
    "What the actor was asked for, by the file name. A blend is written with its weights, anger:0.7|disgust:0.3; "
    "a set of which the name does not say which without, positive_surprise|negative_surprise. Never what a rater said.",
)
INTENDED_INTENSITY = _integer(
    "intended_intensity", "The intensity the actor was asked for, on the corpus's own scale (sentimotion: 1–4, RAVDESS: 1–2)."
)
SPLIT = _text("split", "train, validation or test, where the clip was given to one.")

LABELS = Sheet(
    "labels",
    "What people said: one row for each judgement and emotion. A judgement with two emotions has two rows; none_of_these and "
    "cannot_judge have one row, without an emotion. Removed judgements are left out.",
    (
        _text("judgement_id", "The judgement. Rows with the same one belong together."),
        _integer("revision", "How many changes led to the judgement as it stands, the first included."),
        CLIP_ID,
        FILE_NAME,
        SHA256,
        CORPUS,
        ACTOR,
        MODE,
        INTENDED,
        INTENDED_INTENSITY,
        _text("tier", "What was judged: clip, face:<number>, voice:<speaker>, or both (face and voice together)."),
        _seconds("start_s", "Where the judged stretch begins on the clip's clock; empty: the clip as a whole."),
        _seconds("end_s", "Where the judged stretch ends; that moment is no longer part of it."),
        _text("emotion", "The emotion, by its id in the scheme; empty unless outcome is label."),
        _integer("emotion_native_id", "The emotion's integer in the scheme's own corpus; empty where the scheme gives none."),
        _text("family", "The emotion's family in the scheme: a grouping for the picker, not a claim."),
        _number("weight", "How strong this emotion is in the judgement, above 0 up to 1; weights need not add up to 1."),
        _integer("intensity", "Perceived intensity, 1–4. Not the intended one."),
        _integer("confidence", "How sure the rater was, 1–5."),
        _integer("genuineness", "How genuine the expression seemed, 1–5."),
        _number("valence", "Perceived valence, -1 to 1."),
        _number("arousal", "Perceived arousal, -1 to 1."),
        _text("outcome", "label, none_of_these or cannot_judge."),
        _text("source", "human; accepted or corrected (from a model's suggestion, by a person); model (nobody has touched it); import."),
        _text("annotator", "The rater's name of their own choice, or the name given to imported labels."),
        _text("task", "The task under which it was judged; empty in free review."),
        _text("options_shown", "The answers offered, as ids joined by |, in the order shown; empty where it is not known."),
        _boolean("suggestion_visible", "Whether a model's suggestion was visible at the last change; empty where that is not known."),
        _boolean(
            "intended_visible",
            "Whether the intended emotion was visible at the last change; empty where that is not known.",
        ),
        _text("model", "The model and version whose suggestion this came from."),
        _number("model_score", "The score of that suggestion."),
        _number("latency_ms", "From the first moment the rater could judge to the last change.", "ms"),
        _integer("replays", "How often the rater played it again before the last change."),
        _text("note", "What the rater wrote."),
        _text("scheme", "The scheme the emotion is from."),
        _text("scheme_version", "The scheme's version."),
        _moment("created_at", "When the judgement was first given."),
        SPLIT,
    ),
)

CLIPS = Sheet(
    "clips",
    "Every clip of the project, those without a label too.",
    (
        CLIP_ID,
        FILE_NAME,
        SHA256,
        _seconds("duration_s", "Length."),
        _integer("width", "Width of the picture; empty without video.", "px"),
        _integer("height", "Height of the picture; empty without video.", "px"),
        _integer("frames", "Number of video frames; 0 without video."),
        _number("fps", "Mean frame rate; empty without video. Frame times are not computed from it.", "1/s"),
        _boolean("has_video", "Whether there is a picture."),
        _boolean("has_audio", "Whether there is sound."),
        CORPUS,
        ACTOR,
        MODE,
        INTENDED,
        INTENDED_INTENSITY,
        _text("name_error", "Why the file name could not be read; empty where it was."),
        _integer("judgements", "Number of judgements on the clip as they stand, by anybody."),
        _integer("analysis", "Number of the newest analysis; empty where no model has looked at the clip."),
        _integer("frames_with_face", "Frames in which a face was found; empty where none was looked for."),
        _integer("faces", "Number of faces that were followed; empty where none was looked for."),
        _seconds("speech_s", "Speech that was found; empty where none was listened for."),
        _moment("created_at", "When the clip was imported."),
        SPLIT,
    ),
)

FRAMES = Sheet(
    "frames",
    "What the newest analysis of each clip found in every frame: at least one row a frame, one row a face where there are faces. "
    "Clips that were never analysed are not here. After these columns comes one for each class of the face models.",
    (
        CLIP_ID,
        _integer("analysis", "Number of the analysis."),
        _text("model", "The face model and its version."),
        _integer("frame", "The frame, from 0."),
        _seconds("timestamp", "When the frame is shown."),
        _integer("face_id", "The face, from 1; empty where none was found."),
        _integer("num_faces", "Faces found in the frame; empty where none was looked for."),
        _integer("success", "1 a face was found, 0 none was; empty where none was looked for."),
        _number("confidence_score", "The detector's confidence, 0 to 1."),
        _text("predicted_emotion", "The class with the highest probability, in the model's own words."),
        _number("valence", "Valence by the model, -1 to 1; empty where it gives none."),
        _number("arousal", "Arousal by the model, -1 to 1; empty where it gives none."),
        _number("box_x", "Left edge of the face.", "px"),
        _number("box_y", "Upper edge of the face.", "px"),
        _number("box_w", "Width of the face.", "px"),
        _number("box_h", "Height of the face.", "px"),
        _number("pitch", "Head up (positive) or down.", "°"),
        _number("yaw", "Head turned.", "°"),
        _number("roll", "Head tilted.", "°"),
    ),
)

TURNS = Sheet(
    "turns",
    "Who speaks when, in the clips whose turns people corrected: all turns of these clips as they stand, those that nobody touched too. "
    "What a model found without them is in `predictions --table utterances`.",
    (
        CLIP_ID,
        FILE_NAME,
        SHA256,
        _integer("analysis", "Number of the analysis that the turns started from; empty where there was none."),
        _integer("revision", "How many corrections led to the turns as they stand."),
        _integer("turn", "The turn, within the clip."),
        _seconds("start_s", "Where it begins on the clip's clock."),
        _seconds("end_s", "Where it ends; that moment is no longer part of it."),
        _text("speaker", "Who speaks: the id that a tier voice:<speaker> of labels.csv names; empty where nobody told."),
        _text("speaker_name", "What the speaker is called; empty without a name."),
        _number("confidence", "The speaker model's score of the turn; empty where it gave none or a person changed the turn."),
        _boolean("corrected", "Whether a person had a hand in this turn."),
        _text("corrected_by", "Who corrected the clip's turns, joined by |."),
        _moment("corrected_at", "When they were last corrected."),
    ),
)

CAST = Sheet(
    "cast",
    "Who is who, in the clips whose cast people corrected: one row for each face that was followed, and one without a face for somebody "
    "who has only a name.",
    (
        CLIP_ID,
        FILE_NAME,
        SHA256,
        _integer("analysis", "Number of the analysis whose faces these are."),
        _integer("revision", "How many corrections led to the cast as it stands."),
        _integer("face_id", "The face, as in frames.csv of that analysis."),
        _integer("person", "The person, within the clip."),
        _text("person_name", "What the person is called; empty without a name."),
        _text("corrected_by", "Who corrected the clip's cast, joined by |."),
        _moment("corrected_at", "When it was last corrected."),
    ),
)

CODEBOOK = Sheet(
    "codebook",
    "Every column of every file.",
    (
        _text("file", "The file."),
        _text("column", "The column."),
        _text("type", "text, integer, number, boolean, seconds (number with six decimals) or time (ISO 8601, UTC)."),
        _text("unit", "The unit; empty where there is none."),
        _text("meaning", "What it means."),
    ),
)


def with_classes(classes: Iterable[str]) -> Sheet:
    """`FRAMES` with the class columns of the models that were at work."""
    meaning = "Probability of this class by the face model, 0 to 1; empty where the model has no such class."
    return Sheet(FRAMES.name, FRAMES.meaning, FRAMES.columns + tuple(_number(label, meaning) for label in classes))


def codebook_rows(sheets: Iterable[Sheet], ending: str) -> list[tuple[str, str, str, str, str]]:
    """The codebook of `sheets`, itself included; `ending` is that of their files."""
    return [
        (f"{sheet.name}.{ending}", column.name, column.type.value, column.unit, column.meaning)
        for sheet in (*sheets, CODEBOOK)
        for column in sheet.columns
    ]
