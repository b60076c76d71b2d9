/* The published facts: payloads/INDEX.json and vectors.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/inbound/auth.h"
#include "agent/inbound/parts.h"
#include "agent/inbound/sns_sign.h"
#include "tests/golden/golden.h"
#include "tests/golden/inbound_play.h"

#define FOLDER GOLDEN_FOLDER "/inbound"

static const char *
text(const json_t *json, const char *key)
{
	const char *value = json_string_value(json_object_get(json, key));
	return value ? value : "";
}

/* INDEX.json. */

static const char *
type_of(const char *source)
{
	static const char *const types[][2] = {
		{ "gcp-error-reporting", "gcp" },
		{ "alibaba-metric", "cloudmonitor" },
		{ "alibaba-event", "cloudmonitor" },
		{ "alibaba-mns", "cloudmonitor" },
		{ "cloudwatch", "eventbridge" },
		{ "uptimerobot", "generic" },
		{ "uptime-kuma", "generic" },
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(types[i][0], source))
			return types[i][1];
	return source;
}

static void
assert_problem(const json_t *expect, const struct problem *problem)
{
	const char *key = text(expect, "key");
	if (json_object_get(expect, "state"))
		assert_string_equal(problem_state_name(problem->state),
			text(expect, "state"));
	/* Of a problem, or of a delivery. */
	assert_true(str_eq(problem->identity, key)
		|| str_starts(problem->delivery, key));
	if (json_object_get(expect, "subject"))
		assert_string_equal(problem->subject, text(expect, "subject"));
	if (json_object_get(expect, "service"))
		assert_string_equal(problem->service, text(expect, "service"));
	if (json_object_get(expect, "product"))
		assert_string_equal(problem->service, text(expect, "product"));
	if (json_object_get(expect, "name"))
		assert_string_equal(problem->category, text(expect, "name"));
	if (json_object_get(expect, "alertName"))
		assert_string_equal(problem->title, text(expect, "alertName"));
	if (json_object_get(expect, "expression"))
		assert_non_null(
			strstr(problem->text, text(expect, "expression")));
	const json_t *seconds = json_object_get(expect, "started_at");
	if (seconds)
		assert_int_equal(problem->started_ms,
			json_integer_value(seconds) * INT64_C(1000));
	seconds = json_object_get(expect, "ended_at");
	if (seconds)
		assert_int_equal(
			problem->ended_ms, json_integer_value(seconds) * 1000);
	const json_t *ms = json_object_get(expect, "timestamp_ms");
	if (ms)
		assert_int_equal(problem->at_ms, json_integer_value(ms));
	if (json_object_get(expect, "time"))
		assert_int_equal(
			problem->at_ms, inbound_time(text(expect, "time")));
}

static void
assert_labels(const json_t *expect, const struct problem *problem)
{
	const char *name;
	json_t *value;
	json_object_foreach (
		json_object_get(expect, "dimensions"), name, value) {
		const char *found = "";
		for (size_t i = 0; i < problem->n_labels; i++)
			if (str_eq(problem->labels[i].name, name))
				found = problem->labels[i].value;
		assert_string_equal(found, json_string_value(value));
	}
}

static void
check_entry(const json_t *entry)
{
	const json_t *expect = json_object_get(entry, "expect");
	json_t *game = json_pack("{s:s,s:s,s:O*}", "type",
		type_of(text(entry, "source")), "file", text(entry, "file"),
		"headers", json_object_get(entry, "headers"));
	struct inbound_case one;
	inbound_case_init(&one, game);
	struct inbound_answer answer = { .arena = one.arena };
	inbound_case_play(&one, &answer);
	print_message("%s\n", text(entry, "file"));
	assert_int_equal(answer.status, 200);
	const json_t *events = json_object_get(expect, "events");
	if (events) {
		assert_int_equal(answer.n_problems, json_array_size(events));
		for (size_t i = 0; i < answer.n_problems; i++)
			assert_problem(
				json_array_get(events, i), &answer.problems[i]);
	} else {
		assert_int_equal(answer.n_problems, 1);
		assert_problem(expect, &answer.problems[0]);
		assert_labels(expect, &answer.problems[0]);
	}
	inbound_case_finish(&one);
	json_decref(game);
}

static void
test_index(void **state)
{
	(void)state;
	json_t *index = golden_load(FOLDER "/payloads/INDEX.json");
	size_t i;
	const json_t *entry;
	assert_true(json_array_size(index) >= 25);
	json_array_foreach (index, i, entry)
		check_entry(entry);
	json_decref(index);
}

/* vectors.json. */

static void
test_certificate_urls(void **state)
{
	const json_t *cases = inbound_at(*state, "sns.cert_url_cases");
	size_t i;
	const json_t *one;
	assert_true(json_array_size(cases) > 0);
	json_array_foreach (cases, i, one)
		if (inbound_sns_url(text(one, "url"), true)
			!= str_eq(text(one, "verdict"), "accept"))
			fail_msg("%s", text(one, "url"));
}

static void
test_more_urls(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool is_certificate, is_good;
	} rows[] = {
		{ "HTTPS://SNS.us-EAST-1.AmazonAWS.com/a.pem", true, true },
		{ "https://sns.us-east-1.amazonaws.com/a.pem?x=.pem", true,
			false },
		{ "https://sns.us-east-1.amazonaws.com/a#.pem", true, false },
		{ "https://sns.us-east-1.amazonaws.com", true, false },
		{ "https://sns.us-east-1.amazonaws.com.pem", true, false },
		{ "https://sns.us.east.amazonaws.com/a.pem", true, false },
		{ "https://sns.us_east.amazonaws.com/a.pem", true, false },
		{ "https://sns..amazonaws.com/a.pem", true, false },
		{ "https://sns.amazonaws.com/a.pem", true, false },
		{ "https://sns.us-east-1.amazonaws.com\\@evil/a.pem", true,
			false },
		{ "https://sns.us-east-1.amazonaws.com/\na.pem", true, false },
		{ "https://sns.us-east-1.amazonaws.com.cn.evil/a.pem", true,
			false },
		{ "//sns.us-east-1.amazonaws.com/a.pem", true, false },
		{ "", true, false },
		{ "https://sns.eu-west-1.amazonaws.com/?Action=Confirm", false,
			true },
		{ "https://sns.eu-west-1.amazonaws.com:443/?Action=C", false,
			false },
		{ "https://169.254.169.254/?Action=Confirm", false, false },
		{ "http://sns.eu-west-1.amazonaws.com/?Action=C", false,
			false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (inbound_sns_url(rows[i].url, rows[i].is_certificate)
			!= rows[i].is_good)
			fail_msg("%s", rows[i].url);
}

static void
check_signature(const json_t *vector, const char *pem, int64_t now_ms)
{
	struct inbound_certificate certificate = { "url", pem, strlen(pem),
		NULL };
	const json_t *message = json_object_get(vector, "message");
	bool accept = str_eq(text(vector, "verdict"), "accept");
	struct err err = { "" };
	if (json_object_get(vector, "string_to_sign")) {
		struct buf buf;
		buf_init(&buf, (size_t)1 << 20);
		inbound_sns_string_to_sign(message, &buf);
		assert_string_equal(buf.data, text(vector, "string_to_sign"));
		buf_finish(&buf);
	}
	if (inbound_sns_verify(message, &certificate, now_ms, &err) != accept)
		fail_msg("%s: %s", text(vector, "name"), err.text);
}

static void
test_signatures(void **state)
{
	const json_t *vectors = inbound_at(*state, "sns.vectors");
	const char *pem = json_string_value(
		inbound_at(*state, "sns.test_certificate_pem"));
	int64_t now_ms =
		json_integer_value(json_object_get(*state, "now_for_tests"))
		* 1000;
	size_t i;
	const json_t *vector;
	assert_true(json_array_size(vectors) >= 13);
	json_array_foreach (vectors, i, vector)
		check_signature(vector, pem, now_ms);

	/* Any byte of the signature, any that is signed; and the times. */
	struct err err;
	struct inbound_certificate certificate = { "url", pem, strlen(pem),
		NULL };
	json_t *message = json_deep_copy(
		json_object_get(json_array_get(vectors, 0), "message"));
	assert_false(inbound_sns_verify(
		message, &certificate, INT64_C(1500000000000), &err));
	assert_false(inbound_sns_verify(
		message, &certificate, INT64_C(2600000000000), &err));
	static const char *const strange[] = { "", "=", "====", "AAAA", "!!!!",
		"bPyn", "AAA" };
	for (size_t n = 0; n < sizeof(strange) / sizeof(strange[0]); n++) {
		json_object_set_new(
			message, "Signature", json_string(strange[n]));
		assert_false(inbound_sns_verify(
			message, &certificate, now_ms, &err));
	}
	json_object_del(message, "Signature");
	assert_false(inbound_sns_verify(message, &certificate, now_ms, &err));
	certificate.len = 20;
	assert_false(inbound_sns_verify(message, &certificate, now_ms, &err));
	json_decref(message);
}

static enum inbound_auth
authorized(struct conf_inbound *source, const char *authorization,
	const char *query)
{
	struct inbound_header header = { "authorization", authorization };
	struct inbound_request request = {
		.method = "POST",
		.query = query,
		.headers = &header,
		.n_headers = authorization ? 1 : 0,
		.source = source,
	};
	return inbound_authorize(&request);
}

static void
test_basic(void **state)
{
	size_t i;
	const json_t *one;
	json_array_foreach (inbound_at(*state, "basic_auth.vectors"), i, one) {
		struct conf_inbound source = { .user = text(one, "user"),
			.password = text(one, "password") };
		const char *header = text(one, "header");
		assert_int_equal(
			authorized(&source, header, ""), INBOUND_AUTH_GOOD);
		source.password = "other";
		assert_int_equal(
			authorized(&source, header, ""), INBOUND_AUTH_WRONG);
		source.password = text(one, "password");
		source.user = "other";
		assert_int_equal(
			authorized(&source, header, ""), INBOUND_AUTH_WRONG);
	}
	json_array_foreach (inbound_at(*state, "basic_auth.reject"), i, one) {
		struct conf_inbound source = { .user = "gcp", .password = "x" };
		assert_int_not_equal(
			authorized(&source, json_string_value(one), ""),
			INBOUND_AUTH_GOOD);
	}
	struct conf_inbound source = { .user = "gcp", .password = "x" };
	assert_int_equal(authorized(&source, NULL, ""), INBOUND_AUTH_NONE);
	assert_int_equal(
		authorized(&source, "basic  Z2NwOng=", ""), INBOUND_AUTH_GOOD);
	assert_string_equal(
		inbound_challenge(&source), "Basic realm=\"curlew\"");
}

static void
test_tokens(void **state)
{
	size_t i;
	const json_t *one;
	json_array_foreach (inbound_at(*state, "query_token.cases"), i, one) {
		const char *token = text(one, "decoded_token");
		const char *target = text(one, "request_target");
		struct conf_inbound source = {
			.token = *token != '\0' ? token : "t",
		};
		assert_int_equal(
			authorized(&source, NULL, strchr(target, '?') + 1),
			*token != '\0' ? INBOUND_AUTH_GOOD
				       : INBOUND_AUTH_WRONG);
	}
	struct conf_inbound source = { .token = "a+b" };
	static const struct {
		const char *authorization, *query;
		enum inbound_auth auth;
	} rows[] = {
		{ "Bearer a+b", "", INBOUND_AUTH_GOOD },
		{ "bearer a+b", "", INBOUND_AUTH_GOOD },
		{ "Bearer a b", "", INBOUND_AUTH_WRONG },
		{ "Bearer", "", INBOUND_AUTH_NONE },
		{ "Basic a+b", "", INBOUND_AUTH_NONE },
		{ NULL, "token=a+b", INBOUND_AUTH_GOOD },
		{ NULL, "auth_token=a%2bb&x", INBOUND_AUTH_GOOD },
		{ NULL, "auth_token=a+b%00", INBOUND_AUTH_WRONG },
		{ NULL, "xauth_token=a+b", INBOUND_AUTH_NONE },
		{ NULL, "", INBOUND_AUTH_NONE },
	};
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		assert_int_equal(authorized(&source, rows[n].authorization,
					 rows[n].query),
			rows[n].auth);
}

static void
test_key(void **state)
{
	(void)state;
	struct conf_inbound source = { .header = "x-curlew-key", .key = "k1" };
	struct inbound_header header = { "X-Curlew-Key", "k1" };
	struct inbound_request request = { .query = "",
		.headers = &header,
		.n_headers = 1,
		.source = &source };
	assert_int_equal(inbound_authorize(&request), INBOUND_AUTH_GOOD);
	header.value = "k2";
	assert_int_equal(inbound_authorize(&request), INBOUND_AUTH_WRONG);
	request.n_headers = 0;
	assert_int_equal(inbound_authorize(&request), INBOUND_AUTH_NONE);
	source = (struct conf_inbound){ 0 };
	assert_int_equal(inbound_authorize(&request), INBOUND_AUTH_GOOD);
}

static void
test_times(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "1709294400", INT64_C(1709294400000) },
		{ "1709294400123", INT64_C(1709294400123) },
		{ "1709294400.5", INT64_C(1709294400500) },
		{ "20240301T200000.490+0800", INT64_C(1709294400490) },
		{ "20240301T120000Z", INT64_C(1709294400000) },
		{ "2024-03-01T12:00:00.123+0000", INT64_C(1709294400123) },
		{ "2024-03-01T12:00:00.123Z", INT64_C(1709294400123) },
		{ "Fri, 01 Mar 2024 12:00:00 GMT", INT64_C(1709294400000) },
		{ "2024-03-01T20:00:00.123456+08:00", INT64_C(1709294400123) },
		{ "2024-03-01 12:00:00.868000+00:00", INT64_C(1709294400868) },
		{ "2024-03-01 12:00:00.123", INT64_C(1709294400123) },
		{ "2024-03-01T12:00:00.123456789Z", INT64_C(1709294400123) },
		{ "0001-01-01T00:00:00Z", 0 },
		{ "0", 0 },
		{ "-5", 0 },
		{ "1e300", 0 },
		{ "", 0 },
		{ "null", 0 },
		{ "yesterday", 0 },
		{ "20240301T2000", 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (inbound_time(rows[i].text) != rows[i].ms)
			fail_msg("%s", rows[i].text);
}

int
main(void)
{
	json_t *vectors = golden_load(FOLDER "/vectors.json");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index),
		cmocka_unit_test_prestate(test_certificate_urls, vectors),
		cmocka_unit_test(test_more_urls),
		cmocka_unit_test_prestate(test_signatures, vectors),
		cmocka_unit_test_prestate(test_basic, vectors),
		cmocka_unit_test_prestate(test_tokens, vectors),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_times),
	};
	int failed = cmocka_run_group_tests_name(
		"inbound vectors", tests, NULL, NULL);
	json_decref(vectors);
	return failed;
}
