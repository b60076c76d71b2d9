"""
What the fakes do that no transcript shows: real servers did it as well, but
after other settings, or too many requests.
"""

import json

import pytest
from support.cachet import TOKEN, Cachet
from support.cachet_generations import GENERATIONS, Cachet3
from support.cachet_text import cleaned
from support.transcript import ask

# Sent -> stored, as 2.3 and 2.4 did it.
CLEANED = [
    ("100%25 done a%20b", "100% done a b"),
    ("a < b && c > d", "a < b> d"),
    ("<script>x</script>", "[removed]x[removed]"),
    ('eval(x) alert("y")', 'eval&#40;x&#41; alert&#40;"y"&#41;'),
    ("javascript:x", "[removed]x"),
    ("document.cookie", "[removed]"),
    ("<img src=x onerror=y>", "<img src=x xss=removed>"),
    ("<?php", "&lt;?php"),
    (" \ta\tb ", "a b"),
]
UNCHANGED = ["&lt;b&gt; &amp;", "'\"\\", "käse 🧀", "<timeout>",
             "https://h/?q=a+b&x=1#f"]


@pytest.mark.parametrize("sent, stored", CLEANED + [(t, t) for t in UNCHANGED])
def test_cleaner(sent, stored):
    assert cleaned(sent) == stored


def get(cachet, path, token=None):
    headers = {"Accept": "application/json"}
    if token:
        headers.update({"X-Cachet-Token": token,
                        "Authorization": f"Bearer {token}"})
    return ask(cachet.port, "GET", cachet.API + path, headers, None)


@pytest.mark.parametrize("kind, ping", [(Cachet, 200), (Cachet3, 401)])
def test_reads_need_a_token(kind, ping):
    """always_authenticate, api_protected"""
    with kind() as cachet:
        cachet.locked = True
        assert get(cachet, "/ping")[0] == ping
        assert get(cachet, "/components")[0] == 401
        assert get(cachet, "/components", "wrong")[0] == 401
        assert get(cachet, "/components", TOKEN)[0] == 200


def test_api_is_switched_off():
    with Cachet3() as cachet:
        cachet.enabled = False
        status, _, text = get(cachet, "/ping", TOKEN)
        assert (status, json.loads(text)) == (404, {"message": ""})


def test_rate_limit():
    """Reads and writes apart, in windows from the first request on."""
    now = [1795211405.0]
    with Cachet3() as cachet:
        cachet.clock = lambda: now[0]
        cachet.limit = 3
        for left in (2, 1, 0):
            status, headers, _ = get(cachet, "/ping")
            assert (status, headers["x-ratelimit-remaining"]) == (200,
                                                                  str(left))
        now[0] += 27
        status, headers, text = get(cachet, "/ping", TOKEN)
        assert status == 429 and headers["retry-after"] == "33"
        assert headers["x-ratelimit-reset"] == "1795211465"
        assert json.loads(text) == {"message": "Too Many Attempts."}
        put = ask(cachet.port, "PUT", "/api/components/1", {
            "Authorization": f"Bearer {TOKEN}", "Accept": "application/json",
            "Content-Type": "application/json"}, b'{"status": 2}')
        assert put[0] == 200 and cachet.status() == 2
        now[0] += 33
        assert get(cachet, "/ping")[0] == 200


@pytest.mark.parametrize("kind", GENERATIONS.values(), ids=GENERATIONS)
def test_three_pages(kind):
    """All of them, each once, by the number of the page alone."""
    with kind(components=range(1, 6)) as cachet:
        found = []
        for page in (1, 2, 3):
            order = "sort=id" if kind.API == "/api" else "sort=id&order=asc"
            _, _, text = get(cachet, f"/components?per_page=2&page={page}&"
                             + order, TOKEN)
            value = json.loads(text)
            found += [int(c["id"]) for c in value["data"]]
            following = value["links"].get("next") if "links" in value else \
                value["meta"]["pagination"]["links"]["next_page"]
            assert bool(following) == (page < 3)
        assert found == [1, 2, 3, 4, 5]
