#include "reporters/words.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/duration.h"
#include "agent/base/str.h"
#include "agent/base/zone.h"
#include "conf/zone.h"
#include "reporters/words_texts.h"

enum {
	LINE_MAX = 8192,
};

const struct conf_choice words_languages[] = {
	{ "en", WORDS_EN },
	{ "ko", WORDS_KO },
	{ "zh", WORDS_ZH },
	{ NULL, 0 },
};

bool
words_choose(struct words *words, int language, const char *time_zone,
	struct arena *arena, struct err *err)
{
	words->language = language;
	if (time_zone)
		words->zone = conf_zone_find(time_zone, arena, err);
	return !time_zone || words->zone;
}

static const struct words_texts *
texts_of(int language)
{
	bool is_known = language >= 0 && language < WORDS_LANGUAGES;
	return &words_texts[is_known ? language : WORDS_EN];
}

const char *
words_label(int language, enum words_label label)
{
	return texts_of(language)->labels[label];
}

const char *
words_status(int language, enum status status)
{
	return texts_of(language)->statuses[status];
}

const char *
words_cause(int language, enum cause cause)
{
	return cause == CAUSE_NONE ? "" : texts_of(language)->causes[cause];
}

const char *
words_fill(struct arena *arena, const char *pattern, const char *first,
	const char *second)
{
	const char *values[] = { first, second };
	size_t n = 0;
	struct buf buf;
	buf_init(&buf, LINE_MAX);
	while (*pattern != '\0') {
		const char *brace = n < 2 ? strstr(pattern, "{}") : NULL;
		if (!brace) {
			buf_add_text(&buf, pattern);
			break;
		}
		buf_add(&buf, pattern, (size_t)(brace - pattern));
		buf_add_text(&buf, values[n++]);
		pattern = brace + 2;
	}
	const char *text = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return text;
}

/* Lengths and times. */

/* "4m 10s" is what duration_text() makes: numbers and names of units. */
const char *
words_length(int language, int64_t ms, struct arena *arena)
{
	static const char *const units[WORDS_UNITS] = { "ms", "s", "m", "h",
		"d" };
	char text[DURATION_TEXT_SIZE];
	duration_text(ms, text);
	struct buf buf;
	buf_init(&buf, LINE_MAX);
	for (const char *at = text; *at != '\0';) {
		size_t digits = strspn(at, "0123456789");
		size_t letters = strcspn(at + digits, " ");
		buf_add(&buf, at, digits);
		for (size_t i = 0; i < WORDS_UNITS; i++)
			if (strlen(units[i]) == letters
				&& memcmp(at + digits, units[i], letters) == 0)
				buf_add_text(
					&buf, texts_of(language)->units[i]);
		at += digits + letters;
		if (*at == ' ') {
			buf_add_text(&buf, texts_of(language)->space);
			at++;
		}
	}
	const char *length = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return length;
}

const char *
words_time(const struct words *words, int64_t wall_ms, struct arena *arena)
{
	int64_t ahead_ms = zone_ahead(words->zone, wall_ms);
	time_t seconds = (time_t)((wall_ms + ahead_ms) / 1000);
	struct tm tm;
	char text[32];
	if (!gmtime_r(&seconds, &tm)
		|| strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return "";
	return arena_printf(arena, "%s%s", text, ahead_ms == 0 ? " UTC" : "");
}

/* Titles. */

/* What is in front of `end`; NULL when `text` ends otherwise. */
static const char *
before(const char *text, const char *end, struct arena *arena)
{
	size_t len = strlen(text);
	return len > strlen(end) && str_ends(text, end)
		? arena_dup_n(arena, text, len - strlen(end))
		: NULL;
}

/* Of another monitor's problem: "gcp/shop: Uptime check is over". */
static const char *
external_title(int language, const struct event *event, struct arena *arena)
{
	const char *title = event_title(event);
	const char *over = words_texts[WORDS_EN].over;
	const char *what = event->to == STATUS_OPERATIONAL
		? before(title, strstr(over, "{}") + 2, arena)
		: NULL;
	return what ? words_fill(arena, texts_of(language)->over, what, "")
		    : title;
}

static enum words_state
state_of(enum status status)
{
	return status == STATUS_OPERATIONAL	      ? WORDS_FINE
		: status == STATUS_PERFORMANCE_ISSUES ? WORDS_SLOW
						      : WORDS_DOWN;
}

/* A title that nobody changed is the name and what `messages:` has by
 * default. */
static const char *
usual_title(int language, const struct event *event, struct arena *arena)
{
	enum words_state state = state_of(event->to);
	const char *title = event_title(event);
	const char *name = event->endpoint.name;
	const char *usual = words_fill(
		arena, words_texts[WORDS_EN].titles[state], name, "");
	return str_eq(title, usual) || *title == '\0'
		? words_fill(arena, texts_of(language)->titles[state], name, "")
		: title;
}

static const char *
bare_title(int language, const struct event *event, struct arena *arena)
{
	const struct words_texts *texts = texts_of(language);
	if (language == WORDS_EN)
		return event->cause == CAUSE_REMOVED ? event_text(event)
						     : event_title(event);
	if (event->cause == CAUSE_REMOVED)
		return words_fill(
			arena, texts->removed, event->endpoint.name, "");
	if (event->cause == CAUSE_BLIND)
		return event->to == STATUS_OPERATIONAL ? texts->sees
						       : texts->blind;
	return event->cause == CAUSE_EXTERNAL
		? external_title(language, event, arena)
		: usual_title(language, event, arena);
}

/* "shop is unavailable: still down after 2h 10m". */
static const char *
still_title(int language, const struct event *event, struct arena *arena)
{
	enum words_was was = event->to == STATUS_PERFORMANCE_ISSUES
		? WORDS_WAS_SLOW
		: WORDS_WAS_DOWN;
	int64_t ms = event->at_ms - event->opened_ms;
	return words_fill(arena, texts_of(language)->still[was],
		bare_title(language, event, arena),
		words_length(language, ms > 0 ? ms : 0, arena));
}

const char *
words_title(int language, const struct event *event, struct arena *arena)
{
	return event->kind == EVENT_REMINDER
		? still_title(language, event, arena)
		: bare_title(language, event, arena);
}

/* "gcp/shop: Uptime check" says "Uptime check". */
static bool
says(const char *title, const char *message)
{
	static const char between[] = ": ";
	if (str_eq(title, message))
		return true;
	if (*message == '\0' || !str_ends(title, message))
		return false;
	size_t front = strlen(title) - strlen(message);
	return front > strlen(between)
		&& str_starts(title + front - strlen(between), between);
}

const char *
words_message(const struct event *event)
{
	bool is_said = event->cause == CAUSE_REMOVED
		|| says(event_title(event), event->message);
	return is_said ? "" : event->message;
}

/* -1 when it is not known. */
static int64_t
lasted_ms(const struct event *event)
{
	int64_t ms = event->at_ms - event->opened_ms;
	return event->kind == EVENT_CLOSED && event->opened_ms > 0 && ms >= 0
		? ms
		: -1;
}

static const char *
was_of(const struct words_texts *texts, const struct event *event)
{
	if (event->cause == CAUSE_BLIND)
		return texts->was[WORDS_WAS_BLIND];
	return texts->was[event->from == STATUS_PERFORMANCE_ISSUES
			? WORDS_WAS_SLOW
			: WORDS_WAS_DOWN];
}

const char *
words_phases(int language, const struct event *event, struct arena *arena)
{
	const struct result_phases *phases = &event->phases;
	const int64_t lengths[WORDS_PHASES] = { phases->dns_us,
		phases->connect_us, phases->tls_us, phases->wait_us,
		phases->transfer_us };
	const char *text = "";
	for (size_t i = 0; i < WORDS_PHASES; i++)
		if (lengths[i] > 0)
			text = arena_printf(arena, "%s%s%s %" PRId64 " ms",
				text, *text != '\0' ? ", " : "",
				texts_of(language)->phases[i],
				(lengths[i] + 500) / 1000);
	return text;
}

const char *
words_acknowledge(int language)
{
	return texts_of(language)->acknowledge;
}

const char *
words_changes(int language, size_t n, struct arena *arena)
{
	return words_fill(arena, texts_of(language)->changes,
		arena_printf(arena, "%zu", n), "");
}

const char *
words_sentence(int language, const struct event *event, struct arena *arena)
{
	const struct words_texts *texts = texts_of(language);
	const char *title = words_title(language, event, arena);
	const char *message = words_message(event);
	int64_t ms = lasted_ms(event);
	if (event->cause == CAUSE_REMOVED)
		return title;
	if (ms >= 0)
		return words_fill(arena, was_of(texts, event), title,
			words_length(language, ms, arena));
	return *message == '\0' ? title
				: arena_printf(arena, "%s: %s", title, message);
}

/* Facts. */

struct facts {
	struct words_fact *items;
	size_t n;
};

static void
add(struct facts *facts, enum words_label label, const char *value)
{
	if (*value != '\0' && facts->n < WORDS_FACTS_MAX)
		facts->items[facts->n++] = (struct words_fact){ label, value };
}

static const char *
status_of(int language, const struct event *event, struct arena *arena)
{
	const char *now = words_status(language, event->to);
	if (event->kind != EVENT_CHANGED)
		return now;
	return words_fill(arena, texts_of(language)->changed, now,
		words_status(language, event->from));
}

static void
add_known(struct facts *facts, const struct event_endpoint *endpoint)
{
	const char *const known[] = {
		endpoint->service,
		endpoint->category,
		endpoint->account,
		endpoint->region,
		endpoint->severity,
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i])
			add(facts, (enum words_label)(WORDS_SERVICE + i),
				known[i]);
}

static void
add_times(struct facts *facts, const struct words *words,
	const struct event *event, struct arena *arena)
{
	int64_t ms = lasted_ms(event);
	if (event->kind == EVENT_NOTICE || event->opened_ms <= 0)
		return;
	add(facts, event->kind == EVENT_CLOSED ? WORDS_BEGAN : WORDS_SINCE,
		words_time(words, event->opened_ms, arena));
	if (ms >= 0)
		add(facts, WORDS_LASTED,
			words_length(words->language, ms, arena));
}

size_t
words_facts(const struct words *words, const struct event *event,
	struct arena *arena, struct words_fact facts[static WORDS_FACTS_MAX])
{
	struct facts said = { facts, 0 };
	int language = words->language;
	if (event->cause != CAUSE_REMOVED && event->kind != EVENT_NOTICE)
		add(&said, WORDS_STATUS, status_of(language, event, arena));
	if (event->cause != CAUSE_REMOVED)
		add(&said, WORDS_CAUSE, words_cause(language, event->cause));
	if (event->cause != CAUSE_REMOVED && event->latency_us > 0)
		add(&said, WORDS_LATENCY,
			arena_printf(arena, "%" PRId64 " ms",
				(event->latency_us + 500) / 1000));
	add_known(&said, &event->endpoint);
	add_times(&said, words, event, arena);
	if (str_istarts(event->endpoint.url, "http"))
		add(&said, WORDS_ADDRESS, event->endpoint.url);
	return said.n;
}
