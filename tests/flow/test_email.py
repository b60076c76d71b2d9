"""
Mail: outages and recoveries by SMTP, against a scripted mail server.
"""

import pytest
from support.agent import endpoint
from support.certificates import Authority, context, self_signed
from support.smtp import DROP, HANG, SmtpServer
from support.wait import until

PASSWORD = "canary-mail-password"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def secure(authority):
    """What a mail server needs for TLS."""
    return context(authority.issue("mail"))


@pytest.fixture
def clear():
    with SmtpServer() as server:
        yield server


def reporter(server, host="127.0.0.1", **more):
    return {"name": "mail", "type": "email", "server": server.url(host),
            "from": "The Monitor <monitor@example.org>", "to": ["oncall@example.org"],
            "timeout": 20, "rate_limit": 100000, **more}


def config(target, **mail):
    return {"endpoints": [endpoint("shop", target.at())], "reporters": [mail]}


def in_clear(server, **more):
    return reporter(server, tls="none", **more)


def outage(target):
    target.set("/", status=500)


def recovery(target):
    target.set("/", status=200)


def test_an_outage_and_its_end(make, target, authority, secure):
    with SmtpServer(secure, login=("monitor", PASSWORD)) as server:
        agent = make(config(target, **reporter(
            server, host="localhost", ca_file=str(authority.pem), user="monitor",
            password="${MAIL_PASSWORD}", to=["a@example.org", "Bea <b@example.org>"])))
        agent.start(MAIL_PASSWORD=PASSWORD)
        outage(target)
        down = server.wait(1)[0]
        recovery(target)
        up = server.wait(2)[1]
        agent.stop()

    assert down.to == up.to == ["a@example.org", "b@example.org"]
    assert (down.sender, down.user, down.hello) == ("monitor@example.org", "monitor",
                                                    "example.org")
    assert down.secure and up.secure
    assert down["From"] == "The Monitor <monitor@example.org>"
    assert down["To"] == "a@example.org, b@example.org"
    assert down["Subject"] == "shop is unavailable"
    assert "Unexpected HTTP status (500)" in down.text
    assert up["Subject"] == "shop is operational"
    assert "it was down for" in up.text
    assert up["In-Reply-To"] == up["References"] == down["Message-ID"]
    assert up["Message-ID"] != down["Message-ID"]
    for mail in (down, up):
        assert mail["Date"].datetime.tzinfo is not None
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["MIME-Version"] == "1.0"
        assert not mail.message.defects
        assert all(line.endswith(b"\r\n") and len(line) <= 80
                   for line in mail.raw.splitlines(keepends=True))
    assert server.clear.split(b"\r\n") == [b"EHLO example.org", b"STARTTLS"] * 2 + [b""]
    assert PASSWORD.encode() not in agent.traces()


@pytest.mark.parametrize("mechanisms", ["LOGIN", "GSSAPI NTLM PLAIN"])
def test_the_login_that_a_server_has(make, target, clear, mechanisms):
    clear.login, clear.login_in_clear = ("me@example.org", PASSWORD), True
    clear.mechanisms = mechanisms
    make(config(target, **in_clear(clear, user="me@example.org", password=PASSWORD))).start()
    outage(target)
    assert clear.wait(1)[0].user == "me@example.org"


def test_no_login_that_is_known(make, target, clear):
    clear.login, clear.login_in_clear, clear.mechanisms = ("me", PASSWORD), True, "X-OWN"
    agent = make(config(target, **in_clear(clear, user="me", password=PASSWORD))).start()
    outage(target)
    agent.wait_log(r"the receiver refuses us.*(no way to log in|530 5.7.0 log in first)")
    assert not clear.mails


def test_tls_from_the_first_byte(make, target, secure):
    with SmtpServer(secure, implicit=True) as server:
        make(config(target, **reporter(server, insecure=True))).start()
        outage(target)
        assert server.wait(1)[0].secure
        assert server.clear == b""


def test_without_starttls_nothing_is_sent(make, target, clear):
    agent = make(config(target, **reporter(clear, user="me", password=PASSWORD))).start()
    outage(target)
    agent.wait_log(r"the receiver refuses us.*offers no STARTTLS")
    agent.stop()
    assert set(clear.clear.split(b"\r\n")) <= {b"EHLO example.org", b"QUIT", b""}


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_of_somebody_else(make, target, tmp_path, implicit):
    with SmtpServer(context(self_signed(tmp_path)), implicit=implicit) as server:
        agent = make(config(target, **reporter(server, user="me", password=PASSWORD))).start()
        outage(target)
        agent.wait_log(r"certificate is not accepted: it is self-signed")
        agent.stop()
        assert not server.secret and b"AUTH" not in server.clear


def test_a_wrong_password(make, target, authority, secure):
    with SmtpServer(secure, login=("me", "another")) as server:
        # A server may repeat what it heard.
        server.script("AUTH", f"535 5.7.8 {PASSWORD} is wrong", times=9)
        agent = make(config(target, **reporter(
            server, ca_file=str(authority.pem), user="me", password=PASSWORD))).start()
        outage(target)
        agent.wait_log(r"the receiver refuses us.*refused the login \(535")
        status = agent.command("status").stdout
        agent.stop()
        assert PASSWORD not in status
        assert PASSWORD.encode() not in agent.traces()
        assert not server.mails


def test_a_server_that_asks_for_patience(make, target, clear):
    clear.script("CONNECT", "421 4.7.0 too many connections")
    clear.script("RCPT", "450 4.2.0 greylisted")
    make(config(target, **in_clear(clear))).start()
    outage(target)
    clear.wait(1)
    assert clear.sessions == 3


def test_each_recipient_by_himself(make, target, clear):
    clear.script("RCPT", "550 5.1.1 no such user", "gone@")
    clear.script("RCPT", "450 4.2.0 greylisted", "grey@")
    agent = make(config(target, **in_clear(clear, to=[
        "a@example.org", "gone@example.org", "grey@example.org"]))).start()
    outage(target)
    first, second = clear.wait(2)
    assert first.to == ["a@example.org"]
    assert second.to == ["grey@example.org"]
    assert first["Message-ID"] == second["Message-ID"]
    agent.wait_told("email/mail")
    recovery(target)
    assert clear.wait(3)[2].to == ["a@example.org", "gone@example.org", "grey@example.org"]


def test_who_is_refused_for_good_is_said(make, target, clear):
    clear.script("RCPT", "550 5.1.1 no such user", "gone@")
    agent = make(config(target, **in_clear(clear, to=["a@example.org", "gone@example.org"])))
    agent.start()
    outage(target)
    agent.wait_log(r"told, but not to all.*gone@example.org.*550 5.1.1 no such user")
    assert clear.wait(1)[0].to == ["a@example.org"]


def test_when_the_last_answer_is_lost_it_comes_again(make, target, clear):
    clear.script("DOT", DROP)
    make(config(target, **in_clear(clear))).start()
    outage(target)
    clear.wait(1)
    first, second = clear.offered
    assert first["Message-ID"] == second["Message-ID"] == clear.mails[0]["Message-ID"]


@pytest.mark.parametrize("where", ["CONNECT", "EHLO", "DATA", "DOT"])
def test_a_server_that_hangs_holds_up_nothing_else(make, target, hook, clear, where):
    """libcurl itself waits for the answer to the last dot."""
    clear.script(where, HANG, times=9)
    agent = make({"endpoints": [endpoint("shop", target.at())], "reporters": [
        in_clear(clear, timeout="10m"), {"name": "hook", "type": "webhook", "url": hook.url,
                          "body": {"t": "{title}"}}]}).start()
    outage(target)
    until(lambda: clear.sessions > 0 and (where != "DOT" or clear.offered), "the mail")
    until(lambda: len(hook.taken) == 1, "the outage")
    recovery(target)
    until(lambda: len(hook.taken) == 2, "the recovery")
    assert not clear.mails
    agent.stop()  # and so it ends


def test_a_mail_has_its_time(make, target, clear):
    clear.script("DOT", HANG)
    agent = make(config(target, **in_clear(clear, timeout="3s"))).start()
    outage(target)
    agent.wait_log(r"did not answer: no complete answer within")
    clear.wait(1)


def test_goodbye_is_not_waited_for(make, target, clear):
    clear.script("QUIT", HANG, times=9)
    agent = make(config(target, **in_clear(clear, timeout="10m"))).start()
    outage(target)
    clear.wait(1)
    agent.wait_told("email/mail")
    recovery(target)
    clear.wait(2)
    until(lambda: clear.quits >= 1, "the goodbye")


def test_a_burst_is_one_mail(make, target, clear):
    names = [f"shop{i}" for i in range(12)]
    agent = make({"endpoints": [endpoint(name, target.at()) for name in names],
                  "reporters": [in_clear(clear, rate_limit=60)]}).start()
    outage(target)
    until(lambda: all(any(f"{name} is unavailable" in mail.text for mail in clear.mails)
                      for name in names), "all names", 60)
    agent.wait_told("email/mail")
    assert len(clear.mails) < len(names)
    ids = [mail["Message-ID"] for mail in clear.mails]
    assert len(set(ids)) == len(ids)
