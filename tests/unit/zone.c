/*
 * Time zones: what the C library says of each that the system has, and we of
 * the same file; rules; and files that are none.
 */
#define _DEFAULT_SOURCE /* tm_gmtoff */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/str.h"
#include "agent/base/zone.h"
#include "agent/base/zone_rule.h"
#include "conf/zone.h"

#define MINUTE INT64_C(60)
#define HOUR (60 * MINUTE)
#define YEAR (HOUR * 24 * 365)

enum {
	FILE_MAX = 64 * 1024,
};

static const char *const names[] = {
	"Africa/Cairo",
	"Africa/Casablanca",
	"Africa/El_Aaiun",
	"America/Argentina/Buenos_Aires",
	"America/Asuncion",
	"America/Havana",
	"America/Los_Angeles",
	"America/New_York",
	"America/Nuuk",
	"America/Sao_Paulo",
	"America/St_Johns",
	"Antarctica/Troll",
	"Asia/Beirut",
	"Asia/Gaza",
	"Asia/Jerusalem",
	"Asia/Kathmandu",
	"Asia/Kolkata",
	"Asia/Pyongyang",
	"Asia/Seoul",
	"Asia/Shanghai",
	"Asia/Tehran",
	"Australia/Lord_Howe",
	"Australia/Sydney",
	"Europe/Berlin",
	"Europe/Dublin",
	"Europe/London",
	"Europe/Moscow",
	"Pacific/Apia",
	"Pacific/Auckland",
	"Pacific/Chatham",
	"Pacific/Kiritimati",
	"UTC",
};

/* Seconds that its clocks are ahead of UTC, by the C library. */
static int64_t
ahead_of(int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm tm;
	assert_non_null(localtime_r(&seconds, &tm));
	return tm.tm_gmtoff;
}

/* In steps that fall on all hours, from 1970 to 2200. */
static void
test_as_the_library_has_it(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err err;
		const struct zone *zone = conf_zone_find(names[i], arena, &err);
		if (!zone)
			fail_msg("%s", err.text);
		assert_int_equal(setenv("TZ", names[i], 1), 0);
		tzset();
		for (int64_t at = 0; at < 230 * YEAR; at += 97 * HOUR + 7)
			if (zone_ahead(zone, at * 1000) / 1000 != ahead_of(at))
				fail_msg("%s at %lld", names[i], (long long)at);
	}
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
	arena_free(arena);
}

/* There and back, but where clocks leave something out. */
static void
test_moments(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct err err;
	const struct zone *zone = conf_zone_find("Europe/Berlin", arena, &err);
	assert_non_null(zone);
	for (int64_t at = 0; at < 80 * YEAR; at += 17 * HOUR + 1201) {
		int64_t local = at * 1000 + zone_ahead(zone, at * 1000);
		int64_t moment = zone_moment(zone, local);
		assert_true(
			moment == at * 1000 || moment == (at - HOUR) * 1000);
		assert_true(moment + zone_ahead(zone, moment) == local);
	}
	arena_free(arena);
}

static const struct {
	const char *text;
	bool good;
	int64_t at;
	int64_t ahead;
} rules[] = {
	{ "UTC0", true, 0, 0 },
	{ "<+09>-9", true, 0, 9 * HOUR },
	{ "<-03>3", true, 0, -3 * HOUR },
	{ "<+0545>-5:45", true, 0, 5 * HOUR + 45 * MINUTE },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 1774745999, HOUR },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 1774746000, 2 * HOUR },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 1792889999, 2 * HOUR },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 1792890000, HOUR },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", true, 1783000000, HOUR },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", true, 1767225600, 11 * HOUR },
	{ "XXX3EDT4,0/0,J365/23", true, 1783000000, -4 * HOUR },
	{ "A1", false, 0, 0 },
	{ "CET", false, 0, 0 },
	{ "CET-1CEST", false, 0, 0 },
	{ "CET-1CEST,M13.5.0,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,M3.6.0,M10.5.0", false, 0, 0 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3x", false, 0, 0 },
	{ "CET-1CEST,J0,J3", false, 0, 0 },
	{ "CET-999", false, 0, 0 },
	{ "<+09-9", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void
test_rules(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct zone_rule rule;
		if (zone_rule_read(rules[i].text, &rule) != rules[i].good)
			fail_msg("%s", rules[i].text);
		if (rules[i].good
			&& zone_rule_ahead(&rule, rules[i].at)
				!= rules[i].ahead)
			fail_msg("%s at %lld is %lld", rules[i].text,
				(long long)rules[i].at,
				(long long)zone_rule_ahead(&rule, rules[i].at));
	}
}

/* Cut at each byte, and with each byte another one. */
static void
test_what_is_no_zone(void **unused)
{
	(void)unused;
	struct buf file;
	struct err err;
	buf_init(&file, FILE_MAX);
	if (!file_read("/usr/share/zoneinfo/Europe/Berlin", &file, &err))
		fail_msg("%s", err.text);
	for (size_t len = 0; len < file.len; len++) {
		char *copy = malloc(len + 1);
		memcpy(copy, file.data, len);
		struct arena *arena = arena_new();
		assert_null(zone_read(copy, len, arena, &err));
		arena_free(arena);
		free(copy);
	}
	for (size_t i = 0; i < file.len; i++) {
		char kept = file.data[i];
		struct arena *arena = arena_new();
		file.data[i] = (char)0xff;
		const struct zone *zone =
			zone_read(file.data, file.len, arena, &err);
		if (zone)
			zone_ahead(zone, 1783000000000);
		file.data[i] = kept;
		arena_free(arena);
	}
	buf_finish(&file);
}

static const struct {
	const char *text;
	const char *complaint;
} bads[] = {
	{ "Asia/Soul",
		"there is no time zone \"Asia/Soul\"; did you mean "
		"Asia/Seoul?" },
	{ "Berlin",
		"there is no time zone \"Berlin\"; did you mean "
		"Europe/Berlin?" },
	{ "europe/berlin",
		"there is no time zone \"europe/berlin\"; did you mean "
		"Europe/Berlin?" },
	{ "Nowhere/At_All_Whatever",
		"there is no time zone \"Nowhere/At_All_Whatever\"; expected "
		"UTC, how far it is ahead, such as '+09:00', or a name such "
		"as Asia/Seoul" },
	{ "KST", "there is no time zone \"KST\"; expected UTC" },
	{ "Europe", "there is no time zone \"Europe\"; expected UTC" },
	{ "../../../etc/passwd",
		"there is no time zone \"../../../etc/passwd\"; " },
	{ "/etc/localtime", "there is no time zone \"/etc/localtime\"" },
	{ "", "there is no time zone \"\"" },
};

static void
test_which_was_meant(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct err err = { "" };
		assert_null(conf_zone_find(bads[i].text, arena, &err));
		if (!str_starts(err.text, bads[i].complaint))
			fail_msg("%s", err.text);
	}
	assert_int_equal(setenv("TZDIR", "/nonexistent", 1), 0);
	struct err err = { "" };
	assert_null(conf_zone_find("Asia/Seoul", arena, &err));
	assert_non_null(strstr(err.text, "need the package tzdata"));
	assert_non_null(conf_zone_find("+09:00", arena, &err));
	assert_int_equal(unsetenv("TZDIR"), 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_the_library_has_it),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_what_is_no_zone),
		cmocka_unit_test(test_which_was_meant),
	};
	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
