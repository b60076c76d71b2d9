"""
`/metrics`: what it says, whether Prometheus' own tool likes it, and whether a
real Prometheus takes it.
"""

import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import textwrap
import urllib.parse
import urllib.request

import pytest

from support.agent import ROOT, endpoint
from support.certificates import DAY, NOW, Authority, SecureServer, context
from support.ports import free_port
from support.wait import PATIENCE, until

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? '
                  r'(-?[0-9.]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def listening(**more):
    return {"server": {"listen": f"127.0.0.1:{free_port()}"}, **more}


def scrape(agent, path="/metrics"):
    status, text = agent.ask(path)
    assert status == 200, text
    return text


def read(text):
    """{(name, (label, value), ...): number}; each line is looked at."""
    found = {}
    family = None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            family = line.split()[2]
            continue
        match = LINE.fullmatch(line)
        assert match, f"not a sample: {line}"
        name, labels, number = match.groups()
        assert re.fullmatch(f"{family}(_bucket|_sum|_count)?", name), line
        key = (name, *LABEL.findall(labels or ""))
        assert key not in found, f"twice: {line}"
        found[key] = float(number)
    heads = re.findall(r"^# (\w+ \w+)", text, re.M)
    assert len(heads) == len(set(heads)), "a family has two heads"
    return found


def metrics(agent):
    return read(scrape(agent))


def of(metric, numbers, /, **labels):
    return numbers.get((metric, *labels.items()))


def wait_for(agent, metric, number, /, **labels):
    until(lambda: of(metric, metrics(agent), **labels) == number,
          lambda: scrape(agent))


def promtool(text):
    if not shutil.which("promtool"):
        pytest.skip("there is no promtool (Debian's package prometheus)")
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_endpoints(run, target):
    target.down("/bad")
    target.set("/odd", body="nothing of it")
    agent = run(listening(endpoints=[
        endpoint("good", target.at("/good?key=hidden")),
        endpoint("bad", target.at("/bad")),
        endpoint("odd", target.at("/odd"),
                 expectation=[{"type": "REGEX", "regex": ".*wanted.*"}]),
        endpoint("gone", "http://127.0.0.1:1/"),
        endpoint("later", target.at("/later"), frequency=10**6)]))
    for name in "good", "bad", "odd", "gone":
        wait_for(agent, "probe_success", name == "good", name=name)
    text = scrape(agent)
    now = read(text)
    for name, code, regex in (("good", 200, 0), ("bad", 500, 0),
                              ("odd", 200, 1), ("gone", 0, 0)):
        assert of("probe_http_status_code", now, name=name) == code
        assert of("probe_failed_due_to_regex", now, name=name) == regex
        assert of("probe_http_ssl", now, name=name) == 0
        whole = of("probe_duration_seconds", now, name=name)
        parts = [of("probe_http_duration_seconds", now, name=name, phase=p)
                 for p in ("resolve", "connect", "tls", "processing",
                           "transfer")]
        assert 0 <= sum(parts) <= whole + 1e-6
        assert of("curlew_endpoint_status", now, name=name) in (1, 3)
    assert of("curlew_endpoint_info", now, name="good",
              url=target.at("/good"), method="GET") == 1
    assert "hidden" not in text
    assert "probe_ssl_earliest_cert_expiry{" not in text
    promtool(text)


def test_an_endpoint_that_was_not_looked_at_has_no_result(run, target):
    target.set("/slow", fault="hang")
    agent = run(listening(endpoints=[
        endpoint("slow", target.at("/slow"), timeout=60)]))
    until(lambda: target.requests, "a probe")
    now = metrics(agent)
    assert of("curlew_endpoint_status", now, name="slow") == 0
    assert of("probe_success", now, name="slow") is None
    assert of("probe_duration_seconds", now, name="slow") is None
    assert of("curlew_probes_in_progress", now) == 1


def test_names_may_be_anything(run, target):
    names = ['a "quoted" name', "back\\slash", "two\nlines", "Gr\u00fc\u00dfe",
             '{name="x"} 1', " "]
    agent = run(listening(endpoints=[
        endpoint(name, target.at("/ok")) for name in names]))
    until(lambda: scrape(agent).count("\nprobe_success{") == len(names),
          lambda: scrape(agent))
    text = scrape(agent)
    found = [dict(key[1:])["name"] for key in read(text)
             if key[0] == "probe_success"]
    assert [json.loads(f'"{name}"') for name in found] == names
    promtool(text)


def test_when_certificates_end(run, tmp_path):
    """That of the authority in between ends before the server's own."""
    root = Authority(tmp_path)
    fine = root.issue("fine", ends=20 * DAY)
    over = root.issue("over", begins=-3 * DAY, ends=-2 * DAY)
    with SecureServer(context(fine)) as good, \
            SecureServer(context(over)) as bad:
        agent = run(listening(endpoints=[
            endpoint("good", good.url(), timeout=10),
            endpoint("refused", bad.url(), timeout=10),
            endpoint("careless", bad.url(), timeout=10, insecure=True)]),
            env={"REQUESTS_CA_BUNDLE": str(root.pem)})
        for name in "good", "refused", "careless":
            wait_for(agent, "probe_success", name != "refused", name=name)
        now = metrics(agent)
    for name, ends in ("good", 20), ("refused", -2), ("careless", -2):
        assert of("probe_http_ssl", now, name=name) == 1
        wanted = (NOW + ends * DAY).timestamp()
        found = of("probe_ssl_earliest_cert_expiry", now, name=name)
        assert abs(found - wanted) < 2, name
    phase = {"name": "good", "phase": "tls"}
    assert of("probe_http_duration_seconds", now, **phase) > 0


def test_agent(run, target, hook):
    target.down("/bad")
    agent = run(listening(
        endpoints=[endpoint("good", target.at("/good")),
                   endpoint("bad", target.at("/bad"))],
        reporters=[{"name": "hook", "type": "webhook", "url": hook.url,
                    "body": {"t": "{title}"}}]))
    wait_for(agent, "curlew_deliveries_total", 1,
             reporter="webhook/hook", outcome="told")
    until(lambda: metrics(agent)["curlew_probes_total",] >= 5, "probes")
    wait_for(agent, "curlew_endpoints", 1, status="operational")
    text = scrape(agent, "/metrics/agent")
    now = read(text)
    assert not re.search("^(probe_|curlew_endpoint_)", text, re.M)
    version = agent.command("--version").stdout.split()[1]
    assert f'curlew_build_info{{version="{version}",' in text
    assert of("curlew_ready", now) == 1
    assert of("curlew_blind", now) == 0
    assert of("curlew_state_trouble", now) == 0
    assert of("curlew_endpoints", now, status="partial_outage") == 1
    assert of("curlew_outbox_waiting", now, reporter="webhook/hook") == 0
    assert of("curlew_outbox_oldest_age_seconds", now,
              reporter="webhook/hook") == 0
    count = of("curlew_probe_lateness_seconds_count", now)
    assert count >= of("curlew_probes_total", now) >= 5
    assert of("curlew_probe_lateness_seconds_bucket", now, le="+Inf") == count
    for loop in "main", "workers":
        assert of("curlew_loop_turn_seconds_count", now, loop=loop) > 5
        assert of("curlew_loop_stalls_total", now, loop=loop) is not None
    assert of("process_resident_memory_bytes", now) > 1e6
    assert of("process_cpu_seconds_total", now) > 0
    assert 5 < of("process_open_fds", now) < of("process_max_fds", now)
    assert abs(of("process_start_time_seconds", now)
               - agent.path.stat().st_mtime) < 60
    promtool(text)


def test_what_waits_grows_old(run, target, hook):
    target.down("/bad")
    hook.fault(status=503)
    agent = run(listening(
        endpoints=[endpoint("bad", target.at("/bad"))],
        reporters=[{"name": "hook", "type": "webhook", "url": hook.url,
                    "body": {"t": "{title}"}}]))
    wait_for(agent, "curlew_outbox_waiting", 1, reporter="webhook/hook")
    until(lambda: of("curlew_deliveries_total", metrics(agent),
                     reporter="webhook/hook", outcome="retried") >= 1,
          lambda: scrape(agent))
    until(lambda: of("curlew_outbox_oldest_age_seconds", metrics(agent),
                     reporter="webhook/hook") > 0, lambda: scrape(agent))


def test_reloads(run, target):
    config = listening(endpoints=[endpoint("foo", target.at())])
    agent = run(config)
    now = metrics(agent)
    begin = of("curlew_config_last_reload_success_timestamp_seconds", now)
    assert begin == of("process_start_time_seconds", now)
    assert of("curlew_config_last_reload_successful", now) == 1

    # The listener's address is read back from the file.
    good = agent.path.read_text()
    agent.path.write_text(good + "resolver: nobody\n")
    agent.process.send_signal(signal.SIGHUP)
    wait_for(agent, "curlew_config_reloads_total", 1, outcome="failed")
    now = metrics(agent)
    assert of("curlew_config_last_reload_successful", now) == 0
    assert of("curlew_config_last_reload_success_timestamp_seconds",
              now) == begin

    agent.path.write_text(good)
    agent.process.send_signal(signal.SIGHUP)
    wait_for(agent, "curlew_config_reloads_total", 1, outcome="done")
    now = metrics(agent)
    assert of("curlew_config_last_reload_successful", now) == 1
    assert of("curlew_config_last_reload_success_timestamp_seconds",
              now) > begin


def get(agent, method="GET", path="/metrics", version="1.1"):
    """Head and body, as they came."""
    listen = re.search(r"listen: ([0-9.]+):(\d+)", agent.path.read_text())
    with socket.create_connection(listen.groups(), PATIENCE) as sock:
        sock.sendall(f"{method} {path} HTTP/{version}\r\nHost: x\r\n"
                     "Connection: close\r\n\r\n".encode())
        with sock.makefile("rb") as answer:
            head, _, body = answer.read().decode().partition("\r\n\r\n")
    return head, body


def test_as_http(run, target):
    agent = run(listening(endpoints=[endpoint("foo", target.at())]))
    for path in "/metrics", "/metrics/agent":
        for method in "GET", "HEAD":
            head, body = get(agent, method, path)
            assert re.match("HTTP/1.[01] 200 ", head)
            assert "Content-Type: text/plain; version=0.0.4; " \
                "charset=utf-8" in head
            assert bool(body) == (method == "GET")
        assert get(agent, "POST", path)[0].startswith("HTTP/1.1 405 ")
    head, body = get(agent, version="1.0")
    assert "chunked" not in head and body.endswith("\n")
    read(body)


def test_thousands_while_the_configuration_changes(run, target):
    """Longer than any buffer; some who ask hang up; others come and go."""
    def config(first, n):
        return {**server, "endpoints": [
            endpoint(f"endpoint {i}", target.at("/x"), frequency=10**6)
            for i in range(first, first + n)]}
    server = listening()
    agent = run(config(0, 3000))
    assert scrape(agent).count("\ncurlew_endpoint_status{") == 3000
    listen = re.search(r"listen: ([0-9.]+):(\d+)", agent.path.read_text())
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            sock = stack.enter_context(socket.create_connection(
                listen.groups(), PATIENCE))
            sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100).startswith(b"HTTP/1.1 200 ")
        agent.configure(config(2500, 1000))
        agent.process.send_signal(signal.SIGHUP)
        agent.wait_log("reloaded")
    text = scrape(agent)
    assert text.count("\ncurlew_endpoint_status{") == 1000
    read(text)


@contextlib.contextmanager
def prometheus(folder, text):
    """One of our own; what gives the address of its API."""
    for program in "prometheus", "promtool":
        if not shutil.which(program):
            pytest.skip(f"there is no {program} (Debian's package prometheus)")
    path = folder / "prometheus.yml"
    path.write_text(text)
    subprocess.run(["promtool", "check", "config", path], check=True,
                   capture_output=True)
    listen = f"127.0.0.1:{free_port()}"
    with open(folder / "prometheus.log", "wb") as log:
        # pylint: disable=consider-using-with
        process = subprocess.Popen(
            ["prometheus", f"--config.file={path}",
             f"--storage.tsdb.path={folder / 'prometheus'}",
             f"--web.listen-address={listen}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        yield f"http://{listen}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def recipe(listen):
    """What recipes.md says, for an agent that listens there."""
    text = (ROOT / "conf" / "recipes.md").read_text(encoding="utf-8")
    found = re.search(r"^    scrape_configs:\n(?:    .*\n)+", text, re.M)
    assert found and "127.0.0.1:9120" in found.group()
    return textwrap.dedent(found.group()).replace("127.0.0.1:9120", listen)


def ask(base, query):
    """What it answers: {label and value, ...: number}; {} until it can."""
    query = urllib.parse.urlencode({"query": query})
    try:
        with urllib.request.urlopen(f"{base}/api/v1/query?{query}",
                                    timeout=5) as answer:
            result = json.load(answer)["data"]["result"]
    except OSError:
        return {}
    return {one["metric"].get("name", ""): float(one["value"][1])
            for one in result}


def test_a_real_prometheus(run, target, tmp_path):
    target.down("/bad")
    agent = run(listening(endpoints=[
        endpoint("good", target.at("/good")),
        endpoint('b"ad\\', target.at("/bad"))]))
    listen = re.search(r"listen: (\S+)", agent.path.read_text()).group(1)
    with prometheus(tmp_path, "global: {scrape_interval: 250ms, "
                    f"scrape_timeout: 250ms}}\n{recipe(listen)}") as base:
        def log():
            return (tmp_path / "prometheus.log").read_text()
        until(lambda: ask(base, "up") == {"": 1}, log, timeout=60)
        until(lambda: ask(base, "probe_success") == {"good": 1, 'b"ad\\': 0},
              lambda: str(ask(base, "probe_success")) + log())
        # It forgets at once what it could not scrape in time.
        until(lambda: ask(base, 'probe_success{instance="good"}')
              == {"good": 1}, log)
        slow = until(lambda: ask(
            base, 'histogram_quantile(0.99, '
            'curlew_probe_lateness_seconds_bucket)'), log)
        assert slow[""] >= 0
        assert "level=error" not in log() and "level=warn" not in log()
