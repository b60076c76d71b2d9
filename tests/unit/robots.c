/*
 * What a server sent, in what a robot sends: whatever it is, the message keeps
 * to its limit, is whole UTF-8, and mentions nobody but who is to be mentioned.
 * Noise from a seed; the golden files show how it looks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "reporters/dingtalk.h"
#include "reporters/feishu.h"
#include "reporters/robot.h"
#include "reporters/wecom.h"

enum {
	SEEDS = 60,
	TEXT_MAX = 64 * 1024,
	MORE_MAX = ROBOT_COMPANY_MAX - 1,
};

static const char *const pieces[] = { "a", "shop_db ", "很", "장애", "\"", "\\",
	"<", ">", "@", "@13800000001", "<at id=all></at>", "<@all>", "@all",
	"[x](https://evil.test)", "![x](y)", "*", "**", "`", "```", "~~", "_",
	"#", "\n", "\r\n", "\n# ", "\n> ", "\n- ", "\t", "\x01", "\xff",
	"\xe5\xbe", "\xf0\x9f\x98\x80", "&", "&#60;", "{message}", "%s" };

/* Some of it long, and of one piece: what each escape makes of it counts. */
static char *
some_text(struct rng *rng)
{
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	size_t n = sizeof(pieces) / sizeof(pieces[0]);
	size_t length = (size_t)rng_below(rng, 4) == 0 ? 30000 : 40;
	size_t same = (size_t)rng_below(rng, (uint64_t)n * 2);
	for (size_t i = 0; i < length; i++)
		buf_add_text(&buf,
			pieces[same < n ? same : (size_t)rng_below(rng, n)]);
	char *text = buf_steal(&buf);
	buf_finish(&buf);
	return text;
}

static const struct event *
event_of(struct event *event, const char *message, const char *name)
{
	*event = (struct event){
		.kind = EVENT_OPENED,
		.incident = "019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
		.seq = 1,
		.at_ms = 1795210492000,
		.opened_ms = 1795210492000,
		.from = STATUS_OPERATIONAL,
		.to = STATUS_MAJOR_OUTAGE,
		.cause = CAUSE_EXTERNAL,
		.message = message,
		.endpoint = {
			.name = name,
			.url = "https://shop.test/",
			.method = "",
			.service = message,
			.category = name,
			.account = message,
			.region = name,
			.severity = message,
			.titles = { name, name, name },
		},
	};
	return event;
}

/* The body of the first request, as JSON; its bytes go to `size`. */
static json_t *
sent(const struct reporter *reporter, const struct event *events, size_t n,
	const char *carried, size_t *size)
{
	char carry[REPORTER_CARRY_MAX];
	str_copy(carry, sizeof(carry), carried);
	struct arena *arena = arena_new();
	const struct reporter_part part = { .kind = PART_EVENT };
	const struct reporter_context context = {
		.event = &events[0],
		.more = &events[1],
		.n_more = n - 1,
		.part = &part,
		.now_ms = 1795210493000,
		.ref = "",
		.carry = carry,
		.arena = arena,
	};
	struct reporter_step step;
	reporter->type->step(reporter, &context, NULL, &step);
	assert_int_equal(step.kind, STEP_SEND);
	*size = step.request.body_len;
	json_error_t where;
	json_t *json = json_loadb(step.request.body, *size, 0, &where);
	if (!json)
		fail_msg("%s", where.text); /* UTF-8 is checked, too */
	arena_free(arena);
	return json;
}

static const char *
text_at(const json_t *json, const char *outer, const char *inner)
{
	const char *text = json_string_value(
		json_object_get(json_object_get(json, outer), inner));
	assert_non_null(text);
	return text;
}

static size_t
count(const char *text, const char *word)
{
	size_t n = 0;
	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return n;
}

static void
check_dingtalk(const json_t *body, size_t size)
{
	const char *text = text_at(body, "markdown", "text");
	assert_true(size <= 20000);
	assert_int_equal(count(text, "@13800000001"), 1);
	assert_int_equal(count(text, "["), 1); /* that of the keyword */
	assert_int_equal(count(text, "<"), 0);
	assert_non_null(strstr(text, "curlew"));
	assert_true(str_ends(text, "\n\n@13800000001"));
	assert_true(json_is_false(
		json_object_get(json_object_get(body, "at"), "isAtAll")));
}

static void
check_feishu(const json_t *body, size_t size)
{
	assert_true(size <= 20000);
	char *text = json_dumps(body, 0);
	/* One in the card, or in the text; titles are not parsed. */
	json_t *card = json_object_get(body, "card");
	json_t *elements = json_object_get(card, "elements");
	char *shown = json_dumps(
		elements ? elements : json_object_get(body, "content"), 0);
	assert_int_equal(count(shown, "<at "), 1);
	assert_int_equal(count(shown, "<"), 2);
	assert_non_null(strstr(text, "curlew"));
	free(shown);
	free(text);
}

static void
check_wecom(const json_t *body, size_t size)
{
	(void)size;
	bool is_text = json_object_get(body, "text") != NULL;
	const char *text =
		text_at(body, is_text ? "text" : "markdown", "content");
	assert_true(strlen(text) <= (is_text ? 2048 : 4096));
	if (is_text)
		return;
	assert_int_equal(count(text, "<@"), 1);
	assert_true(str_ends(text, "\n<@zhangsan>"));
	assert_int_equal(count(text, "["), 0);
	assert_int_equal(count(text, "`"), 0);
}

typedef void check_fn(const json_t *body, size_t size);

static void
play(const struct reporter_type *type, const char *who, check_fn *check,
	const char *carry)
{
	const struct conf_node mention = { .kind = CONF_NODE_TEXT,
		.text = who };
	const struct robot_settings settings = {
		.url = { "https://h.test/x", "x" },
		.secret = "secret",
		.keyword = type == &wecom_type ? NULL : "curlew",
		.mention = &mention,
		.timeout_ms = 1000,
		.rate_limit = 20,
	};
	const struct conf_chosen chosen = { &type->conf, &settings };
	struct err err;
	struct reporter *reporter = reporter_new(&chosen, &err);
	assert_non_null(reporter);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct rng rng;
		rng_seed(&rng, seed);
		char *message = some_text(&rng);
		char *name = some_text(&rng);
		struct event *events =
			mem_zalloc((MORE_MAX + 1) * sizeof(*events));
		for (size_t i = 0; i <= MORE_MAX; i++)
			event_of(&events[i], message, name);
		size_t n = seed % 3 == 0 ? MORE_MAX + 1 : 1;
		size_t size;
		json_t *body = sent(reporter, events, n, carry, &size);
		check(body, size);
		json_decref(body);
		free(events);
		free(name);
		free(message);
	}
	reporter_free(reporter);
}

static void
test_dingtalk(void **unused)
{
	(void)unused;
	play(&dingtalk_type, "13800000001", check_dingtalk, "");
}

static void
test_feishu(void **unused)
{
	(void)unused;
	play(&feishu_type, "ou_1", check_feishu, "");
	play(&feishu_type, "ou_1", check_feishu, "as text");
}

static void
test_wecom(void **unused)
{
	(void)unused;
	play(&wecom_type, "zhangsan", check_wecom, "");
	play(&wecom_type, "13800000001", check_wecom, "told");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dingtalk),
		cmocka_unit_test(test_feishu),
		cmocka_unit_test(test_wecom),
	};
	return cmocka_run_group_tests_name("robots", tests, NULL, NULL);
}
