"""The model card, written from the figures of a run so that it can say nothing else."""

from __future__ import annotations

from typing import Any


def card(facts: dict[str, Any]) -> str:
    """Markdown of the card for the `facts` that stand in the JSON beside the weights."""
    figures, data, recipe = facts["figures"], facts["data"], facts["recipe"]
    clip, window, spread = figures["clip"], figures["window"], figures["folds"]
    rows = "\n".join(
        f"| {', '.join(map(str, fold['actors']))} | {fold['clips']} | {fold['mean_recall']:.3f} | {fold['accuracy']:.3f} | "
        f"{fold['calibration_error']:.3f} | {fold['temperature']:.2f} | {fold['sharpness']:.2f} |"
        for fold in spread
    )
    classes = facts["classes"]
    confusions = "\n".join(
        f"| **{name}** | {' | '.join(map(str, counts))} | {clip['recall'][name]:.2f} |"
        for name, counts in zip(classes, clip["confusion"], strict=True)
    )
    return f"""# portrayal_voice: which emotion a voice portrays

Version {facts["version"]}, file `{facts["file"]}`, sha256 `{facts["sha256"]}`. Written by `python -m app.training.voice`; every figure
here stands in `portrayal_voice.json` too.

## What it is
{len(spread)} small convolutional networks with attentive pooling ({facts["parameters"]:,} parameters in all) hear the same window
of sound as a log-mel spectrogram (64 bands, 60–7,600 Hz, a frame every 15.625 ms); their logits are averaged and divided by the
temperature {facts["temperature"]:.3f}. Classes, in this order: {", ".join(classes)} (label set `{facts["label_set"]}`). Loudness is taken
out of every window, so the distance to the microphone does not count; neither, then, does speaking up or softly, except as it
colours the voice.

## Data and licence
{data["name"]} (Livingstone & Russo 2018): {data["clips"]} clips of {data["actors"]} professional actors (North American English, two
sentences, studio sound), {data["duplicates"]} byte-identical duplicate left out. The label is the emotion the actor was asked to portray,
not what anyone felt or heard. The data are {data["licence"]}; so are these weights: not for commercial use.

## Figures, all on actors unheard in training
{len(spread)} folds by actor, women and men in equal numbers. **They describe the networks of the folds, {recipe["ears"]} of
each averaged, which had never heard the fold's actors. The shipped network is the average of one network of every fold: between
them they have heard all {data["actors"]} actors, so nobody is left to test it on.** A clip's
answer is pooled from its 1.5 s windows (every 0.25 s) that are at least half speech, weighted by their share of speech: the geometric
mean to the power {facts["sharpness"]:.3f} (`pool` in `windows.py`), the product's own path. Temperature and sharpness of a fold come from
the other folds' held-out clips, never its own; the shipped ones from all of them. The recipe was settled by looking at three of the
folds, which flatters the figures a little.

| | mean recall (chance {1 / len(classes):.3f}) | accuracy | calibration error ({figures["bins"]} bins) |
|---|---|---|---|
| clips ({clip["count"]}) | **{clip["mean_recall"]:.3f}** | {clip["accuracy"]:.3f} | **{clip["calibration_error"]:.3f}** |
| single 1.5 s windows ({window["count"]:,}) | {window["mean_recall"]:.3f} | {window["accuracy"]:.3f} | {window["calibration_error"]:.3f} |

Over the folds mean recall is {figures["mean_recall_of_folds"]:.3f} on average, standard deviation {figures["deviation_of_folds"]:.3f};
over single actors it runs from {figures["worst_actor"]:.3f} to {figures["best_actor"]:.3f}. Expect that spread on a voice of your own.
The calibration error of four actors alone runs from {min(fold["calibration_error"] for fold in spread):.3f} to
{max(fold["calibration_error"] for fold in spread):.3f} (part of that is the smaller count): for one person
probabilities may be off by as much.

| actors held out | clips | mean recall | accuracy | calibration error | temperature | sharpness |
|---|---|---|---|---|---|---|
{rows}

Row: portrayed; column: most probable; last column: recall.

| | {" | ".join(classes)} | recall |
|---|{"---|" * len(classes)}---|
{confusions}

## What it is not good for
Feelings (it knows portrayals only); everyday, telephone or far-off speech, song, children, other languages and accents, and
overlapping voices, on none of which it was measured; deciding anything about a person. It always gives one of its classes: laughter
or a cough gets one too. Its probabilities are calibrated for RAVDESS's mixture of classes and its studio sound, and will be too sure
elsewhere.

## How it was trained
{recipe["epochs"]} epochs of AdamW with one-cycle rate {recipe["rate"]}, batches of {recipe["batch"]} crops of {recipe["shortest"]} to
{recipe["longest"]} frames around the speech that Silero VAD finds; every class drawn equally often; tape speeds
{", ".join(map(str, data["speeds"]))}; foreign
responses and noise on {recipe["noise"]:.0%} of crops, masking, label smoothing {recipe["smoothing"]}; the
weights kept are a moving average. A run is fixed by its seeds up to the rounding of the machine.
"""
