"""What tiendo keeps is for the user it runs as alone: new files, those that were there, and secrets of
its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workflow.cli.exposure import closed
from workflow.cli.running import open_store
from workflow.domain.errors import TiendoError, WrongSetting
from workflow.private_files import close_to_others, make_private_folder, open_to_others, secret_in
from workflow.settings import Settings


@pytest.fixture(autouse=True)
def _usual_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def _an_old_folder(folder: Path) -> Path:
    """A data folder as earlier versions made it, with a link to a file outside."""
    data, outside = folder / "data", folder / "outside"
    outside.write_text("of somebody else")
    outside.chmod(0o644)
    (data / "mail").mkdir(parents=True)
    for path in (data / "tiendo.db", data / "mail" / "a.eml"):
        path.write_text("x")
        path.chmod(0o644)
    (data / "link").symlink_to(outside)
    for path in (data, data / "mail"):
        path.chmod(0o755)
    return data


def test_a_folder_of_an_earlier_version_is_closed_with_all_in_it_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    data = _an_old_folder(tmp_path)
    assert len(open_to_others([data])) == 4
    assert close_to_others([data]) == []
    assert open_to_others([data]) == []
    assert [_mode(path) for path in (data, data / "mail")] == ["700", "700"]
    assert [_mode(path) for path in (data / "tiendo.db", data / "mail" / "a.eml")] == ["600", "600"]
    assert _mode(tmp_path / "outside") == "644"


def test_what_a_start_makes_is_closed_and_what_is_there_is_mended(tmp_path: Path) -> None:
    settings = Settings(data=_an_old_folder(tmp_path))
    (settings.data / "tiendo.db").unlink()
    store = open_store(settings)
    assert closed(settings) == ""
    (settings.data / "later").write_text("x")
    assert open_to_others([settings.data]) == []
    store.close()


def test_a_database_and_files_put_elsewhere_are_closed_too(tmp_path: Path) -> None:
    data, files, database = tmp_path / "data", tmp_path / "files", tmp_path / "other.db"
    data.mkdir()
    files.mkdir()
    database.write_text("x")
    settings = Settings(data=data, files_url=f"file://{files}", database_url=f"sqlite:///{database}")
    closed(settings)
    assert [_mode(path) for path in (data, files, database)] == ["700", "700", "600"]


def test_files_that_cannot_be_closed_are_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with somebody else's files, or a file system that keeps no modes."""
    data = _an_old_folder(tmp_path)
    monkeypatch.setattr(Path, "chmod", lambda self, mode: None)
    told = closed(Settings(data=data))
    assert "4 tệp" in told
    assert "tiendo doctor security" in told


@pytest.mark.parametrize("folder", ["/", "~", "~/.."])
def test_a_folder_of_the_machines_own_is_never_closed(folder: str) -> None:
    path = Path(os.path.normpath(Path(folder).expanduser()))
    before = path.stat().st_mode
    with pytest.raises(WrongSetting):
        make_private_folder(path)
    assert path.stat().st_mode == before


@pytest.mark.slow
def test_whatever_a_command_makes_is_for_its_user_alone(tmp_path: Path) -> None:
    """In a process of its own, under the mask most machines have."""
    data = tmp_path / "data"
    subprocess.run(
        [
            sys.executable,
            "-c",
            "from workflow.cli import main; main()",
            "organisation",
            "list",
            "--data",
            data,
        ],
        check=True,
        capture_output=True,
        umask=0o022,
    )
    assert (data / "tiendo.db").exists()
    assert open_to_others([data]) == []


def test_a_secret_is_made_once_by_whoever_asks_first_and_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    with ThreadPoolExecutor(8) as threads:
        told = set(threads.map(lambda _: secret_in(path), range(40)))
    assert len(told) == 1
    assert _mode(path) == "600"
    assert _mode(path.parent) == "700"
    assert [one.name for one in path.parent.iterdir()] == ["secret"]


def test_an_empty_secret_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(TiendoError) as told:
        secret_in(tmp_path / "secret")
    assert told.value.cure
