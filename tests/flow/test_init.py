"""`curlew init`: four questions, or options, and a small configuration."""

import os
import pty
import subprocess

import pytest
import yaml

from support.agent import binary
from support.documents import curlew
from support.wait import until


def init(*words, **more):
    """Without a terminal; standard input that never ends."""
    reader, writer = os.pipe()
    try:
        done = subprocess.run([str(binary()), "init", *map(str, words)], stdin=reader, text=True,
                              capture_output=True, timeout=60, check=False, **more)
    finally:
        os.close(reader)
        os.close(writer)
    return done


def talk(file, *answers, words=()):
    """(exit code, what was shown) with the answers typed at a terminal."""
    lead, follow = pty.openpty()
    with subprocess.Popen([str(binary()), "init", *words, str(file)], stdin=follow, stdout=follow,
                          stderr=follow, start_new_session=True) as agent:
        os.close(follow)
        os.write(lead, "".join(f"{answer}\n" for answer in answers).encode())
        shown = b""
        while True:
            try:
                piece = os.read(lead, 4096)
            except OSError:
                break
            shown += piece
            if not piece:
                break
        os.close(lead)
        return agent.wait(60), shown.decode()


def test_four_questions(tmp_path):
    file = tmp_path / "new.yml"
    code, shown = talk(file, "shop.test/health", "the shop", "1m", "https://hooks.slack.com/a/b")
    assert code == 0, shown
    assert shown.count("?") == 4 and "curlew run" in shown
    config = yaml.safe_load(file.read_text())
    assert config["endpoints"] == [{
        "name": "the shop", "url": "shop.test/health", "timeout": "10s", "allowed_fails": 1,
        "frequency": "1m", "expectation": [{"type": "HTTP_STATUS", "status_range": "200-300",
                                            "incident": "MAJOR"}]}]
    assert config["reporters"] == [
        {"name": "ops", "type": "slack", "url": "https://hooks.slack.com/a/b"}]
    assert file.read_text().startswith("# yaml-language-server: $schema=/")
    assert curlew("check", "--strict", file).returncode == 0


def test_enter_is_as_usual_and_a_slip_is_asked_again(tmp_path):
    file = tmp_path / "new.yml"
    code, shown = talk(file, "ftp://x", "", "http://[::1]:8080/", "", "never", "", "")
    assert code == 0, shown
    assert "the scheme ftp is not supported" in shown and "a URL is needed" in shown
    config = yaml.safe_load(file.read_text())
    assert config["endpoints"][0]["name"] == "::1"
    assert config["endpoints"][0]["frequency"] == "30s" and "reporters" not in config
    assert curlew("check", file).returncode == 0


def test_answers_that_end_or_stay_wrong(tmp_path):
    for answers in (["shop.test", "\x04"], ["", "", ""]):
        code, shown = talk(tmp_path / "new.yml", *answers)
        assert code == 1 and "so nothing is written" in shown
    assert os.listdir(tmp_path) == []


def test_only_what_is_missing_is_asked(tmp_path):
    code, shown = talk(tmp_path / "new.yml", "the shop",
                       words=("--url", "shop.test", "--frequency", "5", "--tell", ""))
    assert code == 0 and shown.count("?") == 1, shown


def test_without_a_terminal_nothing_hangs(tmp_path):
    done = init(tmp_path / "new.yml")
    assert done.returncode == 2
    assert "give --url, and --name, --frequency and --tell" in done.stderr
    done = init("--url", "shop.test", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path) == ["config.yml"]
    assert curlew("check", "--strict", tmp_path / "config.yml").returncode == 0
    assert "name: shop.test" in init("--url", "shop.test", "-").stdout


@pytest.mark.parametrize("words", [
    ("--url", "ftp://x"), ("--url", "x", "--frequency", "0"), ("--url", "x", "--tell", "ftp://y"),
    ("--url", ""), ("--url", "x", "--tell", "not-a-url"), ("--url", "x", "--tell", "https://"),
    ("--url", "x", "--tell", "https://a b/${UNSET}"), ("--url", "x", "--tell", "slack.test/a")])
def test_wrong_options(tmp_path, words):
    done = init(*words, tmp_path / "new.yml")
    assert done.returncode == 2 and "init: --" in done.stderr and os.listdir(tmp_path) == []


@pytest.mark.parametrize("tell, name, kind", [
    ("${SLACK_URL}", "SLACK_URL", "slack"), ("https://hook.test/${KEY_1}?a=${B}", "B", "webhook")])
def test_a_variable_that_is_not_set_yet(tmp_path, tell, name, kind):
    """Its own help says so; it is written as it is."""
    file = tmp_path / "new.yml"
    code = talk(file, "", words=("--url", "shop.test", "--frequency", "5", "--tell", tell))[0]
    assert code == 0
    file.unlink()
    env = {k: v for k, v in os.environ.items() if k not in ("SLACK_URL", "KEY_1", "B")}
    done = init("--url", "shop.test", "--tell", tell, file, env=env)
    assert done.returncode == 0, done.stderr
    assert f"it reads ${name}, which is not set here" in done.stderr
    assert yaml.safe_load(file.read_text())["reporters"] == [
        {"name": "ops", "type": kind, "url": tell}]
    values = {"SLACK_URL": "https://hooks.slack.com/a", "KEY_1": "k", "B": "b"}
    assert curlew("check", "--strict", file, **values).returncode == 0
    done = init("--url", "shop.test", "--tell", tell, "--force", file, env={**env, **values})
    assert done.returncode == 0 and "is not set" not in done.stderr


def test_a_file_that_is_there_stays(tmp_path):
    file = tmp_path / "config.yml"
    file.write_text("mine: 1\n")
    done = init("--url", "x", file)
    assert done.returncode == 1 and "is there already; --force" in done.stderr
    assert file.read_text() == "mine: 1\n" and os.listdir(tmp_path) == ["config.yml"]
    assert init("--url", "x", "--force", file).returncode == 0
    assert file.with_name("config.yml.bak").read_text() == "mine: 1\n"


def test_it_runs(make, target, hook, tmp_path):
    file = tmp_path / "made.yml"
    assert init("--url", target.url, "--frequency", "0.2", "--tell", hook.url,
                file).returncode == 0
    make(yaml.safe_load(file.read_text())).start()
    until(lambda: target.requests, "a probe")
