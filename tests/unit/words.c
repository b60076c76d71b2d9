/*
 * What is said of an event in each language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/base/zone.h"
#include "conf/document.h"
#include "conf/zone.h"
#include "reporters/words.h"
#include "reporters/words_texts.h"

#define NOON_MS INT64_C(1709294400123)

enum {
	OPENED_MS = 60 * 1000,
	LASTED_MS = 250 * 1000,
};

static const struct event down = {
	.kind = EVENT_OPENED,
	.incident = "i",
	.seq = 1,
	.at_ms = OPENED_MS,
	.opened_ms = OPENED_MS,
	.from = STATUS_OPERATIONAL,
	.to = STATUS_MAJOR_OUTAGE,
	.cause = CAUSE_HTTP_STATUS,
	.message = "Unexpected HTTP status (500)",
	.latency_us = 312400,
	.endpoint = {
		.name = "shop",
		.url = "https://shop.example.net/",
		.method = "GET",
		.titles = { "shop is unavailable",
			"shop has degraded performance",
			"shop is operational" },
	},
};

static struct event
closed_of(const struct event *opened)
{
	struct event event = *opened;
	event.kind = EVENT_CLOSED;
	event.seq = 2;
	event.at_ms = OPENED_MS + LASTED_MS;
	event.from = opened->to;
	event.to = STATUS_OPERATIONAL;
	event.cause = CAUSE_NONE;
	event.message = "";
	event.latency_us = 0;
	return event;
}

/* Tables. */

static size_t
holes(const char *text)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, "{}")) != NULL; at += 2)
		n++;
	return n;
}

static void
assert_texts(const char *const *texts, size_t n, size_t n_holes)
{
	for (size_t i = 0; i < n; i++) {
		assert_non_null(texts[i]);
		assert_true(*texts[i] != '\0');
		assert_int_equal(holes(texts[i]), n_holes);
		assert_null(strchr(texts[i], '\n'));
	}
}

static void
test_every_text_is_there(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < WORDS_LANGUAGES; i++) {
		const struct words_texts *texts = &words_texts[i];
		assert_texts(texts->labels, WORDS_LABELS, 0);
		assert_texts(texts->statuses, STATUS_COUNT, 0);
		assert_texts(texts->causes, CAUSE_COUNT, 0);
		assert_texts(texts->units, WORDS_UNITS, 0);
		assert_texts(texts->phases, WORDS_PHASES, 0);
		assert_texts(texts->titles, WORDS_STATES, 1);
		assert_texts(&texts->removed, 1, 1);
		assert_texts(&texts->blind, 1, 0);
		assert_texts(&texts->sees, 1, 0);
		assert_texts(&texts->over, 1, 1);
		assert_texts(texts->was, WORDS_WASES, 2);
		assert_texts(texts->still, WORDS_WASES, 2);
		assert_texts(&texts->nothing, 1, 0);
		assert_texts(&texts->all_well, 1, 1);
		assert_texts(&texts->not_well, 1, 2);
		assert_texts(&texts->not_seen, 1, 2);
		assert_texts(&texts->others_muted, 1, 2);
		assert_texts(&texts->muted, 1, 1);
		assert_texts(&texts->and_more, 1, 1);
		assert_texts(&texts->since, 1, 2);
		assert_texts(&texts->uptime, 1, 1);
		assert_texts(&texts->changes, 1, 1);
		assert_texts(&texts->changed, 1, 2);
		assert_non_null(texts->space);
	}
}

/* "en", "ko" and "zh" choose the tables in their order, and no two say the
 * same: a text that was forgotten is often one that was copied. */
static void
test_languages_differ(void **unused)
{
	(void)unused;
	static const char *const names[] = { "en", "ko", "zh" };
	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		assert_string_equal(words_languages[i].name, names[i]);
		assert_int_equal(words_languages[i].value, i);
	}
	assert_null(words_languages[WORDS_LANGUAGES].name);
	for (int i = 1; i < WORDS_LANGUAGES; i++) {
		for (int j = 0; j < i; j++) {
			for (int k = 0; k < WORDS_LABELS; k++)
				assert_string_not_equal(
					words_texts[i].labels[k],
					words_texts[j].labels[k]);
			for (int k = 0; k < CAUSE_COUNT; k++)
				assert_string_not_equal(
					words_texts[i].causes[k],
					words_texts[j].causes[k]);
		}
	}
}

/* What the texts are translated from is said elsewhere. */
static void
test_english_is_what_the_agent_says(void **unused)
{
	(void)unused;
	const struct words_texts *texts = &words_texts[WORDS_EN];
	const struct conf_messages *usual = &conf_default_messages;
	const struct {
		const char *title;
		const char *text;
	} rows[] = {
		{ usual->incident_outage, texts->titles[WORDS_DOWN] },
		{ usual->incident_performance, texts->titles[WORDS_SLOW] },
		{ usual->incident_operational, texts->titles[WORDS_FINE] },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(str_starts(rows[i].title, "{name}"));
		assert_string_equal(strchr(rows[i].title, '}') + 1,
			strchr(rows[i].text, '}') + 1);
	}
	for (int i = 0; i < STATUS_COUNT; i++)
		assert_string_equal(
			texts->statuses[i], status_words((enum status)i));
}

/* Sentences. */

struct row {
	const struct event *event;
	int language;
	const char *title;
	const char *sentence;
};

static void
assert_rows(const struct row *rows, size_t n)
{
	struct arena *arena = arena_new();
	for (size_t i = 0; i < n; i++) {
		int language = rows[i].language;
		assert_string_equal(words_title(language, rows[i].event, arena),
			rows[i].title);
		assert_string_equal(
			words_sentence(language, rows[i].event, arena),
			rows[i].sentence);
	}
	arena_free(arena);
}

static void
test_titles_and_sentences(void **unused)
{
	(void)unused;
	struct event up = closed_of(&down);
	struct event slow = down;
	slow.to = STATUS_PERFORMANCE_ISSUES;
	struct event own = down;
	own.endpoint.titles.outage = "The shop is shut!";
	const struct row rows[] = {
		{ &down, WORDS_EN, "shop is unavailable",
			"shop is unavailable: Unexpected HTTP status (500)" },
		{ &down, WORDS_KO, "shop 장애",
			"shop 장애: Unexpected HTTP status (500)" },
		{ &down, WORDS_ZH, "shop 故障",
			"shop 故障: Unexpected HTTP status (500)" },
		{ &up, WORDS_EN, "shop is operational",
			"shop is operational; it was down for 4m 10s" },
		{ &up, WORDS_KO, "shop 복구됨",
			"shop 복구됨 (장애 지속 시간: 4분 10초)" },
		{ &up, WORDS_ZH, "shop 已恢复",
			"shop 已恢复，故障持续 4分钟10秒" },
		{ &slow, WORDS_ZH, "shop 性能下降",
			"shop 性能下降: Unexpected HTTP status (500)" },
		{ &own, WORDS_ZH, "The shop is shut!",
			"The shop is shut!: Unexpected HTTP status (500)" },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_what_is_no_probe(void **unused)
{
	(void)unused;
	struct event gone = closed_of(&down);
	gone.cause = CAUSE_REMOVED;
	gone.message = "shop is no longer monitored";
	struct event other = down;
	other.cause = CAUSE_EXTERNAL;
	other.endpoint.titles.outage = "gcp/shop: Uptime check";
	other.message = "It does not answer";
	struct event over = closed_of(&other);
	over.cause = CAUSE_EXTERNAL;
	over.endpoint.titles.operational = "gcp/shop: Uptime check is over";
	struct event bare = other;
	bare.message = "Uptime check";
	struct event ends_alike = other;
	ends_alike.message = "check";
	struct event blind = down;
	blind.cause = CAUSE_BLIND;
	blind.endpoint.titles.outage =
		"curlew cannot look at most of its endpoints";
	blind.message = "";
	const struct row rows[] = {
		{ &gone, WORDS_EN, "shop is no longer monitored",
			"shop is no longer monitored" },
		{ &gone, WORDS_KO, "shop 모니터링 중단", "shop 모니터링 중단" },
		{ &other, WORDS_ZH, "gcp/shop: Uptime check",
			"gcp/shop: Uptime check: It does not answer" },
		{ &bare, WORDS_EN, "gcp/shop: Uptime check",
			"gcp/shop: Uptime check" },
		{ &ends_alike, WORDS_EN, "gcp/shop: Uptime check",
			"gcp/shop: Uptime check: check" },
		{ &over, WORDS_ZH, "gcp/shop: Uptime check 已结束",
			"gcp/shop: Uptime check 已结束，故障持续 4分钟10秒" },
		{ &over, WORDS_EN, "gcp/shop: Uptime check is over",
			"gcp/shop: Uptime check is over; it was down for "
			"4m 10s" },
		{ &blind, WORDS_ZH, "curlew 无法检测大部分目标",
			"curlew 无法检测大部分目标" },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* A name may hold anything, holes as well. */
static void
test_a_name_is_not_a_pattern(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct event event = closed_of(&down);
	event.endpoint.name = "{}{}";
	event.endpoint.titles.operational = "{}{} is operational";
	assert_string_equal(
		words_title(WORDS_ZH, &event, arena), "{}{} 已恢复");
	assert_string_equal(words_sentence(WORDS_ZH, &event, arena),
		"{}{} 已恢复，故障持续 4分钟10秒");
	arena_free(arena);
}

static void
test_lengths(void **unused)
{
	(void)unused;
	static const struct {
		int64_t ms;
		const char *texts[WORDS_LANGUAGES];
	} rows[] = {
		{ 0, { "0ms", "0밀리초", "0毫秒" } },
		{ 350, { "350ms", "350밀리초", "350毫秒" } },
		{ 42000, { "42s", "42초", "42秒" } },
		{ 250000, { "4m 10s", "4분 10초", "4分钟10秒" } },
		{ 7500000, { "2h 5m", "2시간 5분", "2小时5分钟" } },
		{ 262800000, { "3d 1h", "3일 1시간", "3天1小时" } },
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int j = 0; j < WORDS_LANGUAGES; j++)
			assert_string_equal(words_length(j, rows[i].ms, arena),
				rows[i].texts[j]);
	arena_free(arena);
}

static void
test_times(void **unused)
{
	(void)unused;
	static const struct {
		const char *zone;
		int64_t wall_ms;
		const char *time; /* NULL: it is no zone */
	} rows[] = {
		{ "UTC", NOON_MS, "2024-03-01 12:00:00 UTC" },
		{ "utc", NOON_MS, "2024-03-01 12:00:00 UTC" },
		{ "+00:00", NOON_MS, "2024-03-01 12:00:00 UTC" },
		{ "+08:00", NOON_MS, "2024-03-01 20:00:00" },
		{ "+0900", NOON_MS, "2024-03-01 21:00:00" },
		{ "+09", NOON_MS, "2024-03-01 21:00:00" },
		{ "-03:30", NOON_MS, "2024-03-01 08:30:00" },
		{ "+14:00", NOON_MS, "2024-03-02 02:00:00" },
		{ "+14:01", NOON_MS, NULL },
		{ "+08:60", NOON_MS, NULL },
		{ "+8", NOON_MS, NULL },
		{ "+08:", NOON_MS, NULL },
		{ "+08:0", NOON_MS, NULL },
		{ "+08:000", NOON_MS, NULL },
		{ "08:00", NOON_MS, NULL },
		{ "+", NOON_MS, NULL },
		{ "", NOON_MS, NULL },
		{ "Asia/Seoul", NOON_MS, "2024-03-01 21:00:00" },
		{ "Asia/Kathmandu", NOON_MS, "2024-03-01 17:45:00" },
		{ "Asia/Soul", NOON_MS, NULL },
		/* The seconds in which clocks are put forward, and back. */
		{ "Europe/Berlin", 1711846799999, "2024-03-31 01:59:59" },
		{ "Europe/Berlin", 1711846800000, "2024-03-31 03:00:00" },
		{ "Europe/Berlin", 1729990799999, "2024-10-27 02:59:59" },
		{ "Europe/Berlin", 1729990800000, "2024-10-27 02:00:00" },
		{ "America/New_York", 1710053999999, "2024-03-10 01:59:59" },
		{ "America/New_York", 1710054000000, "2024-03-10 03:00:00" },
		{ "America/New_York", 4086288000000, "2099-06-27 20:00:00" },
		/* They show UTC for half of the year. */
		{ "Europe/London", NOON_MS, "2024-03-01 12:00:00 UTC" },
		{ "Europe/London", 1719835200000, "2024-07-01 13:00:00" },
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct words words = { .language = WORDS_EN };
		struct err err;
		words.zone = conf_zone_find(rows[i].zone, arena, &err);
		assert_int_equal(words.zone != NULL, rows[i].time != NULL);
		if (words.zone)
			assert_string_equal(
				words_time(&words, rows[i].wall_ms, arena),
				rows[i].time);
	}
	struct words utc = { .language = WORDS_EN };
	assert_string_equal(
		words_time(&utc, NOON_MS, arena), "2024-03-01 12:00:00 UTC");
	arena_free(arena);
}

static void
assert_facts(const struct words *words, const struct event *event,
	const char *expected)
{
	struct arena *arena = arena_new();
	struct words_fact facts[WORDS_FACTS_MAX];
	char text[1024] = "";
	size_t len = 0;
	size_t n = words_facts(words, event, arena, facts);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
			"%s=%s;", words_label(words->language, facts[i].label),
			facts[i].value);
	assert_string_equal(text, expected);
	arena_free(arena);
}

static void
test_facts(void **unused)
{
	(void)unused;
	struct words english = { .language = WORDS_EN };
	struct arena *arena = arena_new();
	struct words chinese = { .language = WORDS_ZH,
		.zone = zone_fixed(28800000, arena) };
	struct event worse = down;
	worse.kind = EVENT_CHANGED;
	worse.from = STATUS_PARTIAL_OUTAGE;
	struct event up = closed_of(&down);
	struct event notice = down;
	notice.kind = EVENT_NOTICE;
	notice.cause = CAUSE_EXTERNAL;
	notice.latency_us = 0;
	notice.endpoint.url = "";
	notice.endpoint.service = "EC2";
	notice.endpoint.category = "";
	notice.endpoint.region = "us-west-2";
	struct event gone = up;
	gone.cause = CAUSE_REMOVED;

	assert_facts(&english, &down,
		"Status=major outage;Cause=http status;Latency=312 ms;"
		"Since=1970-01-01 00:01:00 UTC;"
		"Address=https://shop.example.net/;");
	assert_facts(&english, &up,
		"Status=operational;Began=1970-01-01 00:01:00 UTC;"
		"Lasted=4m 10s;Address=https://shop.example.net/;");
	assert_facts(&chinese, &worse,
		"状态=严重故障，此前为部分故障;原因=HTTP 状态码;"
		"响应时间=312 ms;开始时间=1970-01-01 08:01:00;"
		"地址=https://shop.example.net/;");
	assert_facts(&english, &notice,
		"Cause=external;Service=EC2;Region=us-west-2;");
	assert_facts(&english, &gone,
		"Began=1970-01-01 00:01:00 UTC;Lasted=4m 10s;"
		"Address=https://shop.example.net/;");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_text_is_there),
		cmocka_unit_test(test_languages_differ),
		cmocka_unit_test(test_english_is_what_the_agent_says),
		cmocka_unit_test(test_titles_and_sentences),
		cmocka_unit_test(test_what_is_no_probe),
		cmocka_unit_test(test_a_name_is_not_a_pattern),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_facts),
	};
	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
