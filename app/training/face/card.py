"""The model card, written from the figures of a run so that it can say nothing else."""

from __future__ import annotations

from typing import Any

from app.training.face.figures import AT_ONCE
from app.training.face.fit import EARLY_SIDE


def card(facts: dict[str, Any]) -> str:
    """Markdown of the card for the `facts` that stand in the JSON beside the weights."""
    figures, data, recipe = facts["figures"], facts["data"], facts["recipe"]
    ours, theirs, held = figures["public_test"], figures.get("fer"), figures["held_out"]
    classes = facts["classes"]
    counts = ", ".join(f"{name} {count:,}" for name, count in data["counts"].items())
    recall = "\n".join(
        f"| {name} | {ours['recall'][name]:.3f} | {theirs['recall'][name]:.3f} |"
        if theirs
        else f"| {name} | {ours['recall'][name]:.3f} | not measured |"
        for name in classes
    )
    confusions = "\n".join(f"| **{name}** | {' | '.join(map(str, row))} |" for name, row in zip(classes, ours["confusion"], strict=True))
    mirror = " and its mirror image" if facts["mirrored"] else ""
    return f"""# portrayal_face: which expression a face shows

Version {facts["version"]}, file `{facts["file"]}`, sha256 `{facts["sha256"]}`. Written by
`python -m app.training.face --data ../shared/data/faces --out models/face`; every figure here stands in `portrayal_face.json` too.

## What it is
{facts["onlookers"]} small residual networks with channel attention ({facts["parameters"]:,} parameters in all) look at the same face in
grey, 48×48 pixels{mirror}; their logits are averaged, {facts["commonness"]:.1f} times the log-frequency of the classes in training is
added, and the sum divided by the temperature {facts["temperature"]:.3f}. Classes, in this order: {", ".join(classes)}
(label set `{facts["label_set"]}`). Brightness and contrast are taken out of every face.

## Data and licence
{data["name"]} (Goodfellow et al. 2013): {data["training_images"]:,} training images found by web search and labelled by few people each;
people agree with its labels on about two faces in three. {data["also_in_public_test"]} training images whose pixels are those of a public
test image were left out, {data["held_out"]:,} were held out (identical pictures always together), {data["learnt_from"]:,} learnt from:
{counts}.
The label is what someone saw in a photograph, not what the person felt. The collection was made for research; so are these weights:
research use only.

## Figures, on FER-2013's public test images ({ours["count"]:,}), which nothing was chosen on
{_table(figures)}

{_verdict(ours)}

| recall | portrayal_face | fer |
|---|---|---|
{recall}

Row: the label; column: most probable according to portrayal_face.

| | {" | ".join(classes)} |
|---|{"---|" * len(classes)}
{confusions}

fer is the network of the package `fer` on the same images in the same run; it learnt from FER-2013 too. Calibration error is over
{figures["bins"]} bins of confidence; before its temperature portrayal_face's is {figures["calibration_error_before"]:.3f}. Time is the
processor's for one face on one core, {AT_ONCE} given at once, on the machine of the run. On the {held["count"]:,} held-out training
images, by which the recipe was settled and the calibration found, accuracy is {held["accuracy"]:.3f} and mean recall
{held["mean_recall"]:.3f}.

## What it is not good for
Feelings (it knows what faces look like only); deciding anything about a person; blends and weak expressions, of which it names one, or
spreads its probability over several; children, profiles, covered faces and people whom web search shows rarely, on none of which it was
measured separately; faces much smaller than 48 pixels. A speaking face is not what it learnt from: speech moves the mouth as expressions
do. Which classes it confounds stands in the table. Its probabilities are calibrated for FER-2013's mixture of classes and will be too
sure elsewhere.

## How it was trained
{recipe["epochs"]} epochs of AdamW with one-cycle rate {recipe["rate"]}, batches of {recipe["batch"]}, the first
{recipe["early"]:.0%} of them at {EARLY_SIDE} pixels; faces mirrored, turned, scaled, shifted, relit, blurred and partly covered
(strength {recipe["strength"]:g}), in {recipe["blend"]:.0%} of batches laid over one another;
label smoothing {recipe["smoothing"]}; the loss adjusted for the classes' frequencies (Menon et al. 2021, τ = {recipe["balance"]:g}); the
weights kept are a moving average. A run is fixed by its seeds up to the rounding of the machine.
"""


AIMS = {"accuracy": 0.66, "mean_recall": 0.62}
"""What was asked of it on the public test, before it was trained."""


def _verdict(ours: dict[str, Any]) -> str:
    told = [f"{name.replace('_', ' ')} {aim:.2f}: {'met' if ours[name] >= aim else 'missed'}" for name, aim in AIMS.items()]
    return f"Aims set before training: {', '.join(told)}."


def _table(figures: dict[str, Any]) -> str:
    rows = [("portrayal_face", figures["public_test"]), *([("fer", figures["fer"])] if "fer" in figures else [])]
    head = "| | accuracy | mean recall (chance 0.143) | calibration error | ms a face |\n|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {name} | {of['accuracy']:.3f} | {of['mean_recall']:.3f} | {of['calibration_error']:.3f} | {of['milliseconds']:.2f} |"
        for name, of in rows
    )
