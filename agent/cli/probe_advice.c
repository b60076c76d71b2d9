#include "agent/cli/probe_advice.h"

#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/base/template.h"
#include "agent/cli/probe_look.h"
#include "agent/cli/probe_waterfall.h"
#include "agent/http/url.h"

static const char *const advice[CAUSE_COUNT] = {
	[CAUSE_NAME_NOT_FOUND] =
		"is {host} spelled as it should be, and published? "
		"`dig {host}` shows what the name servers say",
	[CAUSE_NAME_LOOKUP] = "the name servers of {host} do not tell; "
			      "`dig +trace {host}` shows which of them fails",
	[CAUSE_REFUSED] =
		"{address} is there, but nothing takes connections on port "
		"{port}: is the service running, and does it listen on that "
		"address? A firewall can refuse as well",
	[CAUSE_UNREACHABLE] =
		"something on the way says that {address} cannot be reached; "
		"`traceroute {address}` shows where",
	[CAUSE_CONNECT_TIMEOUT] =
		"nothing comes back from {address} port {port}: a firewall "
		"that drops, a machine that is off, or one that is too busy "
		"to accept",
	[CAUSE_TLS] =
		"is port {port} meant for TLS? `openssl s_client -connect "
		"{host}:{port} -servername {host}` shows the handshake",
	[CAUSE_CERTIFICATE] =
		"`openssl s_client -connect {host}:{port} -servername {host} "
		"-showcerts` shows the certificates: dates, names, chain; "
		"--insecure (`insecure: true`) looks all the same",
	[CAUSE_CLOSED] =
		"it took the connection and hung up: the log of the server, a "
		"proxy without anything behind it, or http:// where https:// "
		"is spoken",
	[CAUSE_TIMEOUT] =
		"it is there, and too slow: load, locks, what it waits for "
		"itself; --timeout (`timeout:`) allows more",
	[CAUSE_BODY_TIMEOUT] =
		"the headers came and the body did not end: what produces it, "
		"or a proxy between; --timeout (`timeout:`) allows more",
	[CAUSE_PROTOCOL] =
		"does port {port} speak HTTP at all? `openssl s_client "
		"-connect {host}:{port}` shows whether it speaks TLS",
	[CAUSE_REDIRECT] =
		"it leads in a circle, or to what is neither http nor https; "
		"the hops are above",
	[CAUSE_BODY] =
		"the body ended too early, or is not coded as its headers "
		"say: a proxy, or a server that died in the midst of it",
	[CAUSE_HTTP_STATUS] =
		"what it said is below; its own log at that time knows more",
	[CAUSE_LATENCY] = "most of the time went into \"{phase}\": {why}",
	[CAUSE_REGEX] =
		"a pattern is tried at the start of the body and nowhere "
		"else: with .* in front it may stand anywhere",
	[CAUSE_NO_ROUTE] =
		"this machine has no way there: `ip route`, `ip -6 route`",
	[CAUSE_NO_DESCRIPTORS] =
		"this process may open no more files: `ulimit -n`",
	[CAUSE_NO_PORTS] =
		"all local ports are taken: `ss -s`, and the range in "
		"net.ipv4.ip_local_port_range",
	[CAUSE_RESOLVER] =
		"the name servers in /etc/resolv.conf answer nobody; says "
		"`dig {host}` the same?",
	[CAUSE_LAG] = "this machine is too busy to measure; look again",
};

static const char *const slow[CLI_PHASES] = {
	[CLI_PHASE_DNS] = "the name servers are slow, or one of them is away",
	[CLI_PHASE_CONNECT] = "the network, its length or its losses",
	[CLI_PHASE_TLS] = "the network, or a machine that is short of CPU",
	[CLI_PHASE_WAIT] = "the server thinks before it answers",
	[CLI_PHASE_TRANSFER] = "a large body, or a thin line",
};

struct blanks {
	const char *host, *address, *phase, *why;
	char port[8];
};

static const char *
blank_of(void *cookie, const char *key)
{
	const struct blanks *blanks = cookie;
	if (str_eq(key, "host"))
		return blanks->host;
	if (str_eq(key, "port"))
		return blanks->port;
	if (str_eq(key, "address"))
		return blanks->address;
	return str_eq(key, "phase") ? blanks->phase : blanks->why;
}

static void
find_longest(const struct cli_probe_hop *hop, struct blanks *blanks)
{
	struct cli_bar bars[CLI_PHASES];
	size_t longest = 0;
	cli_probe_phases(hop, bars);
	for (size_t i = 1; i < CLI_PHASES; i++)
		if (bars[i].length_us > bars[longest].length_us)
			longest = i;
	blanks->phase = bars[longest].label;
	blanks->why = slow[longest];
}

void
cli_probe_advice(struct buf *out, const struct cli_probe_seen *seen)
{
	const struct cli_probe_hop *hop = cli_probe_last(seen);
	const char *text = advice[seen->result.cause];
	struct url url;
	struct err err;
	if (!text || !hop || !url_parse(hop->url, seen->arena, &url, &err))
		return;
	struct blanks blanks = { .host = url.host, .address = hop->address };
	if (blanks.address[0] == '\0')
		blanks.address = url.host;
	snprintf(blanks.port, sizeof(blanks.port), "%u", url.port);
	find_longest(hop, &blanks);
	bool is_known = template_expand(text, blank_of, &blanks, out, &err);
	(void)is_known; /* the texts are ours */
}
