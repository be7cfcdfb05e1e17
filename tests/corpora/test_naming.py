from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.corpora import AUTO, Intended, NameReading, UnknownName, check_corpus, corpora, grammar, read_name
from app.corpora.naming import LONGEST_STEM, stem_of
from app.scheme import crosswalk, shipped_scheme

PARTS = """
A102 B9 ang neg sur pos mix disg neu sit2 sit9 p v 1 2 7 ver1 e 70 30 7030 1001 IEO ANG HI XX DC a01 sa07 OAF back ps 03a01Fa 01-01-08-02-01-01-19
"""


def intended(*emotions: str) -> tuple[Intended, ...]:
    return tuple(Intended(emotion, 1.0 if len(emotions) == 1 else None) for emotion in emotions)


@pytest.mark.parametrize("corpus", corpora.names())
def test_every_grammar_reads_its_own_example(corpus: str) -> None:
    """The contract of a grammar: a new file in app/corpora/grammars is taken in by itself."""
    _, reader = grammar(corpus)
    reading = read_name(reader.example, corpus)
    assert reading.error is None
    assert reading.corpus == corpus
    assert reading.actor
    assert reading.intended and all(each.emotion in shipped_scheme() for each in reading.intended)
    assert reader.shape


@pytest.mark.parametrize("corpus", corpora.names())
def test_auto_recognises_every_example_and_no_other_grammar_takes_it(corpus: str) -> None:
    name = grammar(corpus)[1].example
    assert read_name(name) == read_name(name, corpus)
    for other in corpora.names():
        if other != corpus:
            reading = read_name(name, other)
            assert reading == NameReading(name, error=reading.error) and f"is no {other} name" in str(reading.error)


def test_all_ravdess_speech_names_agree_with_their_index(data: Path) -> None:
    with (data / "ravdess_speech" / "index.csv").open(encoding="utf-8", newline="") as file:
        clips = list(csv.DictReader(file))
    assert len(clips) == 1200
    for clip in clips:
        reading = read_name(clip["clip"] + ".flac")
        assert reading.error is None
        assert reading.corpus == "ravdess"
        assert int(reading.actor or 0) == int(clip["actor"])
        assert reading.intensity == {"normal": 1, "strong": 2}[clip["intensity"]]
        assert tuple(each.emotion for each in reading.intended) == crosswalk("ravdess")[clip["emotion"]].targets
        assert reading.ambiguous == (clip["emotion"] == "surprised")
        assert (reading.mode, reading.version) == ("speech", int(clip["repetition"]))
        assert reading.take["sex"] == clip["sex"]
        assert reading.take["modality"] == "audio"


def test_all_crema_d_names_agree_with_what_they_say(data: Path) -> None:
    with (data / "votes" / "crema_d" / "SentenceFilenames.csv").open(encoding="utf-8", newline="") as file:
        names = [row["Filename"] for row in csv.DictReader(file)]
    assert len(names) == 7442
    for name in names:
        reading = read_name(name)
        actor, sentence, emotion, level = name.split("_")
        assert reading.error is None, reading
        assert (reading.corpus, reading.actor, reading.take) == ("cremad", actor, {"sentence": sentence})
        assert reading.intensity == {"LO": 1, "MD": 2, "HI": 3, "XX": None}[level]
        assert reading.intended[0].emotion[:3].upper() == emotion


@pytest.mark.parametrize("code", [emotion.code for emotion in shipped_scheme() if emotion.code != "neu"])
def test_every_code_of_sentimotion_is_read(code: str) -> None:
    reading = read_name(f"A1_{code}_v_4")
    (emotion,) = (emotion for emotion in shipped_scheme() if emotion.code == code)
    assert reading == NameReading(
        f"A1_{code}_v_4", "sentimotion", "A1", intended(emotion.id), intensity=4, mode="vocalization", error_file=False
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("A425_sex_p_", "says no intensity (1–4)"),
        ("A102_ang_2", "says no mode (p or v)"),
        ("A102_ang", "says no intensity (1–4); says no mode (p or v)"),
        ("A102_neu_p", "says no situation (sit1–sit4)"),
        ("A102_ang_p_5", "'5' is no part of a sentimotion name; says no intensity (1–4)"),
        ("A102_neu_p_sit5", "'sit5' is no part of a sentimotion name; says no situation (sit1–sit4)"),
        ("A102_ang_p_2_take3", "'take3' is no part of a sentimotion name"),
        ("A102_ang_p_2_3", "says its intensity 2 times"),
        ("A102_ang_p_v_3", "says its mode 2 times"),
        ("A102_ang_disg_p_2", "names several emotions (ang, disg) without saying mix"),
        ("A102_ang_p_2_7030", "has shares without saying mix"),
        ("A102_mix_ang_disg", "is a blend without its shares (3070, 5050, 7030)"),
        ("A102_mix_ang_7030", "is a blend of two emotions, and names ang"),
        ("A102_mix_ang_ang_7030", "is a blend of two emotions, and names ang, ang"),
        ("A102_mix_7030", "is a blend of two emotions, and names none"),
        ("A102_mix_ang_disg_6040", "'6040' is no part of a sentimotion name; is a blend without its shares (3070, 5050, 7030)"),
        ("01-01-09-01-01-01-01", "RAVDESS has no emotion 09"),
        ("04-03-08-03-03-03-25", "RAVDESS has no modality 04; RAVDESS has no channel 03; RAVDESS has no intensity 03; "
         "RAVDESS has no statement 03; RAVDESS has no repetition 03; RAVDESS has no actor 25"),
        ("1001_IEO_SUR_HI", "CREMA-D has no emotion SUR"),
        ("1001_XYZ_ANG_HI", "CREMA-D has no sentence XYZ"),
    ],
)  # fmt: skip
def test_what_a_name_lacks_or_contradicts_is_said(name: str, said: str) -> None:
    reading = read_name(name)
    assert reading.error == said
    assert reading.corpus is not None, "what could be read is still given"


def test_what_could_be_read_of_a_faulty_name_is_kept() -> None:
    reading = read_name("A425_sex_p_")
    assert (reading.actor, reading.intended, reading.mode, reading.intensity) == ("A425", intended("sexual_lust"), "prosody", None)
    assert read_name("A102_ang_disg_p_2").intended == (), "nobody picks one of two"
    assert read_name("A102_ang_p_2_3").intensity is None, "nobody picks one of two"
    assert read_name("04-01-05-01-01-01-25").intended == intended("anger")
    assert read_name("04-01-05-01-01-01-25").actor is None


@pytest.mark.parametrize("name", ["A404_mix_ang_disg_7030", "A404_mix_ang_disg_70_30", "A404_7030_mix_ang_disg", "A404_70_30_ang_mix_disg"])
def test_a_blend_names_its_emotions_in_the_order_of_the_file(name: str) -> None:
    assert read_name(name).intended == (Intended("anger", 0.7), Intended("disgust", 0.3))


@pytest.mark.parametrize("shares", ["3070", "5050", "7030", "30_70", "50_50", "70_30"])
def test_the_weights_of_a_blend_sum_to_one(shares: str) -> None:
    reading = read_name(f"A404_mix_pos_sur_neg_sur_{shares}_v")
    assert reading.error is None
    assert [each.emotion for each in reading.intended] == ["positive_surprise", "negative_surprise"]
    assert sum(each.weight or 0 for each in reading.intended) == pytest.approx(1)
    assert reading.intended[0].weight == int(shares[:2]) / 100
    assert reading.mode == "vocalization"


def test_the_order_of_parts_after_the_actor_is_free() -> None:
    expected = read_name("A327_neg_sur_v_2_ver1_e")
    assert expected.error is None
    for name in ("A327_v_2_neg_sur_ver1_e", "A327_ver1_e_2_v_neg_sur", "A327_2_neg_sur_e_v_ver1"):
        reading = read_name(name)
        assert (reading.intended, reading.intensity, reading.mode, reading.version, reading.error_file) == (
            expected.intended, 2, "vocalization", 1, True
        )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["A102_ang_p_2.mp4", "x/y.z/A102_ang_p_2.MP4", r"D:\clips\A102_ang_p_2.mov", "./A102_ang_p_2", "/A102_ang_p_2.webm"]
)
def test_folders_and_extension_are_put_aside_and_the_name_is_kept_as_given(name: str) -> None:
    reading = read_name(name)
    assert reading.actor == "A102" and reading.error is None
    assert reading.name == name


def test_an_extension_alone_is_a_name() -> None:
    assert stem_of(".mp4") == ".mp4"
    assert stem_of("a.b.mp4") == "a.b"


@pytest.mark.parametrize(
    "name", ["holiday.mp4", "", "A12_interview.mp4", "a102_ang_p_2", "A102_ANG_P_2", "talking_1.mp4", "01-01-08-02-01-01"]
)
def test_a_name_of_no_corpus_is_answered_with_examples_and_nothing_else(name: str) -> None:
    reading = read_name(name)
    assert reading == NameReading(name, error=reading.error)
    assert "fits no known corpus: cremad (1001_IEO_ANG_HI), " in str(reading.error)


def test_a_name_that_several_grammars_take_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(corpora._things, "twin", corpora.get("savee"))
    reading = read_name("DC_a01")
    assert reading == NameReading("DC_a01", error="'DC_a01' fits several corpora (savee, twin); name the one it is from")


def test_an_unknown_corpus_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        UnknownName, match=r"no corpus is called 'gemep'; there are: cremad, .*tess; auto takes the one that fits, and a path"
    ):
        read_name("x", "gemep")


@pytest.mark.parametrize("corpus", ["gemep", "none.toml"])
def test_an_unknown_corpus_is_noticed_before_the_first_name(corpus: str) -> None:
    for known in (AUTO, *corpora.names()):
        check_corpus(known)
    with pytest.raises(UnknownName, match=corpus):
        check_corpus(corpus)


def test_a_reading_is_json_with_the_names_of_the_contract() -> None:
    said = read_name("A404_mix_ang_disg_7030.mp4").as_json()
    assert json.loads(json.dumps(said)) == {
        "name": "A404_mix_ang_disg_7030.mp4",
        "corpus": "sentimotion",
        "actor": "A404",
        "intended": [{"emotion": "anger", "weight": 0.7}, {"emotion": "disgust", "weight": 0.3}],
        "intensity": None,
        "mode": None,
        "version": None,
        "situation": None,
        "error_file": False,
        "error": None,
    }


def test_a_set_says_that_it_is_one() -> None:
    said = read_name("01-01-08-02-01-01-19.mp4").as_json()
    assert said["ambiguous"] is True
    assert said["intended"] == [{"emotion": "positive_surprise", "weight": None}, {"emotion": "negative_surprise", "weight": None}]


def test_an_endless_name_is_answered_not_read() -> None:
    assert read_name("A102_ang_p_2" + "_2" * 200).error == f"the name has 412 characters; at most {LONGEST_STEM} are read"


@settings(max_examples=200, deadline=None)
@given(st.text() | st.lists(st.sampled_from(PARTS.split()), max_size=9).map("_".join), st.sampled_from([AUTO, *corpora.names()]))
@example("A١_ang_p_2", AUTO)
@example("٠١-01-08-02-01-01-19", "ravdess")
@example("A1_ang_p_²", "sentimotion")
@example("A1_ang_p_2\n", "sentimotion")
@example("\ud800\x00.mp4", AUTO)
def test_no_text_whatever_breaks_the_reading(name: str, corpus: str) -> None:
    reading = read_name(name, corpus)
    assert reading.name == name
    assert reading.error is not None or (reading.corpus is not None and reading.intended)
    assert reading.corpus is not None or reading == NameReading(name, error=reading.error)
    weights = [each.weight for each in reading.intended]
    assert reading.ambiguous or not weights or sum(weight or 0 for weight in weights) == pytest.approx(1)
    json.dumps(reading.as_json())
