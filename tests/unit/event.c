/* An event as it is stored: what is known of its endpoint besides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/model/event.h"

static const struct event_label labels[] = {
	{ "team", "web" },
	{ "team", "second of the name" },
	{ "caf\xe9", "not UTF-8 \xff" },
	{ "empty", "" },
};

static const char *const tags[] = { "payments", "eu" };

static const struct event sample = {
	.kind = EVENT_OPENED,
	.incident = "019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
	.seq = 1,
	.from = STATUS_OPERATIONAL,
	.to = STATUS_MAJOR_OUTAGE,
	.cause = CAUSE_EXTERNAL,
	.message = "m",
	.endpoint = {
		.name = "aws/EC2",
		.url = "",
		.method = "",
		.titles = { "o", "p", "q" },
		.service = "EC2",
		.severity = "critical",
		.labels = labels,
		.n_labels = 4,
		.tags = tags,
		.n_tags = 2,
	},
};

/* service|category|account|region|severity|labels|tags */
static void
assert_known(const struct event_endpoint *endpoint, const char *expected)
{
	const char *const texts[] = { endpoint->service, endpoint->category,
		endpoint->account, endpoint->region, endpoint->severity };
	struct buf text;
	buf_init(&text, 4096);
	for (size_t i = 0; i < 5; i++)
		buf_printf(&text, "%s|", texts[i] ? texts[i] : "-");
	for (size_t i = 0; i < endpoint->n_labels; i++)
		buf_printf(&text, "%s=%s ", endpoint->labels[i].name,
			endpoint->labels[i].value);
	buf_add_text(&text, "|");
	for (size_t i = 0; i < endpoint->n_tags; i++)
		buf_printf(&text, "%s ", endpoint->tags[i]);
	assert_string_equal(text.data, expected);
	buf_finish(&text);
}

static struct event
decode(const char *text, struct arena *arena)
{
	struct event event;
	struct err err;
	if (!event_decode(text, arena, &event, &err))
		fail_msg("%s", err.text);
	return event;
}

static void
test_what_is_known_is_stored(void **state)
{
	struct arena *arena = *state;
	char *text = event_encode(&sample);
	struct event event = decode(text, arena);
	free(text);
	assert_known(&event.endpoint,
		"EC2|-|-|-|critical|team=web team=second of the name "
		"caf?=not UTF-8 ? empty= |payments eu ");
	assert_string_equal(event.endpoint.name, "aws/EC2");
}

static void
test_what_was_stored_before_is_read(void **state)
{
	struct event event =
		decode("{\"kind\":\"opened\",\"endpoint\":{\"name\":\"shop\"}}",
			*state);
	assert_known(&event.endpoint, "-|-|-|-|-||");
	assert_string_equal(event.endpoint.name, "shop");
}

static void
test_nothing_is_written_of_nothing(void **state)
{
	(void)state;
	struct event event = sample;
	event.endpoint = (struct event_endpoint){
		.name = "n",
		.url = "",
		.method = "",
		.titles = { "", "", "" },
	};
	char *text = event_encode(&event);
	assert_null(strstr(text, "service"));
	assert_null(strstr(text, "labels"));
	assert_null(strstr(text, "tags"));
	assert_null(strstr(text, "phases"));
	free(text);
	text = event_encode_known(&event.endpoint);
	assert_string_equal(text, "");
	free(text);
}

static void
test_phases_are_stored(void **state)
{
	struct event event = sample;
	struct event back;
	struct err err;
	event.phases = (struct result_phases){ 1, 2, 3, 4, 5 };
	char *text = event_encode(&event);
	assert_true(event_decode(text, *state, &back, &err));
	assert_memory_equal(&back.phases, &event.phases, sizeof(event.phases));
	free(text);
}

static void
test_strange_members_read_as_nothing(void **state)
{
	static const struct {
		const char *text;
		const char *known;
	} rows[] = {
		{ "", "-|-|-|-|-||" },
		{ "[]", "-|-|-|-|-||" },
		{ "{\"service\":7,\"labels\":{\"a\":\"b\"},\"tags\":\"x\"}",
			"-|-|-|-|-||" },
		{ "{\"labels\":[[],[1,2],[\"a\"],\"b\",[\"c\",\"d\"]],"
		  "\"tags\":[1,\"t\",null]}",
			"-|-|-|-|-|c=d |t " },
		{ "{\"region\":\"eu\",\"service\":\"\"}", "-|-|-|eu|-||" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event_endpoint endpoint = { 0 };
		event_decode_known(rows[i].text, *state, &endpoint);
		assert_known(&endpoint, rows[i].known);
	}
}

static void
test_no_more_than_fits_is_read(void **state)
{
	struct buf text;
	struct event_endpoint endpoint = { 0 };
	buf_init(&text, 1 << 20);
	buf_add_text(&text, "{\"labels\":[[\"a\",\"b\"]");
	for (int i = 0; i < 100; i++)
		buf_add_text(&text, ",[\"c\",\"d\"]");
	buf_add_text(&text, "],\"tags\":[\"a\"");
	for (int i = 0; i < 100; i++)
		buf_add_text(&text, ",\"b\"");
	buf_add_text(&text, "]}");
	event_decode_known(text.data, *state, &endpoint);
	buf_finish(&text);
	assert_int_equal(endpoint.n_labels, EVENT_LABELS_MAX);
	assert_int_equal(endpoint.n_tags, EVENT_TAGS_MAX);
}

static void
test_a_copy_is_of_its_own(void **state)
{
	char service[] = "EC2";
	char name[] = "team";
	struct event_label label = { name, "web" };
	const char *tag = "eu";
	struct event_endpoint endpoint = {
		.service = service,
		.labels = &label,
		.n_labels = 1,
		.tags = &tag,
		.n_tags = 1,
	};
	assert_int_equal(event_size_known(&endpoint),
		sizeof(label) + sizeof(void *) + sizeof("EC2") + sizeof("team")
			+ sizeof("web") + sizeof("eu"));
	event_copy_known(&endpoint, *state);
	service[0] = name[0] = 'X', tag = "gone", label.value = "gone";
	assert_known(&endpoint, "EC2|-|-|-|-|team=web |eu ");
}

static void
test_labels_and_words(void **state)
{
	(void)state;
	const struct event_endpoint *endpoint = &sample.endpoint;
	static const struct {
		const char *word;
		bool bears;
	} rows[] = {
		{ "EC2", true },
		{ "ec2", true },
		{ "EC", false },
		{ "EC22", false },
		{ "payments", true },
		{ "EU", true },
		{ "web", false },
		{ "team", false },
		{ "team=web", true },
		{ "Team=WEB", true },
		{ "team=we", false },
		{ "tea=web", false },
		{ "empty=", true },
		{ "empty", false },
		{ "", false },
		{ "critical", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (event_bears(endpoint, rows[i].word) != rows[i].bears)
			fail_msg("\"%s\"", rows[i].word);
	assert_string_equal(event_label(endpoint, "team"), "web");
	assert_string_equal(event_label(endpoint, "empty"), "");
	assert_null(event_label(endpoint, "Team"));
	assert_null(event_label(&(struct event_endpoint){ 0 }, "team"));
}

static int
set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_known_is_stored),
		cmocka_unit_test(test_what_was_stored_before_is_read),
		cmocka_unit_test(test_nothing_is_written_of_nothing),
		cmocka_unit_test(test_phases_are_stored),
		cmocka_unit_test(test_strange_members_read_as_nothing),
		cmocka_unit_test(test_no_more_than_fits_is_read),
		cmocka_unit_test(test_a_copy_is_of_its_own),
		cmocka_unit_test(test_labels_and_words),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
