#include "reporters/wecom.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "reporters/payload.h"
#include "reporters/robot.h"
#include "reporters/rows.h"

enum {
	MARKDOWN_MAX = 4096, /* bytes of its content */
	TEXT_MAX = 2048,
	BUF_MAX = 1024 * 1024,
};

/* The carry of a message that is told, but to those whom only a text
 * mentions. */
static const char TOLD[] = "told";

static const struct conf_field fields[] = {
	ROW_NAME(struct robot_settings),
	ROBOT_URL_ROW("The webhook of a robot in a WeCom group, "
		      "https://qyapi.weixin.qq.com/cgi-bin/webhook/"
		      "send?key=..."),
	ROBOT_MENTION_ROW("People to mention, by user id; or by mobile number, "
			  "which takes a second message: a list; or a map of "
			  "lists by the endpoint's name, of which DEFAULT is "
			  "for the rest."),
	ROBOT_MENTION_ALL_ROW,
	ROW_TIMEOUT(struct robot_settings),
	ROBOT_RATE_ROW("20", "Messages a minute; WeCom takes no more."),
	ROW_LANGUAGE(struct robot_settings),
	ROW_TIME_ZONE(struct robot_settings),
	ROW_TEMPLATE(struct robot_settings),
	{ .key = NULL },
};

static const struct robot_answer answers[] = {
	{ 45009, NULL, STEP_RETRY, true, ROBOT_ENOUGH },
	{ 45033, NULL, STEP_RETRY, true, ROBOT_ENOUGH },
	{ ROBOT_ANY, "freq out of limit", STEP_RETRY, true, ROBOT_ENOUGH },
	{ -1, NULL, STEP_RETRY, false, "it is busy" },
	{ 93000, NULL, STEP_SUSPENDED, false, "there is no robot of this key" },
	{ 93004, NULL, STEP_SUSPENDED, false, ROBOT_STOPPED },
	{ 93008, NULL, STEP_SUSPENDED, false, ROBOT_EXPELLED },
	{ 40008, NULL, STEP_REJECTED, false,
		"it does not know this kind of message" },
	{ 40058, NULL, STEP_REJECTED, false,
		"it does not take the message, which may be too long" },
	{ 44004, NULL, STEP_REJECTED, false, "the message is empty" },
	{ 45002, NULL, STEP_REJECTED, false, "the message is too long" },
	{ .sentence = NULL },
};

static const struct robot_kind kind = {
	.type = "wecom",
	.who = "WeCom",
	.burst = 4,
	.mobiles = true,
	.codes = { "errcode" },
	.texts = { "errmsg" },
	.answers = answers,
};

static void
check(const void *section, struct conf_reader *reader)
{
	robot_check(section, &kind, reader);
}

static struct reporter *
create(const void *section, struct err *err)
{
	return robot_create(section, &kind, err);
}

/* Messages. */

/* It has no escapes, so what looks the same stands for it. */
static const char *
escape(const char *text, struct arena *arena)
{
	static const struct robot_escape escapes[] = {
		{ '<', "＜" },
		{ '[', "［" },
		{ ']', "］" },
		{ '*', "＊" },
		{ '`', "'" },
		{ '\0', NULL },
	};
	return robot_escaped(text, escapes, arena);
}

/* Where nothing means anything. */
static const char *
escape_plain(const char *text, struct arena *arena)
{
	static const struct robot_escape none[] = { { '\0', NULL } };
	return robot_escaped(text, none, arena);
}

static const char *
colour(const struct reporter_context *context)
{
	switch (robot_mood(context)) {
	case STATUS_OPERATIONAL:
		return "info";
	case STATUS_PERFORMANCE_ISSUES:
	case STATUS_PARTIAL_OUTAGE:
	case STATUS_MAJOR_OUTAGE:
		return "warning";
	case STATUS_UNKNOWN:
		break;
	}
	return "comment";
}

static bool
needs_text(const struct robot_people *people)
{
	return people->all || people->n_mobiles > 0;
}

static void
add_quotation(struct buf *buf, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		if (len > 0) {
			buf_add_text(buf, "\n> ");
			buf_add(buf, text, len);
		}
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

static void
add_usual(struct buf *buf, const struct robot *robot, const char *hue,
	const struct robot_message *message)
{
	buf_printf(
		buf, "**<font color=\"%s\">%s</font>**", hue, message->heading);
	add_quotation(buf, message->message);
	for (size_t i = 0; i < message->n_facts; i++) {
		const struct words_fact *fact = &message->facts[i];
		const char *of = fact->label == WORDS_STATUS ? hue : "comment";
		buf_printf(buf, "\n> %s: <font color=\"%s\">%s</font>",
			words_label(robot->words.language, fact->label), of,
			fact->value);
	}
}

/* Who is mentioned by the text need not be mentioned here as well. */
static void
add_mentions(struct buf *buf, const struct robot_people *people)
{
	if (needs_text(people))
		return;
	for (size_t i = 0; i < people->n_users; i++)
		buf_printf(
			buf, "%s<@%s>", i == 0 ? "\n" : "", people->users[i]);
}

static json_t *
message_of(const char *type, json_t *content)
{
	json_t *json = json_object();
	json_object_set_new(json, "msgtype", json_string(type));
	json_object_set_new(json, type, content);
	return json;
}

/* Its length is that of the content: what JSON makes of it does not count. */
static size_t
compose_markdown(const struct robot *robot,
	const struct reporter_context *context,
	const struct robot_message *message, const char **body)
{
	struct buf buf;
	buf_init(&buf, BUF_MAX);
	if (message->text)
		buf_add_text(&buf, message->text);
	else
		add_usual(&buf, robot, colour(context), message);
	add_mentions(&buf, &message->people);
	size_t len = buf.len;
	json_t *markdown = json_object();
	json_object_set_new(
		markdown, "content", payload_text_cut(buf.data, MARKDOWN_MAX));
	buf_finish(&buf);
	*body = payload_write(message_of("markdown", markdown), context->arena);
	return len;
}

static json_t *
list_of(const char *const *items, size_t n, bool all)
{
	json_t *json = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(json, payload_text(items[i]));
	if (all)
		json_array_append_new(json, json_string("@all"));
	return json;
}

static size_t
compose_text(const struct robot *robot, const struct reporter_context *context,
	const struct robot_message *message, const char **body)
{
	(void)robot;
	const struct robot_people *people = &message->people;
	const char *content = *message->message == '\0'
		? message->title
		: arena_printf(context->arena, "%s\n%s", message->title,
			message->message);
	json_t *text = json_object();
	json_object_set_new(
		text, "content", payload_text_cut(content, TEXT_MAX));
	if (people->n_users > 0)
		json_object_set_new(text, "mentioned_list",
			list_of(people->users, people->n_users, false));
	json_object_set_new(text, "mentioned_mobile_list",
		list_of(people->mobiles, people->n_mobiles, people->all));
	*body = payload_write(message_of("text", text), context->arena);
	return strlen(content);
}

/* Steps. */

static void
send_message(const struct robot *robot, const struct reporter_context *context,
	struct reporter_step *step)
{
	const char *body = str_starts(context->carry, TOLD)
		? robot_compose(
			robot, context, escape_plain, compose_text, TEXT_MAX)
		: robot_compose(
			robot, context, escape, compose_markdown, MARKDOWN_MAX);
	robot_send(robot, context, robot->url, body, step);
}

static bool
is_mention_missing(
	const struct robot *robot, const struct reporter_context *context)
{
	struct robot_people people = robot_people_for(robot, context);
	return needs_text(&people) && !str_starts(context->carry, TOLD);
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct robot *robot = (const struct robot *)reporter;
	if (!answer) {
		send_message(robot, context, step);
		return;
	}
	robot_judge(robot, context, answer, step);
	if (step->kind != STEP_DONE || !is_mention_missing(robot, context))
		return;
	str_copy(context->carry, REPORTER_CARRY_MAX, TOLD);
	send_message(robot, context, step);
}

const struct reporter_type wecom_type = {
	.conf = {
		.name = "wecom",
		.section = {
			.name = "wecom",
			.size = sizeof(struct robot_settings),
			.fields = fields,
			.check = check,
		},
		.digests = true,
		.reminds = true,
		.help = "A message of a robot in a WeCom group.",
	},
	.company_max = ROBOT_COMPANY_MAX,
	.create = create,
	.destroy = robot_destroy,
	.plan = reporter_plan_message,
	.step = step_event,
	.limit = robot_limit,
};
