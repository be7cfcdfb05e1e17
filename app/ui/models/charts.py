"""What the models page draws with Plotly, in Streamlit's own colours for light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from app.evaluation.recall import Confusion, Recall
    from models.calibration.reliability import Reliability

CONFIG = {"displayModeBar": False}
BEFORE, AFTER = "#8a8f98", "#1a7f78"


def draw(figure: Figure, key: str) -> None:
    st.plotly_chart(figure, key=key, config=CONFIG, width="stretch")


def reliability_diagram(before: Reliability, after: Reliability | None = None) -> Figure:
    """How often the leading class was right, against how sure the model was; on the diagonal a model can be taken at its word.

    A point's size tells how many cases it stands for.
    """
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    figure.add_trace(
        Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": BEFORE, "dash": "dot", "width": 1}, hoverinfo="skip", showlegend=False)
    )
    for name, one, colour in (("as it comes", before, BEFORE), ("calibrated", after, AFTER)):
        if one is None:
            continue
        there = [(c, a, n) for c, a, n in zip(one.confidence, one.accuracy, one.counts, strict=True) if c is not None and a is not None]
        most = max(n for _, _, n in there)
        figure.add_trace(
            Scatter(
                x=[c for c, _, _ in there],
                y=[a for _, a, _ in there],
                customdata=[n for _, _, n in there],
                mode="lines+markers",
                name=f"{name}, error {one.ece:.3f}",
                line={"color": colour, "width": 1.5},
                marker={"color": colour, "size": [5 + 13 * (n / most) ** 0.5 for _, _, n in there]},
                hovertemplate="said %{x:.2f}, right %{y:.2f}, %{customdata} cases<extra></extra>",
            )
        )
    figure.update_xaxes(title="probability of the leading class", range=[0, 1.02], constrain="domain")
    figure.update_yaxes(title="share that was right", range=[0, 1.02], scaleanchor="x")
    figure.update_layout(height=400, margin={"l": 10, "r": 10, "t": 34, "b": 10}, legend={"orientation": "h", "y": 1.14})
    return figure


def recall_bars(models: Sequence[tuple[str, list[Recall]]], order: Sequence[str]) -> Figure:
    """Recall of each class or family, a bar a model, with its 95 % interval."""
    from plotly.graph_objects import Bar, Figure

    figure = Figure()
    for model, recalls in models:
        by_name = {recall.name: recall for recall in recalls}
        there = [by_name[name] for name in order if name in by_name]
        figure.add_trace(
            Bar(
                name=model,
                x=[recall.name for recall in there],
                y=[recall.share for recall in there],
                error_y={
                    "type": "data",
                    "array": [recall.high - recall.share for recall in there],
                    "arrayminus": [recall.share - recall.low for recall in there],
                    "thickness": 1,
                    "width": 3,
                },
                customdata=[[recall.found, recall.cases] for recall in there],
                hovertemplate="%{x}: %{customdata[0]} of %{customdata[1]}<extra>" + model + "</extra>",
            )
        )
    figure.update_yaxes(title="recall", range=[0, 1])
    figure.update_layout(height=320, margin={"l": 10, "r": 10, "t": 10, "b": 10}, barmode="group", legend={"orientation": "h", "y": 1.12})
    return figure


def confusion_map(confusion: Confusion) -> Figure:
    """Label by answer; the colour is the share of the label's cases, the number how many they are."""
    from plotly.graph_objects import Figure, Heatmap

    kept = [place for place in range(len(confusion.rows)) if confusion.counts[place].sum()]
    answered = [
        place
        for place in range(len(confusion.columns))
        if confusion.counts[:, place].sum() or confusion.columns[place] in {confusion.rows[k] for k in kept}
    ]
    counts = confusion.counts[kept][:, answered]
    shares = counts / counts.sum(1, keepdims=True)
    figure = Figure(
        Heatmap(
            z=shares,
            x=[confusion.columns[place] for place in answered],
            y=[confusion.rows[place] for place in kept],
            text=counts,
            texttemplate="%{text}",
            zmin=0,
            zmax=1,
            colorscale=[[0, "rgba(26,127,120,0.04)"], [1, "rgba(26,127,120,1)"]],
            colorbar={"title": "share", "thickness": 10},
            hovertemplate="labelled %{y}, called %{x}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", title="label")
    figure.update_xaxes(title="answer", side="bottom")
    figure.update_layout(height=120 + 34 * len(kept), margin={"l": 10, "r": 10, "t": 10, "b": 10})
    return figure
