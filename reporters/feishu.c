#include "reporters/feishu.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/hmac.h"
#include "agent/base/str.h"
#include "reporters/payload.h"
#include "reporters/robot.h"
#include "reporters/rows.h"

enum {
	BODY_MAX = 20 * 1000, /* bytes, of the whole message */
	TEXT_MAX = 1024 * 1024,
};

/* The carry of a message whose card was refused. */
static const char AS_TEXT[] = "as text";

static const struct conf_field fields[] = {
	ROW_NAME(struct robot_settings),
	ROBOT_URL_ROW("The webhook of a robot in a Feishu or Lark group, "
		      "https://open.feishu.cn/open-apis/bot/v2/hook/..."),
	ROBOT_SECRET_ROW("Signs each message: what the robot's security "
			 "settings show."),
	ROBOT_KEYWORD_ROW,
	ROBOT_MENTION_ROW("People to mention, by open_id (ou_...), user_id or "
			  "e-mail: a list; or a map of lists by the endpoint's "
			  "name, of which DEFAULT is for the rest."),
	ROBOT_MENTION_ALL_ROW,
	ROW_TIMEOUT(struct robot_settings),
	ROBOT_RATE_ROW("100",
		"Messages a minute; Feishu takes that many, and 5 in a "
		"second."),
	ROW_LANGUAGE(struct robot_settings),
	ROW_TIME_ZONE(struct robot_settings),
	ROW_TEMPLATE(struct robot_settings),
	{ .key = NULL },
};

static const struct robot_answer answers[] = {
	{ ROBOT_ANY, "frequency limit", STEP_RETRY, true, ROBOT_ENOUGH },
	{ ROBOT_ANY, "too many request", STEP_RETRY, true, ROBOT_ENOUGH },
	{ 11232, NULL, STEP_RETRY, true, ROBOT_ENOUGH },
	{ 19001, NULL, STEP_SUSPENDED, false, "there is no robot at this URL" },
	{ 19021, NULL, STEP_SUSPENDED, false,
		"the signature does not match; `secret` should be that of the "
		"robot, and the clock of this machine right" },
	{ 19022, NULL, STEP_SUSPENDED, false,
		"our address is none of those that the robot allows" },
	{ 19024, NULL, STEP_SUSPENDED, false, ROBOT_KEYWORD_MISSED },
	{ 9499, NULL, STEP_REJECTED, false, "it does not read the message" },
	{ 200621, NULL, STEP_REJECTED, false, "it does not read the card" },
	{ 11246, NULL, STEP_REJECTED, false, "it does not read the card" },
	{ 19002, NULL, STEP_REJECTED, false, "it misses a parameter" },
	{ .sentence = NULL },
};

static const struct robot_kind kind = {
	.type = "feishu",
	.who = "Feishu",
	.burst = 3, /* with what comes after it less than 5 in a second */
	.how_to_mention = "open_id (ou_...), user_id or e-mail; a user_id of "
			  "digits is written user:123",
	.codes = { "code", "StatusCode" },
	.texts = { "msg", "StatusMessage" },
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

/* Cards. */

/* As the vendor's guide to its markdown has it. */
static const char *
escape(const char *text, struct arena *arena)
{
	static const struct robot_escape escapes[] = {
		{ '&', "&#38;" },
		{ '<', "&#60;" },
		{ '>', "&#62;" },
		{ '*', "&#42;" },
		{ '_', "&#95;" },
		{ '~', "&#126;" },
		{ '`', "&#96;" },
		{ '[', "&#91;" },
		{ ']', "&#93;" },
		{ '\\', "&#92;" },
		{ '\0', NULL },
	};
	return robot_escaped(text, escapes, arena);
}

/* Where only <at ...> means something. */
static const char *
escape_plain(const char *text, struct arena *arena)
{
	static const struct robot_escape escapes[] = {
		{ '<', "＜" },
		{ '\0', NULL },
	};
	return robot_escaped(text, escapes, arena);
}

static const char *
colour(const struct reporter_context *context)
{
	switch (robot_mood(context)) {
	case STATUS_OPERATIONAL:
		return "green";
	case STATUS_PERFORMANCE_ISSUES:
		return "yellow";
	case STATUS_PARTIAL_OUTAGE:
		return "orange";
	case STATUS_MAJOR_OUTAGE:
		return "red";
	case STATUS_UNKNOWN:
		break;
	}
	return context->event->kind == EVENT_NOTICE ? "blue" : "grey";
}

static json_t *
text_element(const char *tag, const char *content)
{
	json_t *json = json_object();
	json_object_set_new(json, "tag", json_string(tag));
	json_object_set_new(json, "content", payload_text(content));
	return json;
}

static void
add_div(json_t *elements, const char *tag, const char *content)
{
	json_t *div = json_object();
	json_object_set_new(div, "tag", json_string("div"));
	json_object_set_new(div, "text", text_element(tag, content));
	json_array_append_new(elements, div);
}

static void
add_mentions(struct buf *buf, const struct robot_people *people)
{
	if (buf->len > 0 && (people->all || people->n_users > 0))
		buf_add_char(buf, '\n');
	for (size_t i = 0; i < people->n_users; i++) {
		const char *id = people->users[i];
		const char *by = strchr(id, '@') ? "email" : "id";
		buf_printf(buf, "<at %s=%s></at>", by, id);
	}
	if (people->all)
		buf_add_text(buf, "<at id=all></at>");
}

static void
add_facts(struct buf *buf, const struct robot *robot,
	const struct robot_message *message, const char *pattern)
{
	for (size_t i = 0; i < message->n_facts; i++) {
		if (buf->len > 0)
			buf_add_char(buf, '\n');
		buf_printf(buf, "%s%s%s: %s", pattern,
			words_label(
				robot->words.language, message->facts[i].label),
			pattern, message->facts[i].value);
	}
}

/* What a server sent stands where there is no markdown. */
static json_t *
elements_of(const struct robot *robot, const struct event *event,
	const struct robot_message *message, struct arena *arena)
{
	json_t *elements = json_array();
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	if (message->text)
		buf_add_text(&buf, message->text);
	else if (*message->seen != '\0')
		add_div(elements, "plain_text",
			escape_plain(message->seen, arena));
	if (!message->text)
		add_facts(&buf, robot, message, "**");
	add_mentions(&buf, &message->people);
	if (buf.len > 0)
		add_div(elements, "lark_md", buf.data);
	buf_finish(&buf);

	json_t *line = json_object();
	json_object_set_new(line, "tag", json_string("hr"));
	json_array_append_new(elements, line);
	json_t *notes = json_array();
	json_array_append_new(notes,
		text_element("plain_text",
			arena_printf(arena, "curlew %s",
				words_time(
					&robot->words, event->at_ms, arena))));
	json_t *note = json_object();
	json_object_set_new(note, "tag", json_string("note"));
	json_object_set_new(note, "elements", notes);
	json_array_append_new(elements, note);
	return elements;
}

static json_t *
card_of(const struct robot *robot, const struct reporter_context *context,
	const struct robot_message *message)
{
	const struct event *event = context->event;
	json_t *config = json_object();
	json_object_set_new(config, "wide_screen_mode", json_true());
	json_t *header = json_object();
	json_object_set_new(header, "template", json_string(colour(context)));
	json_object_set_new(
		header, "title", text_element("plain_text", message->title));
	json_t *card = json_object();
	json_object_set_new(card, "config", config);
	json_object_set_new(card, "header", header);
	json_object_set_new(card, "elements",
		elements_of(robot, event, message, context->arena));
	return card;
}

/* DingTalk's recipe turned round: the key is what is signed there, and nothing
 * is signed. */
static void
add_signature(json_t *json, const struct robot *robot,
	const struct reporter_context *context)
{
	const char *secret = robot->settings->secret;
	if (!secret || *secret == '\0')
		return;
	char sign[HMAC_BASE64_SIZE];
	const char *timestamp = arena_printf(
		context->arena, "%" PRId64, context->now_ms / 1000);
	const char *key =
		arena_printf(context->arena, "%s\n%s", timestamp, secret);
	hmac_sha256_base64(key, "", 0, sign);
	json_object_set_new(json, "timestamp", json_string(timestamp));
	json_object_set_new(json, "sign", json_string(sign));
}

static size_t
compose_card(const struct robot *robot, const struct reporter_context *context,
	const struct robot_message *message, const char **body)
{
	json_t *json = json_object();
	add_signature(json, robot, context);
	json_object_set_new(json, "msg_type", json_string("interactive"));
	json_object_set_new(json, "card", card_of(robot, context, message));
	*body = payload_write(json, context->arena);
	return strlen(*body);
}

/* Texts: for a group whose client does not take the card. */

static void
add_text_mentions(struct buf *buf, const struct robot_people *people)
{
	if (people->all || people->n_users > 0)
		buf_add_char(buf, '\n');
	for (size_t i = 0; i < people->n_users; i++) {
		const char *id = people->users[i];
		if (strchr(id, '@')) /* not mentioned by e-mail here */
			buf_printf(buf, "%s ", id);
		else
			buf_printf(buf, "<at user_id=\"%s\">%s</at>", id, id);
	}
	if (people->all)
		buf_add_text(buf, "<at user_id=\"all\">all</at>");
}

static size_t
compose_text(const struct robot *robot, const struct reporter_context *context,
	const struct robot_message *message, const char **body)
{
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	buf_add_text(&buf, message->heading);
	if (message->text)
		buf_printf(&buf, "\n%s", message->text);
	else if (*message->message != '\0')
		buf_printf(&buf, "\n%s", message->message);
	if (!message->text)
		add_facts(&buf, robot, message, "");
	add_text_mentions(&buf, &message->people);
	json_t *content = json_object();
	json_object_set_new(content, "text", payload_text(buf.data));
	buf_finish(&buf);
	json_t *json = json_object();
	add_signature(json, robot, context);
	json_object_set_new(json, "msg_type", json_string("text"));
	json_object_set_new(json, "content", content);
	*body = payload_write(json, context->arena);
	return strlen(*body);
}

/* Steps. */

static void
send_message(const struct robot *robot, const struct reporter_context *context,
	struct reporter_step *step)
{
	bool as_text = str_starts(context->carry, AS_TEXT);
	const char *body = as_text
		? robot_compose(
			robot, context, escape_plain, compose_text, BODY_MAX)
		: robot_compose(robot, context, escape, compose_card, BODY_MAX);
	robot_send(robot, context, robot->url, body, step);
}

static bool
is_card_refused(const struct reporter_context *context,
	const struct http_response *answer)
{
	bool is_refused = robot_answered(&kind, answer, 200621, NULL)
		|| robot_answered(&kind, answer, 11246, NULL)
		|| robot_answered(&kind, answer, ROBOT_ANY, "parse card json");
	if (!is_refused || str_starts(context->carry, AS_TEXT))
		return false;
	str_copy(context->carry, REPORTER_CARRY_MAX, AS_TEXT);
	return true;
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct robot *robot = (const struct robot *)reporter;
	if (!answer || is_card_refused(context, answer))
		send_message(robot, context, step);
	else
		robot_judge(robot, context, answer, step);
}

const struct reporter_type feishu_type = {
	.conf = {
		.name = "feishu",
		.section = {
			.name = "feishu",
			.size = sizeof(struct robot_settings),
			.fields = fields,
			.check = check,
		},
		.digests = true,
		.reminds = true,
		.help = "A card of a robot in a Feishu or Lark group.",
	},
	.company_max = ROBOT_COMPANY_MAX,
	.create = create,
	.destroy = robot_destroy,
	.plan = reporter_plan_message,
	.step = step_event,
	.limit = robot_limit,
};
