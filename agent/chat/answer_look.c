#include "agent/chat/answer_internal.h"

#include <stdio.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/cli/probe_waterfall.h"
#include "agent/model/cause.h"
#include "reporters/words_texts.h"

enum {
	MESSAGE_MAX = 200, /* in a list */
	MESSAGE_ALONE_MAX = 1000,
	PAGE_MAX = 8192,
	COLUMNS = 64, /* of a waterfall; telephones show less */
};

/* One endpoint in a line. */

static const char *
since(const struct chat_pen *pen, const json_t *endpoint, enum status status)
{
	int language = pen->words.language;
	int64_t since_ms = chat_moment(endpoint, "since");
	const char *text = words_status(language, status);
	if (since_ms == 0 || status == STATUS_UNKNOWN)
		return text;
	text = words_fill(pen->arena, words_texts[language].since, text,
		chat_time(pen, since_ms));
	return arena_printf(pen->arena, "%s (%s)", text,
		words_length(language, chat_number_at(endpoint, "for_ms"),
			pen->arena));
}

static const char *
latency(const struct chat_pen *pen, const json_t *endpoint)
{
	const json_t *ms = json_object_get(endpoint, "latency_ms");
	return json_is_number(ms)
		? arena_printf(pen->arena, "%.0f ms", json_number_value(ms))
		: "";
}

/* What people ordered of it: "muted", "sora looks after it"; in front of each
 * stands `before`. */
static const char *
orders(const struct chat_pen *pen, const json_t *endpoint, const char *before)
{
	const json_t *taken = json_object_get(endpoint, "acknowledged");
	const char *text = "";
	if (chat_is(endpoint, "muted"))
		text = arena_printf(pen->arena, "%s%s", before,
			chat_fill(pen, CHAT_TEXT_IS_MUTED, NULL, NULL, NULL));
	if (!json_is_object(taken))
		return text;
	int64_t until_ms = chat_moment(taken, "until");
	return arena_printf(pen->arena, "%s%s%s", text, before,
		chat_fill(pen,
			until_ms > 0 ? CHAT_TEXT_LOOKS_AFTER_UNTIL
				     : CHAT_TEXT_LOOKS_AFTER,
			chat_member(pen, taken, "by", CHAT_NAME_MAX),
			until_ms > 0 ? chat_time(pen, until_ms) : NULL, NULL));
}

const char *
chat_look_row(const struct chat_pen *pen, const json_t *endpoint)
{
	enum status status = chat_status_at(endpoint, "status");
	const char *message = status_is_bad(status)
		? chat_member(pen, endpoint, "message", MESSAGE_MAX)
		: latency(pen, endpoint);
	const char *before = status_is_bad(status) ? ": " : ", ";
	return arena_printf(pen->arena, "%s%s%s%s",
		since(pen, endpoint, status), *message != '\0' ? before : "",
		message, orders(pen, endpoint, "; "));
}

/* All of it. */

static void
add(struct chat_page *page, const json_t *endpoint, const char *text)
{
	if (*text != '\0')
		chat_page_add(
			page, chat_status_at(endpoint, "status"), false, text);
}

static void
add_fact(struct chat_page *page, const json_t *endpoint, enum words_label label,
	const char *value)
{
	const struct chat_pen *pen = &page->pen;
	const char *bold = pen->is_slack ? "*" : "";
	if (*value != '\0')
		add(page, endpoint,
			arena_printf(pen->arena, "%s%s%s: %s", bold,
				words_label(pen->words.language, label), bold,
				value));
}

/* "http status (500)". */
static const char *
cause(const struct chat_pen *pen, const json_t *endpoint)
{
	const char *name = chat_text_at(endpoint, "cause");
	int64_t code = chat_number_at(endpoint, "code");
	const char *text = "";
	for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++)
		if (str_eq(name, cause_name((enum cause)i)))
			text = words_cause(pen->words.language, (enum cause)i);
	return *text != '\0' && code != 0
		? arena_printf(pen->arena, "%s (%lld)", text, (long long)code)
		: text;
}

/* When it is not yet, or no longer, what it is said to be. */
static void
add_seen(struct chat_page *page, const json_t *endpoint)
{
	const struct chat_pen *pen = &page->pen;
	enum status seen = chat_status_at(endpoint, "seen");
	int64_t fails = chat_number_at(endpoint, "fails");
	if (seen != chat_status_at(endpoint, "status"))
		add(page, endpoint,
			chat_fill(pen, CHAT_TEXT_SEEN,
				words_status(pen->words.language, seen), NULL,
				NULL));
	if (fails > 0)
		add(page, endpoint,
			chat_fill(pen, CHAT_TEXT_FAILS, chat_number(pen, fails),
				chat_number(pen,
					chat_number_at(
						endpoint, "allowed_fails")),
				NULL));
}

static void
add_problems(struct chat_page *page, const json_t *endpoint)
{
	int64_t n = chat_number_at(endpoint, "problems");
	if (n > 1)
		add(page, endpoint,
			chat_fill(&page->pen, CHAT_TEXT_PROBLEMS,
				chat_number(&page->pen, n), NULL, NULL));
}

static int64_t
us_of(const json_t *phases, const char *key)
{
	double ms = json_number_value(json_object_get(phases, key));
	return ms > 0 && ms < 1e9 ? (int64_t)(ms * 1000) : 0;
}

/* "first byte: 270.1 ms, total: 310.0 ms", where columns are not kept. */
static void
add_lengths(struct chat_page *page, const json_t *endpoint,
	const struct cli_bar bars[static WORDS_PHASES])
{
	const char *text = "";
	for (size_t i = 0; i < WORDS_PHASES; i++)
		if (bars[i].length_us > 0)
			text = arena_printf(page->pen.arena, "%s%s%s %.1f ms",
				text, *text != '\0' ? ", " : "", bars[i].label,
				(double)bars[i].length_us / 1e3);
	add(page, endpoint, text);
}

static void
add_waterfall(struct chat_page *page, const json_t *endpoint,
	const struct cli_bar bars[static WORDS_PHASES])
{
	const struct chat_pen *pen = &page->pen;
	const struct cli_waterfall how = {
		.columns = COLUMNS,
		.has_bars = true,
		.total = chat_fill(pen, CHAT_TEXT_TOTAL, NULL, NULL, NULL),
	};
	struct buf chart;
	buf_init(&chart, PAGE_MAX);
	cli_waterfall(&chart, bars, WORDS_PHASES, &how);
	if (chart.len > 0)
		chart.data[--chart.len] = '\0'; /* its last line end */
	add(page, endpoint, chat_code(pen, chart.data));
	buf_finish(&chart);
}

/* Where the time went. */
static void
add_phases(struct chat_page *page, const json_t *endpoint)
{
	static const char *const keys[WORDS_PHASES] = { "dns_ms", "connect_ms",
		"tls_ms", "wait_ms", "transfer_ms" };
	const json_t *phases = json_object_get(endpoint, "phases");
	struct cli_bar bars[WORDS_PHASES] = { 0 };
	int64_t all_us = 0;
	for (size_t i = 0; i < WORDS_PHASES; i++) {
		bars[i].label = words_texts[page->pen.words.language].phases[i];
		bars[i].length_us = us_of(phases, keys[i]);
		all_us += bars[i].length_us;
	}
	if (all_us > 0 && page->pen.is_slack)
		add_waterfall(page, endpoint, bars);
	else if (all_us > 0)
		add_lengths(page, endpoint, bars);
}

void
chat_look(struct chat_page *page, const json_t *endpoint)
{
	const struct chat_pen *pen = &page->pen;
	if (!status_is_bad(chat_status_at(endpoint, "status")))
		add(page, endpoint,
			chat_member(
				pen, endpoint, "message", MESSAGE_ALONE_MAX));
	add_fact(page, endpoint, WORDS_CAUSE, cause(pen, endpoint));
	add_fact(page, endpoint, WORDS_LATENCY, latency(pen, endpoint));
	add_seen(page, endpoint);
	add_problems(page, endpoint);
	add_phases(page, endpoint);
}
