"""
The fakes that the agent is tested with answer as real Cachets did.
"""

import calendar

import pytest
from support import transcript
from support.cachet import TOKEN
from support.cachet_generations import Cachet, Cachet3, Cachet23, Cachet32024

FAKES = {"2.3": Cachet23, "2.4": Cachet, "3.x": Cachet3,
         "3.x-2024": Cachet32024}
# What was sent instead of the good token.
TOKENS = {"wrong token": "wrong", "GET with wrong token": "wrong",
          "GET wrong token": "wrong", "token w/o ability": "unable"}
# Every exchange is replayed.  Only what milliseconds become, when they are taken
# for seconds, is some nonsense time there and another one here.
NONSENSE = {"ms ts", "points list"}
# That many requests had been counted before the first of these.
COUNTED = {Cachet32024: {"all": 4}}


def authorization(kind):
    if issubclass(kind, Cachet3):
        return lambda token: {"Authorization": f"Bearer {token}"}
    return lambda token: {"X-Cachet-Token": token}


def seconds_of(stamp):
    return calendar.timegm(transcript.time_of(stamp).timetuple())


@pytest.mark.parametrize("name", FAKES)
def test_transcript(name):
    kind = FAKES[name]
    with kind(components=(), first_incident=1) as cachet:
        wrong = list(replay(cachet, transcript.read(name)))
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


def replay(cachet, exchanges):
    if isinstance(cachet, Cachet3):
        cachet.abilities = {"unable": []}
    present = next(e.present for e in exchanges if e.present)
    cachet.clock = lambda: seconds_of(present)
    for name, count in COUNTED.get(type(cachet), {}).items():
        cachet.buckets[name] = [cachet.clock(), count]
    for exchange in exchanges:
        present = max(present, exchange.present)
        token = TOKENS.get(exchange.name, TOKEN)
        answer = transcript.ask(
            cachet.port, *exchange.sent(token, authorization(type(cachet))))
        now = transcript.time_of(present)
        for sentence in transcript.compare(exchange, *answer, now):
            if exchange.name in NONSENSE and "'2007-12-" in sentence:
                continue
            yield (f"{exchange.name}: {exchange.method} {exchange.target}: "
                   f"{sentence}")
