from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-6)
from app.corpora import read_name
start, readings = threading.Barrier(8), []
def read():
    start.wait()
    readings.append(read_name("YAF_back_ps").corpus)
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*readings)
"""


def test_threads_that_read_the_first_names_at_once_all_have_every_grammar() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert said.stdout.split() == ["tess"] * 8, said.stderr
