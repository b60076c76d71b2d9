#include "agent/cli/probe_text.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "agent/cli/probe_advice.h"
#include "agent/cli/probe_look.h"
#include "agent/cli/probe_waterfall.h"
#include "agent/cli/terminal.h"

enum {
	EVIDENCE_LINES = 30,
	EVIDENCE_COLUMNS = 200,
	LABEL_SIZE = 16,
};

enum cli_probe_state
cli_probe_state_of(enum status status)
{
	static const enum cli_probe_state states[STATUS_COUNT] = {
		[STATUS_UNKNOWN] = CLI_PROBE_UNKNOWN,
		[STATUS_OPERATIONAL] = CLI_PROBE_OK,
		[STATUS_PERFORMANCE_ISSUES] = CLI_PROBE_WARNING,
		[STATUS_PARTIAL_OUTAGE] = CLI_PROBE_CRITICAL,
		[STATUS_MAJOR_OUTAGE] = CLI_PROBE_CRITICAL,
	};
	return states[status];
}

const char *
cli_probe_state_name(enum cli_probe_state state)
{
	static const char *const names[] = {
		[CLI_PROBE_OK] = "OK",
		[CLI_PROBE_WARNING] = "WARNING",
		[CLI_PROBE_CRITICAL] = "CRITICAL",
		[CLI_PROBE_UNKNOWN] = "UNKNOWN",
	};
	return names[state];
}

/* What talks to a terminal: U+0000 to U+001F, U+007F to U+009F. */
static size_t
control_length(const char *text)
{
	unsigned char c = (unsigned char)text[0];
	unsigned char next = c ? (unsigned char)text[1] : 0;
	if (c < 0x20 || c == 0x7f)
		return 1;
	return c == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

void
cli_probe_add_clean(struct buf *out, const char *text)
{
	size_t len = strlen(text);
	struct buf mended;
	buf_init(&mended, len * UTF8_MENDED_FACTOR + 1);
	utf8_mend(text, len, &mended);
	for (const char *at = mended.data; *at != '\0';) {
		size_t control = control_length(at);
		if (control > 0)
			buf_add_char(out, ' ');
		else if (*at == '|')
			buf_add_text(out, "\u00a6"); /* looks the same */
		else
			buf_add_char(out, *at);
		at += control > 0 ? control : 1;
	}
	buf_finish(&mended);
}

static const char *
colour_of(enum cli_probe_state state, const struct cli_probe_page *page)
{
	static const char *const colours[] = {
		[CLI_PROBE_OK] = CLI_GREEN,
		[CLI_PROBE_WARNING] = CLI_YELLOW,
		[CLI_PROBE_CRITICAL] = CLI_RED,
		[CLI_PROBE_UNKNOWN] = CLI_MAGENTA,
	};
	return page->has_colours ? colours[state] : "";
}

static const char *
plain(const struct cli_probe_page *page)
{
	return page->has_colours ? CLI_PLAIN : "";
}

static void
add_size(struct buf *out, const struct cli_probe_hop *hop)
{
	buf_printf(out, "%s%zu byte%s", hop->is_cut ? "more than " : "",
		hop->size, hop->size == 1 ? "" : "s");
}

/* "500 Internal Server Error" */
static void
add_code(struct buf *out, const struct cli_probe_hop *hop)
{
	buf_printf(out, "%d%s", hop->code, hop->reason[0] == '\0' ? "" : " ");
	cli_probe_add_clean(out, hop->reason);
}

/* The shortest time that is too long, for this state; 0 for none. */
static int64_t
limit_of(const struct cli_probe_seen *seen, enum cli_probe_state state)
{
	int64_t least = 0;
	const struct cli_probe_finding *at = seen->findings;
	for (; at; at = at->next) {
		int64_t limit_us = at->finding.limit_us;
		if (limit_us > 0 && limit_us < INT64_MAX
			&& cli_probe_state_of(at->finding.incident) == state
			&& (least == 0 || limit_us < least))
			least = limit_us;
	}
	return least;
}

static void
add_limit(struct buf *out, int64_t limit_us)
{
	buf_add_char(out, ';');
	if (limit_us > 0)
		buf_printf(out, "%.9g", (double)limit_us / 1e6);
}

/* time=0.050000s;WARNING;CRITICAL;LEAST */
static void
add_numbers(struct buf *out, const struct cli_probe_seen *seen)
{
	const struct cli_probe_hop *hop = cli_probe_last(seen);
	if (!hop || hop->code == 0)
		return;
	buf_printf(out, " | time=%.6fs", (double)seen->result.latency_us / 1e6);
	add_limit(out, limit_of(seen, CLI_PROBE_WARNING));
	add_limit(out, limit_of(seen, CLI_PROBE_CRITICAL));
	buf_printf(out, ";0 size=%zuB;;;0", hop->size);
}

static void
add_summary(struct buf *out, const struct cli_probe_asked *asked,
	const struct cli_probe_seen *seen, const struct cli_probe_page *page)
{
	const struct result *result = &seen->result;
	const struct cli_probe_hop *hop = cli_probe_last(seen);
	enum cli_probe_state state = cli_probe_state_of(result->status);
	buf_printf(out, "%s%s%s: ", colour_of(state, page),
		cli_probe_state_name(state), plain(page));
	cli_probe_add_clean(out, asked->name);
	buf_add_text(out, ": ");
	cli_probe_add_clean(out, result->message);
	if (state == CLI_PROBE_OK && hop) {
		add_code(out, hop);
		buf_printf(
			out, " in %.1f ms", (double)result->latency_us / 1e3);
	} else if (hop && hop->fail != HTTP_FAIL_NONE
		&& state != CLI_PROBE_UNKNOWN) {
		buf_add_text(out, " (");
		cli_probe_add_clean(out, hop->detail);
		buf_add_char(out, ')');
	}
	add_numbers(out, seen);
	buf_add_char(out, '\n');
}

static void
add_row(struct buf *out, const char *label)
{
	buf_printf(out, "  %-11s ", label);
}

static void
add_answer(struct buf *out, const struct cli_probe_hop *hop)
{
	if (hop->code == 0) {
		buf_add_text(out, "none: ");
		cli_probe_add_clean(out, hop->detail);
		return;
	}
	add_code(out, hop);
	buf_add_text(out, ", ");
	add_size(out, hop);
	if (hop->content_type[0] != '\0')
		buf_add_text(out, ", ");
	cli_probe_add_clean(out, hop->content_type);
	if (hop->fail != HTTP_FAIL_NONE) {
		buf_add_text(out, "; ");
		cli_probe_add_clean(out, hop->detail);
	}
}

/* Where the answers on the way led to. */
static void
add_hops(struct buf *out, const struct cli_probe_seen *seen)
{
	for (size_t i = 0; i + 1 < seen->n_hops; i++) {
		const struct cli_probe_hop *hop = &seen->hops[i];
		char label[LABEL_SIZE];
		snprintf(label, sizeof(label), "hop %zu", i + 1);
		add_row(out, label);
		add_code(out, hop);
		buf_printf(
			out, " from %s, to %s ", hop->address, hop[1].method);
		cli_probe_add_clean(out, hop[1].url);
		buf_add_char(out, '\n');
	}
}

static void
add_question(struct buf *out, const struct cli_probe_asked *asked,
	const struct cli_probe_seen *seen)
{
	const struct cli_probe_hop *last = cli_probe_last(seen);
	add_row(out, asked->is_endpoint ? "endpoint" : "URL");
	cli_probe_add_clean(out,
		seen->n_hops > 0 ? seen->hops[0].method : seen->target.method);
	buf_add_char(out, ' ');
	cli_probe_add_clean(out, seen->target.url);
	buf_add_char(out, '\n');
	if (!last)
		return;
	add_hops(out, seen);
	add_row(out, "address");
	buf_printf(out, "%s\n", last->address[0] ? last->address : "none");
	add_row(out, "answer");
	add_answer(out, last);
	buf_add_char(out, '\n');
}

static void
add_waterfall(struct buf *out, const struct cli_probe_seen *seen,
	const struct cli_probe_page *page)
{
	struct cli_bar bars[CLI_PROBE_HOPS_MAX + CLI_PHASES];
	char labels[CLI_PROBE_HOPS_MAX][LABEL_SIZE];
	if (seen->n_hops == 0)
		return;
	size_t n = 0;
	for (; n + 1 < seen->n_hops; n++) {
		snprintf(labels[n], LABEL_SIZE, "hop %zu", n + 1);
		bars[n] = (struct cli_bar){
			.label = labels[n],
			.length_us = seen->hops[n].timing.total_us,
		};
	}
	cli_probe_phases(&seen->hops[n], &bars[n]);
	struct cli_waterfall how = {
		.columns = page->columns,
		.has_bars = page->is_terminal,
		.has_colours = page->has_colours,
	};
	buf_add_char(out, '\n');
	cli_waterfall(out, bars, n + CLI_PHASES, &how);
}

static void
add_findings(struct buf *out, const struct cli_probe_seen *seen,
	const struct cli_probe_page *page)
{
	static const char *const words[] = {
		[PROBE_MET] = "passed",
		[PROBE_UNMET] = "failed",
		[PROBE_UNJUDGED] = "not judged",
	};
	const struct cli_probe_finding *at = seen->findings;
	if (at)
		buf_add_char(out, '\n');
	for (; at; at = at->next) {
		const struct probe_finding *finding = &at->finding;
		enum cli_probe_state state = CLI_PROBE_UNKNOWN;
		if (finding->outcome == PROBE_MET)
			state = CLI_PROBE_OK;
		else if (finding->outcome == PROBE_UNMET)
			state = cli_probe_state_of(finding->incident);
		add_row(out, finding->type);
		buf_printf(out, "%s%-10s%s  ", colour_of(state, page),
			words[finding->outcome], plain(page));
		cli_probe_add_clean(out, finding->wanted);
		if (finding->why[0] != '\0')
			buf_add_text(out, ": ");
		cli_probe_add_clean(out, finding->why);
		if (finding->outcome == PROBE_UNMET)
			buf_printf(out, "; means %s",
				status_words(finding->incident));
		buf_add_char(out, '\n');
	}
}

static void
add_meaning(struct buf *out, const struct cli_probe_seen *seen,
	const struct cli_probe_page *page)
{
	const struct result *result = &seen->result;
	char at[CLOCK_TEXT_SIZE];
	clock_text(result->at_ms, at);
	add_row(out, "status");
	buf_printf(out, "%s%s%s at %s\n",
		colour_of(cli_probe_state_of(result->status), page),
		status_words(result->status), plain(page), at);
	if (result->cause == CAUSE_NONE)
		return;
	add_row(out, "cause");
	buf_printf(out, "%s\n", cause_name(result->cause));
	add_row(out, "look at");
	struct buf advice;
	buf_init(&advice, 1024);
	cli_probe_advice(&advice, seen);
	cli_probe_add_clean(out, advice.data);
	buf_finish(&advice);
	buf_add_char(out, '\n');
}

/* Line by line, and not all of it. */
static void
add_evidence(struct buf *out, const char *text)
{
	buf_add_text(out, "  it said\n");
	for (int lines = 0; *text != '\0'; lines++) {
		char line[EVIDENCE_COLUMNS];
		size_t len = strcspn(text, "\n");
		if (lines == EVIDENCE_LINES) {
			buf_add_text(out, "    ... (--json has more of it)\n");
			return;
		}
		size_t kept = len < sizeof(line) - 1 ? len : sizeof(line) - 1;
		memcpy(line, text, kept);
		line[kept] = '\0';
		if (kept > 0 && line[kept - 1] == '\r')
			line[kept - 1] = '\0';
		buf_add_text(out, line[0] == '\0' ? "" : "    ");
		cli_probe_add_clean(out, line);
		buf_add_text(out, kept < len ? "...\n" : "\n");
		text += len + (text[len] == '\n');
	}
}

void
cli_probe_text(struct buf *out, const struct cli_probe_asked *asked,
	const struct cli_probe_seen *seen, const struct cli_probe_page *page)
{
	add_summary(out, asked, seen, page);
	buf_add_char(out, '\n');
	add_question(out, asked, seen);
	add_waterfall(out, seen, page);
	add_findings(out, seen, page);
	buf_add_char(out, '\n');
	add_meaning(out, seen, page);
	if (seen->result.evidence)
		add_evidence(out, seen->result.evidence);
}
