"""An object larger than memory is stored, verified and sent in pieces."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import large_object

SIZE = 500_000_000
ALLOWANCE = 128 * 1024 * 1024
"""Beyond the process as it starts; the stacks of the web server's threads take most of it."""


def test_500_mb_are_stored_verified_and_sent_within_128_mib(tmp_path: Path) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.write(os.urandom(1 << 20))
        file.truncate(SIZE)
    command = [sys.executable, large_object.__file__, str(tmp_path / "data"), str(film)]
    paths = os.pathsep.join([str(Path.cwd()), str(Path(__file__).parent)])
    ran = subprocess.run(
        [*command, str(ALLOWANCE)],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    with film.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(7)
        part = hashlib.file_digest(file, "sha256").hexdigest()
    assert (found["stored"], found["downloaded"], found["part"]) == (whole, whole, part)
    assert found["limit_bites"]
    assert found["artifacts"] == 1
    assert not [code for code in found["codes"] if code.startswith("artifact.")]
