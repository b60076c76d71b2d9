#include "agent/cli/probe_waterfall.h"

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/cli/probe_look.h"
#include "agent/cli/terminal.h"

enum {
	LABEL_WIDTH = 10,
	TEXT_WIDTH = 2 + LABEL_WIDTH + 2 + 10 + 3
		+ 2, /* "  first byte     123.4 ms  " */
	BARS_LEAST = 20,
	BARS_MOST = 60,
};

/* Which phase it was that did not end. */
static enum cli_phase
broken_phase(const struct cli_probe_hop *hop)
{
	bool is_tls = str_starts(hop->url, "https:");
	switch (hop->fail) {
	case HTTP_FAIL_URL:
	case HTTP_FAIL_NAME_NOT_FOUND:
	case HTTP_FAIL_NAME_LOOKUP:
	case HTTP_FAIL_RESOLVER:
		return CLI_PHASE_DNS;
	case HTTP_FAIL_TLS:
	case HTTP_FAIL_CERTIFICATE:
		return CLI_PHASE_TLS;
	case HTTP_FAIL_CLOSED:
	case HTTP_FAIL_TIMEOUT:
		return is_tls && !hop->is_sent ? CLI_PHASE_TLS : CLI_PHASE_WAIT;
	case HTTP_FAIL_PROTOCOL:
		return CLI_PHASE_WAIT;
	case HTTP_FAIL_BODY_TIMEOUT:
	case HTTP_FAIL_BODY:
	case HTTP_FAIL_TOO_LARGE:
	case HTTP_FAIL_NONE:
		return CLI_PHASE_TRANSFER;
	case HTTP_FAIL_NO_ROUTE:
	case HTTP_FAIL_NO_DESCRIPTORS:
		return hop->address[0] == '\0' ? CLI_PHASE_DNS
					       : CLI_PHASE_CONNECT;
	case HTTP_FAIL_REFUSED:
	case HTTP_FAIL_UNREACHABLE:
	case HTTP_FAIL_CONNECT_TIMEOUT:
	case HTTP_FAIL_NO_PORTS:
		break;
	}
	return CLI_PHASE_CONNECT;
}

void
cli_probe_phases(
	const struct cli_probe_hop *hop, struct cli_bar bars[CLI_PHASES])
{
	const struct http_timing *timing = &hop->timing;
	bars[CLI_PHASE_DNS] = (struct cli_bar){ "DNS", timing->dns_us, false };
	bars[CLI_PHASE_CONNECT] =
		(struct cli_bar){ "connect", timing->connect_us, false };
	bars[CLI_PHASE_TLS] = (struct cli_bar){ "TLS", timing->tls_us, false };
	bars[CLI_PHASE_WAIT] =
		(struct cli_bar){ "first byte", timing->wait_us, false };
	bars[CLI_PHASE_TRANSFER] = (struct cli_bar){ "transfer", 0, false };

	int64_t known_us = timing->dns_us + timing->connect_us + timing->tls_us
		+ timing->wait_us;
	struct cli_bar *last = &bars[broken_phase(hop)];
	if (timing->total_us > known_us)
		last->length_us += timing->total_us - known_us;
	last->is_broken = hop->fail != HTTP_FAIL_NONE;
}

static void
add_many(struct buf *out, char c, int64_t n)
{
	while (n-- > 0)
		buf_add_char(out, c);
}

/* Columns: of what takes three bytes or more all that our texts have, Hangul
 * and Han, is twice as wide. */
static int
width_of(const char *text)
{
	int width = 0;
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		width += c >= 0xe0 ? 2 : (c & 0xc0) != 0x80;
	}
	return width;
}

static void
add_length(struct buf *out, const struct cli_bar *bar)
{
	buf_printf(out, "  %s", bar->label);
	add_many(out, ' ', LABEL_WIDTH - width_of(bar->label));
	if (bar->length_us > 0 || bar->is_broken)
		buf_printf(out, "  %10.1f ms", (double)bar->length_us / 1e3);
	else
		buf_printf(out, "  %10s   ", "-");
}

/* At least one column, so that a short phase is seen. */
static void
add_bar(struct buf *out, const struct cli_bar *bar, int64_t from_us,
	int64_t total_us, int64_t width)
{
	int64_t from = from_us * width / total_us;
	int64_t to = (from_us + bar->length_us) * width / total_us;
	if (from >= width)
		from = width - 1;
	if (to <= from)
		to = from + 1;
	add_many(out, ' ', from + 2);
	add_many(out, bar->is_broken ? 'x' : '=', to - from);
}

/* Nothing is left at the end of a line. */
static void
trim(struct buf *out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

static int
bars_width(const struct cli_waterfall *how)
{
	int width = how->columns - TEXT_WIDTH;
	if (!how->has_bars || width < BARS_LEAST)
		return 0;
	return width < BARS_MOST ? width : BARS_MOST;
}

void
cli_waterfall(struct buf *out, const struct cli_bar *bars, size_t n,
	const struct cli_waterfall *how)
{
	const char *total = how->total ? how->total : "total";
	struct cli_bar all = { total, 0, false };
	for (size_t i = 0; i < n; i++)
		all.length_us += bars[i].length_us;
	int width = all.length_us > 0 ? bars_width(how) : 0;

	int64_t from_us = 0;
	for (size_t i = 0; i < n; i++) {
		const char *colour = bars[i].is_broken ? CLI_RED : CLI_CYAN;
		add_length(out, &bars[i]);
		if (width > 0 && bars[i].length_us > 0) {
			if (how->has_colours)
				buf_add_text(out, colour);
			add_bar(out, &bars[i], from_us, all.length_us, width);
			if (how->has_colours)
				buf_add_text(out, CLI_PLAIN);
		} else if (bars[i].is_broken) {
			buf_add_text(out, "  failed");
		}
		trim(out);
		buf_add_char(out, '\n');
		from_us += bars[i].length_us;
	}
	add_length(out, &all);
	trim(out);
	buf_add_char(out, '\n');
}
