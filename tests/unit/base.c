#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/index.h"
#include "agent/base/map.h"
#include "agent/base/rng.h"
#include "agent/base/seal.h"
#include "agent/base/str.h"
#include "agent/base/template.h"
#include "agent/base/uuid.h"

static void
test_durations(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		int64_t ms; /* -1: not a duration */
	} rows[] = {
		{ "1", 1000 },
		{ "0.5", 500 },
		{ "500ms", 500 },
		{ "30s", 30000 },
		{ "5m", 300000 },
		{ "1h", 3600000 },
		{ "1d", 86400000 },
		{ "1m30s", 90000 },
		{ "1.5s", 1500 },
		{ "0", 0 },
		{ "", -1 },
		{ "-1", -1 },
		{ "s", -1 },
		{ "5 parsecs", -1 },
		{ "1m30", -1 },
		{ "nan", -1 },
		{ "1e300", -1 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;
		bool good = duration_parse(rows[i].text, &ms);
		if (good != (rows[i].ms >= 0) || ms != rows[i].ms)
			fail_msg("\"%s\" gave %lld", rows[i].text,
				(long long)ms);
	}
}

static void
test_durations_for_people(void **unused)
{
	(void)unused;
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "0ms" },
		{ 350, "350ms" },
		{ 42999, "42s" },
		{ 250000, "4m 10s" },
		{ 7500000, "2h 5m" },
		{ 262800000, "3d 1h" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[DURATION_TEXT_SIZE];
		duration_text(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
	}
}

static const char *
lookup(void *cookie, const char *key)
{
	(void)cookie;
	return strcmp(key, "name") == 0 ? "shop" : NULL;
}

static void
test_templates(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		const char *filled; /* NULL: an error, which is `error` */
		const char *error;
	} rows[] = {
		{ "{name} is down", "shop is down", NULL },
		{ "plain", "plain", NULL },
		{ "", "", NULL },
		{ "{{name}} {name}", "{name} shop", NULL },
		{ "a }} b", "a } b", NULL },
		{ "{nam}", NULL, "there is no {nam} to fill in" },
		{ "{}", NULL, "there is no key between { and }" },
		{ "{name", NULL, "a { is not closed; write {{ for a brace" },
		{ "x } y", NULL, "a } has no {; write }} for a brace" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;
		struct err err;
		buf_init(&out, 1024);
		bool good =
			template_expand(rows[i].text, lookup, NULL, &out, &err);
		assert_int_equal(good, rows[i].filled != NULL);
		if (good)
			assert_string_equal(out.data, rows[i].filled);
		else
			assert_string_equal(err.text, rows[i].error);
		buf_finish(&out);
	}
}

static void
test_buffers_have_a_ceiling(void **unused)
{
	(void)unused;
	struct buf buf;
	buf_init(&buf, 5);
	assert_true(buf_add_text(&buf, "abc"));
	assert_false(buf_printf(&buf, "%s", "defg"));
	assert_string_equal(buf.data, "abcde");
	assert_true(buf.full);
	buf_clear(&buf);
	assert_string_equal(buf.data, "");
	assert_false(buf.full);
	buf_finish(&buf);
}

static void
test_copies_end_between_characters(void **unused)
{
	(void)unused;
	char to[4];
	assert_true(str_copy(to, sizeof(to), "abc"));
	assert_false(str_copy(to, sizeof(to), "abcd"));
	assert_string_equal(to, "abc");
	assert_false(str_copy(to, sizeof(to), "ab\xc3\xa9"));
	assert_string_equal(to, "ab");
}

static void
test_maps(void **unused)
{
	(void)unused;
	struct map *map = map_new();
	int a, b;
	assert_null(map_put(map, "x", &a));
	assert_ptr_equal(map_put(map, "x", &b), &a);
	assert_ptr_equal(map_get(map, "x"), &b);
	assert_int_equal(map_count(map), 1);
	assert_ptr_equal(map_remove(map, "x"), &b);
	assert_null(map_remove(map, "x"));
	map_free(map);
}

static void
test_uuids_sort_by_time(void **unused)
{
	(void)unused;
	struct rng rng;
	rng_seed(&rng, 42);
	char earlier[UUID_TEXT_SIZE], later[UUID_TEXT_SIZE];
	uuid_make(INT64_C(1795216505000), &rng, earlier);
	uuid_make(INT64_C(1795216505001), &rng, later);
	assert_int_equal(strlen(earlier), UUID_TEXT_SIZE - 1);
	assert_int_equal(earlier[14], '7');
	assert_non_null(strchr("89ab", earlier[19]));
	assert_true(strcmp(earlier, later) < 0);
}

enum {
	INDEX_NAMES = 500,
	NAME_SIZE = 8,
};

static const char *
name_of_number(const void *cookie, uint32_t number)
{
	return (const char *)cookie + (size_t)number * NAME_SIZE;
}

/* At random, in and out; what is in is found, and nothing else. */
static void
test_an_index_finds_what_is_in_it(void **unused)
{
	(void)unused;
	static char names[INDEX_NAMES][NAME_SIZE];
	bool is_in[INDEX_NAMES] = { false };
	struct index index = { .name = name_of_number, .cookie = names };
	struct rng rng;
	rng_seed(&rng, 7);
	for (size_t i = 0; i < INDEX_NAMES; i++)
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
	uint32_t found;
	assert_false(index_find(&index, "n0", &found));
	index_remove(&index, "n0");
	for (int i = 0; i < 20000; i++) {
		uint32_t n = (uint32_t)(rng_next(&rng) % INDEX_NAMES);
		if (is_in[n])
			index_remove(&index, names[n]);
		else
			index_put(&index, n);
		is_in[n] = !is_in[n];
		n = (uint32_t)(rng_next(&rng) % INDEX_NAMES);
		assert_int_equal(
			index_find(&index, names[n], &found), is_in[n]);
		if (is_in[n])
			assert_int_equal(found, n);
	}
	index_finish(&index);
}

static void
test_arenas_hold_small_and_large(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	char *small = arena_dup(arena, "small");
	char *large = arena_alloc(arena, 1000000);
	memset(large, 'x', 1000000);
	char *other = arena_printf(arena, "%d", 7);
	int64_t *number = arena_alloc(arena, sizeof(*number));
	assert_int_equal((uintptr_t)number % _Alignof(max_align_t), 0);
	*number = -1;
	assert_string_equal(small, "small");
	assert_string_equal(other, "7");
	arena_free(arena);
}

static void
test_moments_as_text(void **unused)
{
	(void)unused;
	char text[CLOCK_TEXT_SIZE];
	clock_text(INT64_C(1795216505123), text);
	assert_string_equal(text, "2026-11-20T23:15:05.123Z");
	clock_text(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

static void
test_moments_from_text(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		int64_t ms; /* -1: it is none */
	} rows[] = {
		{ "2026-11-20T23:15:05.123Z", INT64_C(1795216505123) },
		{ "2026-11-20t23:15:05.123999999z", INT64_C(1795216505123) },
		{ "2026-11-21 07:15:05.1+08:00", INT64_C(1795216505100) },
		{ "2026-11-20T15:15:05-0800", INT64_C(1795216505000) },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2000-02-29T00:00:00Z", INT64_C(951782400000) },
		{ "2100-03-01T00:00:00Z", INT64_C(4107542400000) },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799000) },
		{ "", -1 },
		{ "2026-11-20", -1 },
		{ "2026-11-20T23:15:05", -1 },
		{ "2026-11-20T23:15:05+0", -1 },
		{ "2026-11-20T23:15:05+24:00", -1 },
		{ "2026-11-20T23:15:05Zx", -1 },
		{ "2026-13-20T23:15:05Z", -1 },
		{ "2026-11-32T23:15:05Z", -1 },
		{ "0001-01-01T00:00:00Z", -1 },
		{ "20261120T231505Z", -1 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;
		bool good = clock_read(rows[i].text, &ms);
		if (good != (rows[i].ms >= 0) || ms != rows[i].ms)
			fail_msg("%s", rows[i].text);
	}
}

static void
test_uuids_tell_their_time(void **unused)
{
	(void)unused;
	static const char *const others[] = {
		"",
		"019378c5",
		"019378c5-1a2b-4c3d-8e4f-5a6b7c8d9e0f", /* version 4 */
		"019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0",
		"019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f0",
		"019378C5-1A2B-7C3D-8E4F-5A6B7C8D9E0F",
		"019378c5-1a2b-7c3d_8e4f-5a6b7c8d9e0f",
	};
	struct rng rng;
	rng_seed(&rng, 1);
	char uuid[UUID_TEXT_SIZE];
	uuid_make(INT64_C(1795216505123), &rng, uuid);
	int64_t made_ms = 0;
	assert_true(uuid_read(uuid, &made_ms));
	assert_int_equal(made_ms, INT64_C(1795216505123));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(uuid_read(others[i], &made_ms));
}

/* What one gets of a file, and what one is told otherwise. */
static void
test_whole_files(void **state)
{
	(void)state;
	char path[] = "/tmp/curlew-base-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "a\0b", 3), 3);
	close(fd);
	struct buf buf;
	struct err err;
	buf_init(&buf, 3);
	assert_true(file_read(path, &buf, &err));
	assert_memory_equal(buf.data, "a\0b", 3);
	assert_false(file_read(path, &buf, &err));
	assert_int_equal(errno, 0);
	assert_non_null(strstr(err.text, "it is too long"));
	unlink(path);
	buf_clear(&buf);
	assert_false(file_read(path, &buf, &err));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(err.text, path));
	assert_false(file_read("/", &buf, &err));
	assert_int_equal(errno, EISDIR);
	buf_finish(&buf);
}

static void
test_seals(void **unused)
{
	(void)unused;
	static const char plain[] = "https://hooks.test/T/B/X";
	struct buf sealed, again, opened;
	buf_init(&sealed, 1000);
	buf_init(&again, 1000);
	buf_init(&opened, 1000);
	seal_close("secret", "run 1", plain, sizeof(plain), &sealed);
	seal_close("secret", "run 1", plain, sizeof(plain), &again);
	assert_string_not_equal(sealed.data, again.data);
	assert_null(strstr(sealed.data, "hooks"));
	assert_true(seal_open("secret", "run 1", sealed.data, &opened));
	assert_int_equal(opened.len, sizeof(plain));
	assert_string_equal(opened.data, plain);
	assert_false(seal_open("secret", "run 2", sealed.data, &opened));
	assert_false(seal_open("secrets", "run 1", sealed.data, &opened));
	for (size_t i = 0; i + 4 < sealed.len; i++) {
		char kept = sealed.data[i];
		sealed.data[i] = kept == 'A' ? 'B' : 'A';
		assert_false(
			seal_open("secret", "run 1", sealed.data, &opened));
		sealed.data[i] = kept;
	}
	for (size_t len = sealed.len; len-- > 0;) {
		sealed.data[len] = '\0';
		assert_false(
			seal_open("secret", "run 1", sealed.data, &opened));
	}
	assert_false(seal_open("secret", "run 1", "no base64!", &opened));
	assert_int_equal(opened.len, sizeof(plain));
	buf_clear(&sealed);
	buf_clear(&opened);
	seal_close("", "", "", 0, &sealed);
	assert_true(seal_open("", "", sealed.data, &opened));
	assert_int_equal(opened.len, 0);
	buf_finish(&sealed);
	buf_finish(&again);
	buf_finish(&opened);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_durations_for_people),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_buffers_have_a_ceiling),
		cmocka_unit_test(test_copies_end_between_characters),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_uuids_sort_by_time),
		cmocka_unit_test(test_uuids_tell_their_time),
		cmocka_unit_test(test_an_index_finds_what_is_in_it),
		cmocka_unit_test(test_arenas_hold_small_and_large),
		cmocka_unit_test(test_moments_as_text),
		cmocka_unit_test(test_moments_from_text),
		cmocka_unit_test(test_whole_files),
		cmocka_unit_test(test_seals),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
