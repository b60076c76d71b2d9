#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "conf/environment.h"
#include "conf/scalar.h"
#include "conf/schema.h"
#include "conf/suggest.h"

static char path[] = "/tmp/conf-XXXXXX";

static void
write_file(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* What PyYAML makes of plain scalars. */

static const struct {
	const char *text;
	enum conf_node_kind kind;
	double number;
} scalars[] = {
	{ "", CONF_NODE_NULL, 0 },
	{ "~", CONF_NODE_NULL, 0 },
	{ "Null", CONF_NODE_NULL, 0 },
	{ "nULL", CONF_NODE_TEXT, 0 },
	{ "yes", CONF_NODE_BOOL, 1 },
	{ "Off", CONF_NODE_BOOL, 0 },
	{ "TRUE", CONF_NODE_BOOL, 1 },
	{ "y", CONF_NODE_TEXT, 0 },
	{ "tRue", CONF_NODE_TEXT, 0 },
	{ "0", CONF_NODE_INT, 0 },
	{ "+1", CONF_NODE_INT, 1 },
	{ "-17", CONF_NODE_INT, -17 },
	{ "1_000", CONF_NODE_INT, 1000 },
	{ "010", CONF_NODE_INT, 8 },
	{ "0310", CONF_NODE_INT, 200 },
	{ "-010", CONF_NODE_INT, -8 },
	{ "09", CONF_NODE_TEXT, 0 },
	{ "0o10", CONF_NODE_TEXT, 0 },
	{ "0x1F", CONF_NODE_INT, 31 },
	{ "0b11", CONF_NODE_INT, 3 },
	{ "1:30", CONF_NODE_INT, 90 },
	{ "190:20:30", CONF_NODE_INT, 685230 },
	{ "1:60", CONF_NODE_TEXT, 0 },
	{ "1.0", CONF_NODE_FLOAT, 1 },
	{ ".5", CONF_NODE_FLOAT, 0.5 },
	{ "-.5", CONF_NODE_TEXT, 0 },
	{ "5.", CONF_NODE_FLOAT, 5 },
	{ "1_0.5", CONF_NODE_FLOAT, 10.5 },
	{ "1.0e+3", CONF_NODE_FLOAT, 1000 },
	{ "1.5E-2", CONF_NODE_FLOAT, 0.015 },
	{ "1e3", CONF_NODE_TEXT, 0 },
	{ "1.0e3", CONF_NODE_TEXT, 0 },
	{ "1:30.5", CONF_NODE_FLOAT, 90.5 },
	{ "-.Inf", CONF_NODE_FLOAT, -(double)INFINITY },
	{ "200-300", CONF_NODE_TEXT, 0 },
	{ "0.5s", CONF_NODE_TEXT, 0 },
	{ "1,000", CONF_NODE_TEXT, 0 },
	{ "1.2.3", CONF_NODE_TEXT, 0 },
	{ "-", CONF_NODE_TEXT, 0 },
	{ ".", CONF_NODE_TEXT, 0 },
	{ "2001-01-01", CONF_NODE_TEXT, 0 },
};

static void
test_plain_scalars(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
		const char *text = scalars[i].text;
		if (conf_scalar_kind(text) != scalars[i].kind)
			fail_msg("\"%s\" is of kind %d", text,
				(int)conf_scalar_kind(text));
		double number = scalars[i].number;
		int64_t whole;
		if (scalars[i].kind == CONF_NODE_BOOL)
			assert_int_equal(conf_scalar_bool(text), number != 0);
		if (scalars[i].kind == CONF_NODE_INT) {
			assert_true(conf_scalar_int(text, &whole));
			assert_int_equal(whole, (int64_t)number);
		}
		if (scalars[i].kind == CONF_NODE_INT
			|| scalars[i].kind == CONF_NODE_FLOAT)
			assert_true(conf_scalar_float(text) == number);
	}
}

static void
test_odd_scalars(void **unused)
{
	(void)unused;
	assert_true(isnan(conf_scalar_float(".NaN")));
	assert_int_equal(
		conf_scalar_kind("99999999999999999999"), CONF_NODE_INT);
	int64_t ignored;
	assert_false(conf_scalar_int("99999999999999999999", &ignored));
	assert_string_equal(conf_scalar_oddity("010"), "octal");
	assert_string_equal(conf_scalar_oddity("1:30"), "base 60");
	assert_null(conf_scalar_oddity("0"));
	assert_null(conf_scalar_oddity("0.5"));
}

static void
test_the_environment_is_filled_in(void **unused)
{
	(void)unused;
	setenv("CONF_HOST", "shop.test", 1);
	setenv("CONF_EMPTY", "", 1);
	unsetenv("CONF_NONE");
	write_file("from a file\n");
	char file[64];
	snprintf(file, sizeof(file), "<${file:%s}>", path);
	const struct {
		const char *text;
		const char *filled;
		enum conf_fill fill;
	} rows[] = {
		{ "plain", "plain", CONF_FILL_DONE },
		{ "${CONF_HOST}", "shop.test", CONF_FILL_DONE },
		{ "a${CONF_HOST}b${CONF_HOST}", "ashop.testbshop.test",
			CONF_FILL_DONE },
		{ "${CONF_NONE:-else}", "else", CONF_FILL_DONE },
		{ "${CONF_EMPTY:-else}", "else", CONF_FILL_DONE },
		{ "${CONF_EMPTY}", "", CONF_FILL_DONE },
		{ "${CONF_NONE:-}", "", CONF_FILL_DONE },
		{ "$${CONF_HOST}", "${CONF_HOST}", CONF_FILL_DONE },
		{ "x${CONF_NONE}y", "x${CONF_NONE}y", CONF_FILL_UNSET },
		{ "${lower} ${} ${1} $5 $", "${lower} ${} ${1} $5 $",
			CONF_FILL_DONE },
		{ "${CONF_HOST", "${CONF_HOST", CONF_FILL_DONE },
		{ "^a{2}$", "^a{2}$", CONF_FILL_DONE },
		{ file, "<from a file>", CONF_FILL_DONE },
		{ "${file:/nowhere/at/all}", "", CONF_FILL_FAILED },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;
		struct err err;
		buf_init(&out, 1024);
		assert_int_equal(
			conf_environment_fill(rows[i].text, &out, &err),
			rows[i].fill);
		assert_string_equal(out.data, rows[i].filled);
		buf_finish(&out);
	}
}

static void
on_file(void *cookie, const char *named)
{
	buf_printf(cookie, "<%s>", named);
}

static void
test_files_that_are_named(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		const char *files;
	} rows[] = {
		{ "plain", "" },
		{ "${NAME} ${NAME:-/else} $", "" },
		{ "${file:/run/secrets/a}", "</run/secrets/a>" },
		{ "x${file:a}${NAME}${file:b c}y", "<a><b c>" },
		{ "$${file:/a} $$${file:/b}", "" },
		{ "${file:} ${file:/a", "" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf files;
		buf_init(&files, 1024);
		conf_environment_files(rows[i].text, on_file, &files);
		assert_string_equal(files.data, rows[i].files);
		buf_finish(&files);
	}
}

static void
test_did_you_mean(void **unused)
{
	(void)unused;
	static const char *const keys[] = { "timeout", "frequency", "url",
		"UPDATE_STATUS" };
	static const struct {
		const char *word;
		const char *meant; /* NULL: nothing is near */
	} rows[] = {
		{ "timeuot", "timeout" },
		{ "Timeout", "timeout" },
		{ "frequncy", "frequency" },
		{ "update_status", "UPDATE_STATUS" },
		{ "uri", "url" },
		{ "x", NULL },
		{ "", NULL },
		{ "something", NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_suggestion suggestion = { .word = rows[i].word };
		for (size_t j = 0; j < sizeof(keys) / sizeof(keys[0]); j++)
			conf_suggest(&suggestion, keys[j]);
		if (rows[i].meant)
			assert_string_equal(suggestion.best, rows[i].meant);
		else
			assert_null(suggestion.best);
	}
}

static int
make_path(void **unused)
{
	(void)unused;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int
remove_path(void **unused)
{
	(void)unused;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_scalars),
		cmocka_unit_test(test_odd_scalars),
		cmocka_unit_test(test_the_environment_is_filled_in),
		cmocka_unit_test(test_files_that_are_named),
		cmocka_unit_test(test_did_you_mean),
	};
	return cmocka_run_group_tests_name(
		"conf", tests, make_path, remove_path);
}
