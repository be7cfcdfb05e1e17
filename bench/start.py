"""`python -m bench.start`: from the command to the first page in Chromium, beside a Streamlit program that does nothing.

The nothing is what Streamlit and the browser take by themselves; the ratio is what is ours. Needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
NAME = "Your name as a rater"
NOTHING = f"import streamlit as st\nst.text_input({NAME!r})\n"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("this needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        nothing = Path(folder) / "nothing.py"
        nothing.write_text(NOTHING)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)

        def started(program: Path, health: str) -> tuple[float, float]:
            """Seconds until the server answers, and until the page asks for a name."""
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                url = f"http://127.0.0.1:{probe.getsockname()[1]}"
            command = [sys.executable, "-m", "streamlit", "run", str(program), "--server.port", url.rpartition(":")[2]]
            begun = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"PORTRAYAL_HOME": f"{folder}/home"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                while not _answers(url + health):
                    time.sleep(0.02)
                answered = time.perf_counter() - begun
                page = browser.new_page()
                page.goto(url)
                page.get_by_label(NAME).wait_for()
                shown = time.perf_counter() - begun
                page.close()
            finally:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            return answered, shown

        started(ROOT / "streamlit_app.py", "/healthz")  # makes the home folder and the compiled files
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(started(ROOT / "streamlit_app.py", "/healthz"))
            theirs.append(started(nothing, "/_stcore/health"))
        browser.close()
    print(f"median of {ROUNDS}, seconds    server answers   first page")
    for name, runs in (("Portrayal", ours), ("empty program", theirs)):
        print(f"{name:22}{median(run[0] for run in runs):15.2f}{median(run[1] for run in runs):13.2f}")
    ratios = [[mine[k] / other[k] for mine, other in zip(ours, theirs, strict=True)] for k in (0, 1)]
    print(f"{'ratio':22}{median(ratios[0]):15.2f}{median(ratios[1]):13.2f}")


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
