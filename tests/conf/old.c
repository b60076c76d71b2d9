/*
 * Files with which cachet-url-monitor would not start, or not work, and those
 * that it read in its own way: what becomes of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "tests/conf/kinds.h"

#define FOO \
	"name: foo, url: 'http://foo.test/p', method: GET, timeout: 0.3," \
	" expectation: [{type: HTTP_STATUS, status_range: 200-300}]," \
	" component_id: 1, frequency: 5, public_incidents: true"
#define QUIET "endpoints: [{" FOO "}]\n"
#define TELLS "endpoints: [{" FOO ", action: [CREATE_INCIDENT]}]\n"
#define EXPECTS(one) \
	"endpoints: [{name: foo, url: 'http://foo.test'," \
	" expectation: [" one "]}]"
#define API "api_url: 'http://c.test/api/v1'"
#define CACHET "cachet: {" API ", token: t}\n"
#define NO_CACHET \
	"endpoints[0] (foo).action: Missing cachet mandatory fields: add " \
	"\"cachet:\" with its api_url and token, or leave the action out"
#define NO_ENDPOINTS "Endpoints is a mandatory field: "
#define OLDER \
	"this has keys of an older cachet-url-monitor, and is migrated in " \
	"memory; `curlew migrate` writes it as it is now\n"
#define A_MAP "expected a map of keys such as \"endpoints:\""
#define A_LIST "a list of what is to be watched"
#define A_RANGE \
	"expected a status such as 200, or a range such as 200-300 (300 " \
	"itself is not in it)"

static const struct {
	const char *text;
	bool good;
	const char *said; /* without places; "~ " before a warning */
	const char *name, *value; /* in the environment; NULL for none */
} rows[] = {
	/* The whole */
	{ "", false, NO_ENDPOINTS A_LIST "\n", NULL, NULL },
	{ "[]", false, NO_ENDPOINTS A_MAP "\n", NULL, NULL },
	{ "foo", false, NO_ENDPOINTS A_MAP "\n", NULL, NULL },
	{ CACHET, false, NO_ENDPOINTS A_LIST "\n", NULL, NULL },
	{ "endpoints:\n" CACHET, false,
		"endpoints: Endpoints array can not be empty\n", NULL, NULL },
	{ "endpoints: []\n" CACHET, false,
		"endpoints: Endpoints array can not be empty\n", NULL, NULL },
	{ "endpoints: {" FOO "}\n" CACHET, false,
		"endpoints: expected a list, got a map\n", NULL, NULL },
	{ "endpoints: foo\n" CACHET, false,
		"endpoints: expected a list, got \"foo\"\n", NULL, NULL },
	{ TELLS CACHET, true, "", NULL, NULL },

	/* cachet */
	{ QUIET, true, "", NULL, NULL },
	{ TELLS, false, NO_CACHET "\n", NULL, NULL },
	{ TELLS "cachet:\n", false, NO_CACHET "\n", NULL, NULL },
	{ TELLS "cachet: {" API "}\n", true, "", "CACHET_TOKEN", "E" },
	{ TELLS "cachet: {token: t}\n", true, "", "CACHET_API_URL",
		"http://c.test" },
	{ TELLS CACHET CACHET, true,
		"~ cachet: is given twice; the last one counts\n", NULL, NULL },
	{ TELLS "cachet: {" API ", token: t, latency_unit: ms}\n", true,
		"~ " OLDER "~ latency_unit: counts for each endpoint by "
		"itself; up to 0.6.7 the one under cachet was for all, since "
		"0.6.8 it had no effect\n",
		NULL, NULL },

	/* webhooks, messages */
	{ QUIET "webhooks:\n", true, "", NULL, NULL },
	{ QUIET "webhooks: []\n", true, "", NULL, NULL },
	{ QUIET "webhooks: [{url: 'http://h.test', params: }]\n", true, "",
		NULL, NULL },
	{ QUIET "webhooks: [{params: {a: b}}]\n", false,
		"webhooks[0].url: is missing\n", NULL, NULL },
	{ QUIET "webhooks: [{url: 'http://h.test', params: {a: [1, b]}}]\n",
		true, "", NULL, NULL },
	{ QUIET "messages:\n", true, "", NULL, NULL },
	{ QUIET "messages: {}\n", true, "", NULL, NULL },
	{ QUIET "messages: []\n", false,
		"messages: expected a map of keys, got a list\n", NULL, NULL },
	{ QUIET "messages: foo\n", false,
		"messages: expected a map of keys, got \"foo\"\n", NULL, NULL },
	{ QUIET "messages: {incident_outage: 5}\n", false,
		"messages.incident_outage: message.incident_outage must be a "
		"text; write it in quotes\n",
		NULL, NULL },
	{ QUIET "messages: {foo: ~}\n", false,
		"~ messages.foo: unknown key\n"
		"messages.foo: message.foo must be a text; write it in "
		"quotes\n",
		NULL, NULL },

	/* Endpoints that lack what they must have */
	{ "endpoints: [{name: foo}]", false,
		"endpoints[0] (foo).url: is missing, and so is method\n", NULL,
		NULL },
	{ "endpoints: [{url: 'http://foo.test'}]", false,
		"endpoints[0].name: is missing\n", NULL, NULL },
	{ "endpoints: [foo]", false,
		"endpoints[0]: expected a map of keys, got \"foo\"\n", NULL,
		NULL },
	{ "endpoints: [~]", false,
		"endpoints[0]: expected a map of keys, got nothing\n", NULL,
		NULL },

	/* Expectations */
	{ EXPECTS("{type: HTTP}"), false,
		"endpoints[0] (foo).expectation[0].type: Invalid type: HTTP; "
		"expected HTTP_STATUS, LATENCY or REGEX\n",
		NULL, NULL },
	{ EXPECTS("{threshold: 1}"), false,
		"endpoints[0] (foo).expectation[0].type: is missing\n", NULL,
		NULL },
	{ EXPECTS("{type: HTTP_STATUS, status_range: 2xx}"), true, "", NULL,
		NULL },
	{ EXPECTS("{type: HTTP_STATUS, status_range: [200, 3xx]}"), true, "",
		NULL, NULL },
	{ EXPECTS("{type: HTTP_STATUS, status_range: 200.0}"), false,
		"endpoints[0] (foo).expectation[0].status_range: " A_RANGE "\n",
		NULL, NULL },
	{ EXPECTS("{type: HTTP_STATUS, status_range: }"), false,
		"endpoints[0] (foo).expectation[0]: HTTP_STATUS needs a "
		"status_range: a status such as 200, or a range such as "
		"200-300 (300 itself is not in it)\n",
		NULL, NULL },
	{ EXPECTS("{type: REGEX, regex: 5}"), true,
		"~ endpoints[0] (foo).expectation[0].regex: 5 is taken as a "
		"text; write it in quotes\n",
		NULL, NULL },
	{ EXPECTS("{type: LATENCY, threshold: '1'}"), true, "", NULL, NULL },
	{ EXPECTS("{type: LATENCY, threshold: 1e3}"), true, "", NULL, NULL },
};

/* Without "file:2:3: ". */
static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	message = strchr(message, ' ') + 1;
	buf_printf(cookie, "%s%s\n", severity == CONF_WARNING ? "~ " : "",
		message);
}

static struct conf *
load(const char *text, struct buf *said)
{
	FILE *file = fopen(kinds_path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return conf_load(kinds_path, &kinds_types, on_complaint, said);
}

static void
test_files_of_old(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf said;
		buf_init(&said, 4096);
		if (rows[i].name)
			setenv(rows[i].name, rows[i].value, 1);
		struct conf *conf = load(rows[i].text, &said);
		if (rows[i].name)
			unsetenv(rows[i].name);
		if ((conf != NULL) != rows[i].good
			|| !str_eq(said.data, rows[i].said))
			fail_msg("%s\n--- is %s and says\n%s--- not\n%s",
				rows[i].text, conf ? "taken" : "refused",
				said.data, rows[i].said);
		conf_free(conf);
		buf_finish(&said);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_of_old),
	};
	return cmocka_run_group_tests_name(
		"conf old", tests, kinds_open, kinds_close);
}
