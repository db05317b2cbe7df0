"""The embedded PostgreSQL survives what machines and people do to it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from cms import database, embedded, postgres
from cms.embedded import BASE_DIR, DatabaseUnavailable, EmbeddedServer
from cms.env import environment_with


@pytest.fixture
def server(monkeypatch, worker_id):
    """A cluster of this test worker's own, made once and kept for the next run."""
    server = EmbeddedServer(f"test-server-{worker_id}", durable=False)
    yield server
    server.stop()


def process_id(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def wait_until_gone(process: int) -> None:
    for _attempt in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"{process} still runs")


def test_it_runs_while_in_use_and_keeps_its_data(server):
    with server.in_use() as url, psycopg.connect(url) as connection:
        assert server.is_running()
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
    assert not server.is_running()
    with server.in_use() as url, psycopg.connect(url) as connection:
        connection.execute("DROP TABLE kept")
    assert server.url is None


def test_it_knows_danish_letters_for_the_search_by_trigrams(server):
    with server.in_use() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        row = connection.execute("SELECT show_trgm('Ærø'), upper('æøå')").fetchone()
    assert len(row[0]) == 4
    assert row[1] == "ÆØÅ"


def test_who_leaves_last_stops_it(server):
    with server.in_use():
        with server.in_use():
            pass
        assert server.is_running()
    assert not server.is_running()


def test_it_starts_after_its_process_was_killed(server):
    server.start()
    os.kill(process_id(server), signal.SIGKILL)
    with server.in_use() as url:
        psycopg.connect(url).close()


def test_it_starts_though_the_noted_number_is_another_process_now(server):
    server.start()
    server.stop()
    note = server.data / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{server.data}\n0\n1\n\n127.0.0.1\n\nready\n")
    assert not server.is_running()
    with server.in_use() as url:
        psycopg.connect(url).close()


def test_a_server_that_a_killed_process_left_is_taken_over(server):
    server.start()
    left = process_id(server)
    with server.in_use():
        assert process_id(server) == left
    wait_until_gone(left)


def test_data_of_another_major_version_is_left_alone(server):
    server.start()
    server.stop()
    version = server.data / "PG_VERSION"
    kept = version.read_text()
    version.write_text("17\n")
    try:
        with pytest.raises(DatabaseUnavailable, match="PostgreSQL 17"):
            server.start()
    finally:
        version.write_text(kept)


def test_a_directory_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "var").write_text("a file where a directory should be")
    monkeypatch.setattr(embedded, "BASE_DIR", tmp_path)
    monkeypatch.setattr(embedded.postgres, "reachable_by_others", lambda path: True)
    with pytest.raises(DatabaseUnavailable, match="can't be written"):
        EmbeddedServer().start()


@pytest.mark.skipif(not postgres.is_root(), reason="only root starts it as somebody else")
def test_from_a_private_home_root_runs_a_copy_of_the_programs(monkeypatch, tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(embedded, "BASE_DIR", private)
    server = EmbeddedServer("test-private", durable=False)
    assert server.home.is_relative_to("/var/tmp")
    monkeypatch.setattr(postgres, "reachable_by_others", lambda path: "/var/tmp" in str(path))
    try:
        with server.in_use() as url:
            psycopg.connect(url).close()
        assert (server.home / "wheel").exists()
    finally:
        subprocess.run(["rm", "-rf", str(server.home)], check=True)


def run_beside(name: str, *command: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cms.database", "run", name, "--", *command],
        cwd=BASE_DIR,
        env=environment_with(**{"DATABASE_URL": "", **environment}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_command_finds_the_server_and_its_exit_code_is_handed_on(server):
    process = run_beside(server.name, "sh", "-c", "echo $DATABASE_URL; exit 3")
    out, _err = process.communicate(timeout=60)
    assert out.startswith("postgres://")
    assert process.returncode == 3
    assert not server.is_running()


def test_sigterm_ends_the_command_and_the_server(server):
    process = run_beside(server.name, "sleep", "60")
    for _attempt in range(100):
        if server.is_running():
            break
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    assert not server.is_running()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:secret-word@localhost/site",
        "postgres://user:secret-word@127.0.0.1:1/site",
        "postgres://user:secret@word:port/site",
    ],
)
def test_a_useless_address_is_one_line_without_the_password(url):
    process = run_beside("test-none", "true", DATABASE_URL=url)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(err.strip().splitlines()) == 1
    assert "secret" not in err


def test_without_a_server_settings_can_be_read_all_the_same(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(database.EmbeddedServer, "url", None)
    assert database.configuration()["PORT"] == 1


def test_the_programs_are_the_wheels():
    assert Path(postgres.WHEEL_PATH / postgres.PROGRAMS / "pg_ctl").exists()
