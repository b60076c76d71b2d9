#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <unistd.h>

#include "agent/base/log.h"

enum {
	LONG = 20 * 1000,
};

/* What was written to stderr since the last call. */
struct taken {
	int before; /* the real one */
	int pipe[2];
	char text[LONG];
};

static void
take_begin(struct taken *taken)
{
	assert_int_equal(pipe(taken->pipe), 0);
	taken->before = dup(STDERR_FILENO);
	dup2(taken->pipe[1], STDERR_FILENO);
	close(taken->pipe[1]);
}

static const char *
take_end(struct taken *taken)
{
	dup2(taken->before, STDERR_FILENO);
	close(taken->before);
	ssize_t len = read(taken->pipe[0], taken->text, LONG - 1);
	close(taken->pipe[0]);
	assert_true(len > 0);
	taken->text[len] = '\0';
	return taken->text;
}

static void
test_looks(void **state)
{
	static const struct {
		const char *when;
		struct log_look look;
		enum log_level level;
		const char *begin;
		const char *end;
	} rows[] = {
		{ "logfmt", { 0 }, LOG_INFO, "time=2",
			" level=info msg=\"it is \\\"so\\\"\" name=a"
			" text=\"b c\" n=-3\n" },
		{ "for the journal", { .priorities = true }, LOG_WARN,
			"<4>time=2", " n=-3\n" },
		{ "an error for the journal", { .priorities = true }, LOG_ERROR,
			"<3>time=2", " n=-3\n" },
		{ "in colour", { .colours = true }, LOG_ERROR, "\033[2mtime=2",
			" \033[2mtext=\033[0m\"b c\" \033[2mn=\033[0m-3\n" },
		{ "JSON", { .json = true }, LOG_INFO, "{\"time\":\"2",
			"Z\",\"level\":\"info\",\"msg\":\"it is \\\"so\\\"\","
			"\"name\":\"a\",\"text\":\"b c\",\"n\":-3}\n" },
		{ "JSON for the journal", { .json = true, .priorities = true },
			LOG_INFO, "<6>{\"time\":\"2", "\"n\":-3}\n" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct taken taken;
		log_set_look(&rows[i].look);
		take_begin(&taken);
		log_say(rows[i].level, "it is \"so\"", log_text("name", "a"),
			log_text("text", "b c"), log_int("n", -3));
		const char *line = take_end(&taken);
		size_t len = strlen(line);
		size_t end = strlen(rows[i].end);
		if (strncmp(line, rows[i].begin, strlen(rows[i].begin)) != 0
			|| len < end
			|| strcmp(line + len - end, rows[i].end) != 0)
			fail_msg("%s: %s", rows[i].when, line);
	}
	log_set_look(&(struct log_look){ 0 });
}

/* Whatever was cut, and whatever it would do to a terminal. */
static void
test_logfmt_stays_text(void **state)
{
	static char endless[LONG];
	memset(endless, '\xc3', LONG - 1);
	static const struct {
		const char *text;
		const char *end; /* NULL: it was cut */
	} rows[] = {
		{ "caf\xc3\xa9 \xf0\x9f\x90\xa6",
			" text=\"caf\xc3\xa9 \xf0\x9f\x90\xa6\"\n" },
		{ "caf\xc3", " text=\"caf\\xc3\"\n" },
		{ "\xe2\x82 ", " text=\"\\xe2\\x82 \"\n" },
		{ "\x1b[31m", " text=\"\\x1b[31m\"\n" },
		{ "\xc2\x9b"
		  "31m",
			" text=\"\\xc2\\x9b31m\"\n" },
		{ endless, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct taken taken;
		take_begin(&taken);
		log_say(LOG_ERROR, "so", log_text("text", rows[i].text));
		const char *line = take_end(&taken);
		const char *end = rows[i].end ? rows[i].end : "\n";
		if (strlen(line) < strlen(end)
			|| strcmp(line + strlen(line) - strlen(end), end) != 0)
			fail_msg("row %zu: %s", i, line);
		assert_true(strlen(line) <= 8192);
		assert_true(rows[i].end || !strchr(line, '\xc3'));
	}
}

/* However long and odd a text is, a line of JSON can be read. */
static void
test_json_stays_json(void **state)
{
	static char endless[LONG];
	memset(endless, '\n', LONG - 1);
	static const struct {
		const char *text;
		const char *read; /* NULL: it was cut */
	} rows[] = {
		{ "\x1b[31m", "\x1b[31m" },
		{ "tab\tand\r\n", "tab\tand\r\n" },
		{ "caf\xc3\xa9 \xf0\x9f\x90\xa6",
			"caf\xc3\xa9 \xf0\x9f\x90\xa6" },
		{ "caf\xe9", "caf\xef\xbf\xbd" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80",
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ endless, NULL },
	};
	(void)state;
	log_set_look(&(struct log_look){ .json = true });
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct taken taken;
		take_begin(&taken);
		log_say(LOG_ERROR, "so", log_text("text", rows[i].text),
			log_text("more", rows[i].text), log_int("n", 1));
		const char *line = take_end(&taken);
		json_error_t where;
		json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, &where);
		if (!json)
			fail_msg("row %zu: %s: %s", i, where.text, line);
		const char *read =
			json_string_value(json_object_get(json, "text"));
		assert_non_null(read);
		if (rows[i].read)
			assert_string_equal(read, rows[i].read);
		else
			assert_true(strlen(read) > 3000);
		assert_true(strlen(line) <= 8192);
		json_decref(json);
	}
	log_set_look(&(struct log_look){ 0 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_logfmt_stays_text),
		cmocka_unit_test(test_json_stays_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
