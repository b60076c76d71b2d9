/*
 * An endpoint as cachet-url-monitor had it, key by key: what each of the odd
 * values that people write there means, and what is said of it.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "probes/http_conf.h"
#include "tests/conf/kinds.h"

/* What stands there unless a row says otherwise. */
static const struct {
	const char *key;
	const char *value;
} usual[] = {
	{ "name", "foo" },
	{ "url", "http://h.test/p" },
	{ "method", "GET" },
	{ "timeout", "3" },
	{ "expectation", "[{type: HTTP_STATUS, status_range: 200-300}]" },
	{ "frequency", "5" },
};

static const struct {
	const char *key;
	const char *value; /* NULL: the key is absent */
	const char *means; /* NULL: an error */
	const char *said; /* "~ " before a warning; "" for nothing */
} rows[] = {
	{ "name", "404", "name=404 ", "" },
	{ "name", "", "name=None ", "~ name: is empty; None is taken" },
	{ "name", "2001-1-1 10:00:00", "name=2001-01-01 10:00:00 ", "" },
	{ "name", "''", NULL, "name: must not be empty" },
	{ "name", NULL, NULL, "name: is missing" },

	{ "url", "h.test/p", "url=h.test/p ", "" },
	{ "url", "httpbin.test/get", "url=httpbin.test/get ", "" },
	{ "url", "HTTP://h.test", "url=HTTP://h.test ", "" },
	{ "url", "", NULL, "url: must not be empty" },
	{ "url", "5", NULL, "url: expected a text" },
	{ "url", "true", NULL, "url: expected a text" },
	{ "url", "''", NULL, "url: is empty; http://example.net/ is a URL" },
	{ "url", "ftp://h.test/", NULL,
		"url: the scheme ftp is not supported; http and https are" },
	{ "url", NULL, NULL, "url: is missing" },

	{ "method", "get", "method=get ", "" },
	{ "method", "", "method=GET ", "~ method: is empty; GET is taken" },
	{ "method", NULL, "method=GET ", "" },
	{ "method", "G T", NULL,
		"method: expected a method such as GET, HEAD or POST" },

	{ "header", "", "header= ", "" },
	{ "header", "{}", "header= ", "" },
	{ "header", "{X-A: 5, X-B: yes, X-C: 1.50, X-D: '', 5: e}",
		"header=X-A:5,X-B:yes,X-C:1.50,X-D:,5:e, ", "" },
	{ "header", "{User-Agent: , X-A: b}", "header=User-Agent,X-A:b, ", "" },
	{ "header", "[X-A]", NULL, "header: expected a map of texts" },
	{ "header", "X-A", NULL, "header: expected a map of texts" },
	{ "header", "{X-A: [b]}", NULL, "header.X-A: expected a text" },

	{ "insecure", "yes", "insecure=1 ", "" },
	{ "insecure", "", "insecure=0 ", "" },
	{ "insecure", "'false'", "insecure=0 ",
		"~ insecure: this is a text; write it without quotes" },
	{ "insecure", "'no'", "insecure=0 ",
		"~ insecure: this is a text; write it without quotes" },
	{ "insecure", "2", NULL,
		"insecure: expected true or false, got \"2\"" },

	{ "timeout", "0.25", "timeout=250 ", "" },
	{ "timeout", NULL, "timeout=10000 ", "" },
	{ "timeout", "", "timeout=1000 ", "~ timeout: is empty; 1s is taken" },
	{ "timeout", "0", "timeout=1000 ", "~ timeout: 0 is taken as 1s" },
	{ "timeout", "0.0", "timeout=1000 ", "~ timeout: 0.0 is taken as 1s" },
	{ "timeout", "no", "timeout=1000 ", "~ timeout: no is taken as 1s" },
	{ "timeout", "'0.3'", "timeout=300 ",
		"~ timeout: this is a text; write it without quotes" },
	{ "timeout", "1e1", "timeout=10000 ", "" },
	{ "timeout", "-1", NULL,
		"timeout: expected a duration such as 30s or 5m, got \"-1\"" },
	{ "timeout", "true", NULL,
		"timeout: expected a duration such as 30s or 5m, got "
		"\"true\"" },
	{ "timeout", "[1]", NULL,
		"timeout: expected a duration such as 30s or 5m, got a list" },
	{ "timeout", ".inf", NULL,
		"timeout: expected a duration such as 30s or 5m, got "
		"\".inf\"" },
	{ "timeout", ".nan", NULL,
		"timeout: expected a duration such as 30s or 5m, got "
		"\".nan\"" },

	{ "expectation", "[]", NULL,
		"expectation: endpoint.expectation must be a list of at least "
		"one; without the key, the status must be 200-300" },
	{ "expectation", "", NULL,
		"expectation: endpoint.expectation must be a list of at least "
		"one; without the key, the status must be 200-300" },
	{ "expectation", "{}", NULL,
		"expectation: expected a list for endpoint.expectation, got a "
		"map" },
	{ "expectation", "[5]", NULL,
		"expectation[0]: expected a map of keys, got \"5\"" },
	{ "expectation", NULL, "expectations=0 ", "" },

	{ "allowed_fails", NULL, "fails=0 ", "" },
	{ "allowed_fails", "", "fails=0 ", "" },
	{ "allowed_fails", "2", "fails=2 ", "" },
	{ "allowed_fails", "-3", "fails=0 ",
		"~ allowed_fails: -3 is taken as 0" },
	{ "allowed_fails", "1.5", "fails=1 ",
		"~ allowed_fails: 1.5 is taken as 1" },
	{ "allowed_fails", "true", "fails=1 ",
		"~ allowed_fails: true is taken as 1" },
	{ "allowed_fails", "'1'", "fails=1 ",
		"~ allowed_fails: this is a text; write it without quotes" },
	{ "allowed_fails", "010", "fails=8 ",
		"~ allowed_fails: YAML reads this as octal: 8" },
	{ "allowed_fails", "many", NULL,
		"allowed_fails: expected a whole number, got \"many\"" },
	{ "allowed_fails", ".inf", NULL,
		"allowed_fails: expected at most 1000000, got \".inf\"" },

	{ "component_id", "7", "component=7 ", "" },
	{ "component_id", "'7'", "component=7 ",
		"~ component_id: this is a text; write it without quotes" },
	{ "component_id", "7.0", "component=7 ", "" },
	{ "component_id", "", "component=0 ", "" },
	{ "component_id", "7.5", NULL,
		"component_id: expected a whole number, got \"7.5\"" },
	{ "component_id", "-7", NULL,
		"component_id: expected at least 0, got \"-7\"" },

	{ "metric_id", "3", "metric=3 ", "" },
	{ "metric_id", "", "metric=0 ", "" },
	{ "metric_id", "0", "metric=0 ", "" },

	{ "action", NULL, "action= ", "" },
	{ "action", "[]", "action= ", "" },
	{ "action", "",
		"action= ", "~ action: is empty; write [] or leave it out" },
	{ "action", "CREATE_INCIDENT", "action=0, ",
		"~ action: this is a list; write it in brackets" },
	{ "action", "[UPDATE_STATUS, CREATE_INCIDENT, UPDATE_STATUS]",
		"action=1,0, ",
		"~ action[2]: \"UPDATE_STATUS\" is given twice; once is "
		"enough" },
	{ "action", "[EMAIL]", NULL,
		"action[0]: expected one of CREATE_INCIDENT, UPDATE_STATUS, "
		"PUSH_METRICS, got \"EMAIL\"" },
	{ "action", "[update_status]", NULL,
		"action[0]: expected one of CREATE_INCIDENT, UPDATE_STATUS, "
		"PUSH_METRICS, got \"update_status\"; did you mean "
		"\"UPDATE_STATUS\"?" },
	{ "action", "{a: b}", NULL, "action: expected a list, got a map" },

	{ "public_incidents", NULL, "public=1 ", "" },
	{ "public_incidents", "on", "public=1 ", "" },
	{ "public_incidents", "1", "public=1 ", "" },
	{ "public_incidents", "0", "public=0 ", "" },
	{ "public_incidents", "'1'", "public=1 ",
		"~ public_incidents: this is a text; write it without "
		"quotes" },
	{ "public_incidents", "'0'", "public=0 ",
		"~ public_incidents: this is a text; write it without "
		"quotes" },
	{ "public_incidents", "'true'", "public=1 ",
		"~ public_incidents: this is a text; write it without "
		"quotes" },
	{ "public_incidents", "2", "public=1 ",
		"~ public_incidents: 2 is taken as true" },
	{ "public_incidents", "1.9", "public=1 ",
		"~ public_incidents: 1.9 is taken as true" },
	{ "public_incidents", "0.9", "public=0 ",
		"~ public_incidents: 0.9 is taken as false" },
	{ "public_incidents", "", "public=1 ",
		"~ public_incidents: is empty; true is taken" },
	{ "public_incidents", "maybe", NULL,
		"public_incidents: expected true or false, got \"maybe\"" },

	{ "latency_unit", NULL, "unit=1 ", "" },
	{ "latency_unit", "", "unit=1 ", "" },
	{ "latency_unit", "''", "unit=1 ",
		"~ latency_unit: is empty; s is taken" },
	{ "latency_unit", "milliseconds", "unit=0 ", "" },
	{ "latency_unit", "h", "unit=3 ", "" },
	{ "latency_unit", "MS", NULL,
		"latency_unit: expected one of ms, milliseconds, s, seconds, "
		"m, minutes, h, hours, got \"MS\"; did you mean \"ms\"?" },

	{ "frequency", "0.5", "frequency=500 ", "" },
	{ "frequency", "5m", "frequency=300000 ", "" },
	{ "frequency", "1:30", "frequency=90000 ",
		"~ frequency: YAML reads this as base 60: 90" },
	{ "frequency", "'1'", "frequency=1000 ",
		"~ frequency: this is a text; write it without quotes" },
	{ "frequency", "", "frequency=30000 ",
		"~ frequency: is empty; 30s is taken" },
	{ "frequency", "0", NULL,
		"frequency: expected more than 0, got \"0\"" },
	{ "frequency", "-1", NULL,
		"frequency: expected a duration such as 30s or 5m, got "
		"\"-1\"" },
	{ "frequency", "often", NULL,
		"frequency: expected a duration such as 30s or 5m, got "
		"\"often\"" },
	{ "frequency", "1.0e+30", NULL,
		"frequency: expected a duration such as 30s or 5m, got "
		"\"1.0e+30\"" },
};

static void
write_document(const char *key, const char *value)
{
	FILE *file = fopen(kinds_path, "w");
	assert_non_null(file);
	fprintf(file,
		"cachet: {api_url: http://c.test, token: t}\n"
		"endpoints:\n- x-row:\n");
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (!str_eq(usual[i].key, key))
			fprintf(file, "  %s: %s\n", usual[i].key,
				usual[i].value);
	if (str_eq(key, "action"))
		fprintf(file, "  component_id: 1\n");
	if (value)
		fprintf(file, "  %s: %s\n", key, value);
	assert_int_equal(fclose(file), 0);
}

/* "name: is missing" of "file:2:3: endpoints[0] (foo).name: is missing". */
static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	struct buf *said = cookie;
	const char *at = strstr(message, "endpoints[0]");
	at = at ? strchr(at, '.') : NULL;
	buf_printf(said, "%s%s%s", said->len > 0 ? "\n" : "",
		severity == CONF_WARNING ? "~ " : "", at ? at + 1 : message);
}

static void
describe_probe(const struct http_conf *http, struct buf *text)
{
	const struct conf_pair *headers = http->headers.items;
	buf_printf(text,
		"url=%s method=%s insecure=%d timeout=%" PRId64
		" expectations=%zu header=",
		http->url, http->method, http->insecure, http->timeout_ms,
		http->expectation.count);
	for (size_t i = 0; i < http->headers.count; i++)
		buf_printf(text, "%s%s%s,", headers[i].key,
			headers[i].value ? ":" : "",
			headers[i].value ? headers[i].value : "");
}

static void
describe(const struct conf_endpoint *endpoint, struct buf *text)
{
	const int *actions = endpoint->action.items;
	describe_probe(endpoint->probe.settings, text);
	buf_printf(text,
		" name=%s fails=%" PRId64 " component=%" PRId64
		" metric=%" PRId64 " public=%d unit=%d frequency=%" PRId64
		" action=",
		endpoint->name, endpoint->allowed_fails, endpoint->component_id,
		endpoint->metric_id, endpoint->public_incidents,
		endpoint->latency_unit, endpoint->frequency_ms);
	for (size_t i = 0; i < endpoint->action.count; i++)
		buf_printf(text, "%d,", actions[i]);
	buf_add_char(text, ' ');
}

static void
test_every_key_of_old(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf said, means;
		buf_init(&said, 4096);
		buf_init(&means, 4096);
		write_document(rows[i].key, rows[i].value);
		struct conf *conf = conf_load(
			kinds_path, &kinds_types, on_complaint, &said);
		if (conf)
			describe(conf->endpoints.items, &means);
		bool good = rows[i].means
			? conf && strstr(means.data, rows[i].means)
			: !conf;
		if (!good || !str_eq(said.data, rows[i].said))
			fail_msg("%s: %s\nmeans %s\nsays \"%s\"", rows[i].key,
				rows[i].value ? rows[i].value : "(absent)",
				means.data, said.data);
		conf_free(conf);
		buf_finish(&said);
		buf_finish(&means);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_of_old),
	};
	return cmocka_run_group_tests_name(
		"conf endpoint", tests, kinds_open, kinds_close);
}
