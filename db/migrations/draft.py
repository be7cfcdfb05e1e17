"""Drafts the next migration from the difference between `db.tables` and what the migrations make.

python -m db.migrations.draft 0003 "add seats"       # read and mend it before committing
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from db import migrate
from db.engine import open_engine


def draft(revision: str, message: str) -> Path:
    """Writes `versions/<revision>_<message>.py` and returns its path; wants `ruff format` afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/draft.sqlite")
        if list((migrate.MIGRATIONS / "versions").glob("[0-9]*.py")):
            migrate.upgrade(engine)
        with engine.connect() as connection:
            config = migrate.configuration(connection)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            script = command.revision(config, message, autogenerate=True, rev_id=revision)
        engine.dispose()
    assert script is not None and not isinstance(script, list)
    path = Path(script.path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")))
    return path


def main(arguments: list[str]) -> None:
    if len(arguments) == 2:
        print(draft(*arguments))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
