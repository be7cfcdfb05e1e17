"""Every service without a browser: `python -m app COMMAND`.

Exit status: 0 done, 1 something was rejected or failed (listed), 2 wrong usage.
"""

from __future__ import annotations

import typer

from app.cli import calibrate, care, corpus, exchange, models, predictions

program = typer.Typer(
    name="portrayal",
    help="Portrayal, a workbench for emotion corpora. Start the web app with `make run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (corpus, predictions, models, calibrate, exchange, care):
    group.add_to(program)
