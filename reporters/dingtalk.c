#include "reporters/dingtalk.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/hmac.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"
#include "reporters/robot.h"
#include "reporters/rows.h"

enum {
	BODY_MAX = 20 * 1000, /* bytes, of the whole message */
	TEXT_MAX = 1024 * 1024,
	FLOOD = 1111, /* the `status` of the page against floods */
	FLOOD_MIN_MS = 60 * 1000,
	FLOOD_MAX_MS = 60 * 60 * 1000,
	REFUSED_BY_SETTINGS = 310000,
};

static const char SIGN_REFUSED[] = "sign not match";
static const char SIGNED_AGAIN[] = "signed again";

static const struct conf_field fields[] = {
	ROW_NAME(struct robot_settings),
	ROBOT_URL_ROW("The webhook of a robot in a DingTalk group, "
		      "https://oapi.dingtalk.com/robot/send?access_token=..."),
	ROBOT_SECRET_ROW("Signs each message: what the robot's security "
			 "settings show, with its SEC in front."),
	ROBOT_KEYWORD_ROW,
	ROBOT_MENTION_ROW("People to mention, by mobile number or user id: a "
			  "list; or a map of lists by the endpoint's name, of "
			  "which DEFAULT is for the rest."),
	ROBOT_MENTION_ALL_ROW,
	ROW_TIMEOUT(struct robot_settings),
	ROBOT_RATE_ROW(
		"20", "Messages a minute; DingTalk mutes who sends more."),
	ROW_LANGUAGE(struct robot_settings),
	ROW_TIME_ZONE(struct robot_settings),
	ROW_TEMPLATE(struct robot_settings),
	{ .key = NULL },
};

static const struct robot_answer answers[] = {
	{ ROBOT_ANY, "too fast", STEP_RETRY, true, ROBOT_ENOUGH },
	{ ROBOT_ANY, "frequency", STEP_RETRY, true, ROBOT_ENOUGH },
	{ 130101, NULL, STEP_RETRY, true, ROBOT_ENOUGH },
	{ 410100, NULL, STEP_RETRY, true, ROBOT_ENOUGH },
	{ -1, NULL, STEP_RETRY, false, "it is busy" },
	{ REFUSED_BY_SETTINGS, "keyword", STEP_SUSPENDED, false,
		ROBOT_KEYWORD_MISSED },
	{ REFUSED_BY_SETTINGS, SIGN_REFUSED, STEP_SUSPENDED, false,
		"the signature does not match; `secret` should be that of the "
		"robot, with its SEC in front" },
	{ REFUSED_BY_SETTINGS, "timestamp", STEP_SUSPENDED, false,
		"the signature is too old or too new; is the clock of this "
		"machine right?" },
	{ REFUSED_BY_SETTINGS, "whitelist", STEP_SUSPENDED, false,
		"our address is none of those that the robot allows" },
	{ REFUSED_BY_SETTINGS, NULL, STEP_SUSPENDED, false,
		"the robot's security settings refuse it; `secret` and "
		"`keyword` should be as they are there" },
	{ 300001, NULL, STEP_SUSPENDED, false,
		"there is no robot of this access_token" },
	{ 300005, NULL, STEP_SUSPENDED, false,
		"there is no robot of this access_token" },
	{ 400101, NULL, STEP_SUSPENDED, false,
		"there is no robot of this access_token" },
	{ 40035, "access_token", STEP_SUSPENDED, false,
		"the URL lacks its access_token" },
	{ 400102, NULL, STEP_SUSPENDED, false, ROBOT_STOPPED },
	{ 400013, NULL, STEP_SUSPENDED, false, "the group was dissolved" },
	{ 400106, NULL, STEP_SUSPENDED, false, ROBOT_EXPELLED },
	{ ROBOT_ANY, "too long", STEP_REJECTED, false,
		"the message is too long" },
	{ 40035, NULL, STEP_REJECTED, false, "it misses a parameter" },
	{ 43002, NULL, STEP_REJECTED, false, "it wants a POST" },
	{ 43004, NULL, STEP_REJECTED, false, "it wants JSON" },
	{ 400105, NULL, STEP_REJECTED, false,
		"it does not know this kind of message" },
	{ .sentence = NULL },
};

static const struct robot_kind kind = {
	.type = "dingtalk",
	.who = "DingTalk",
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

/* Brackets make links and images, and an @ in front of a number that is
 * mentioned would mention it twice. */
static const char *
escape(const char *text, struct arena *arena)
{
	static const struct robot_escape escapes[] = {
		{ '\\', "\\\\" },
		{ '`', "\\`" },
		{ '*', "\\*" },
		{ '_', "\\_" },
		{ '[', "［" },
		{ ']', "］" },
		{ '<', "＜" },
		{ '@', "@\xe2\x80\x8b" },
		{ '\0', NULL },
	};
	return robot_escaped(text, escapes, arena);
}

/* A line of a quotation needs its two blanks to end there. */
static void
add_quotation(struct buf *buf, const char *text)
{
	bool first = true;
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		if (len > 0) {
			buf_add_text(buf, first ? "> " : "  \n> ");
			buf_add(buf, text, len);
			first = false;
		}
		text += len + (text[len] == '\n' ? 1 : 0);
	}
	if (!first)
		buf_add_text(buf, "\n\n");
}

/* Only who stands in the text is mentioned. */
static void
add_mentions(struct buf *buf, const struct robot_people *people)
{
	const char *between = str_ends(buf->data, "\n\n") ? "" : "\n\n";
	for (size_t i = 0; i < people->n_mobiles; i++, between = " ")
		buf_printf(buf, "%s@%s", between, people->mobiles[i]);
	for (size_t i = 0; i < people->n_users; i++, between = " ")
		buf_printf(buf, "%s@%s", between, people->users[i]);
}

static const char *
text_of(const struct robot *robot, const struct robot_message *message,
	struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	if (message->text) {
		buf_add_text(&buf, message->text);
		if (robot_lacks_keyword(robot, message->text))
			buf_printf(&buf, "\n\n[%s]", robot->settings->keyword);
	} else {
		buf_printf(&buf, "#### %s\n\n", message->heading);
		add_quotation(&buf, message->message);
		for (size_t i = 0; i < message->n_facts; i++)
			buf_printf(&buf, "%s- %s: %s", i > 0 ? "\n" : "",
				words_label(robot->words.language,
					message->facts[i].label),
				message->facts[i].value);
	}
	add_mentions(&buf, &message->people);
	const char *text = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return text;
}

static json_t *
list_of(const char *const *items, size_t n)
{
	json_t *json = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(json, payload_text(items[i]));
	return json;
}

static size_t
compose(const struct robot *robot, const struct reporter_context *context,
	const struct robot_message *message, const char **body)
{
	const struct robot_people *people = &message->people;
	json_t *markdown = json_object();
	json_object_set_new(markdown, "title", payload_text(message->title));
	json_object_set_new(markdown, "text",
		payload_text(text_of(robot, message, context->arena)));
	json_t *at = json_object();
	if (people->n_mobiles > 0)
		json_object_set_new(at, "atMobiles",
			list_of(people->mobiles, people->n_mobiles));
	if (people->n_users > 0)
		json_object_set_new(at, "atUserIds",
			list_of(people->users, people->n_users));
	json_object_set_new(at, "isAtAll", json_boolean(people->all));
	json_t *json = json_object();
	json_object_set_new(json, "msgtype", json_string("markdown"));
	json_object_set_new(json, "markdown", markdown);
	json_object_set_new(json, "at", at);
	*body = payload_write(json, context->arena);
	return strlen(*body);
}

/* The secret is the key, and is signed as well. */
static const char *
signed_url(const struct robot *robot, const struct reporter_context *context)
{
	const char *secret = robot->settings->secret;
	if (!secret || *secret == '\0')
		return robot->url;
	char sign[HMAC_BASE64_SIZE];
	const char *text = arena_printf(
		context->arena, "%" PRId64 "\n%s", context->now_ms, secret);
	hmac_sha256_base64(secret, text, strlen(text), sign);
	struct buf url;
	buf_init(&url, URL_MAX + 256);
	buf_printf(&url, "%s%ctimestamp=%" PRId64 "&sign=", robot->url,
		strchr(robot->url, '?') ? '&' : '?', context->now_ms);
	url_add_form(&url, sign);
	const char *whole = arena_dup_n(context->arena, url.data, url.len);
	buf_finish(&url);
	return whole;
}

static void
send_message(const struct robot *robot, const struct reporter_context *context,
	struct reporter_step *step)
{
	robot_send(robot, context, signed_url(robot, context),
		robot_compose(robot, context, escape, compose, BODY_MAX), step);
}

/* Answers. */

/* The page against floods comes with 200, too. */
static bool
is_flood(const struct http_response *answer, struct reporter_step *step)
{
	int64_t status = 0;
	int64_t wait_s = 0;
	json_t *root = payload_read(answer);
	bool has_code = json_object_get(root, "errcode") != NULL;
	bool has_status =
		payload_number(json_object_get(root, "status"), &status);
	payload_number(json_object_get(root, "wait"), &wait_s);
	json_decref(root);
	if (has_code || !has_status || status != FLOOD)
		return false;
	outcome_set(step, STEP_RETRY,
		"DingTalk: its protection against floods stopped it (%d)",
		FLOOD);
	step->limited = true;
	step->after_ms = wait_s > FLOOD_MAX_MS / 1000 ? FLOOD_MAX_MS
		: wait_s < FLOOD_MIN_MS / 1000	      ? FLOOD_MIN_MS
						      : wait_s * 1000;
	return true;
}

/* Once more, by a clock that may have been set since. */
static bool
is_to_be_signed_again(const struct robot *robot,
	const struct reporter_context *context,
	const struct http_response *answer)
{
	const char *secret = robot->settings->secret;
	if (!secret || *secret == '\0'
		|| str_starts(context->carry, SIGNED_AGAIN)
		|| !robot_answered(
			&kind, answer, REFUSED_BY_SETTINGS, SIGN_REFUSED))
		return false;
	str_copy(context->carry, REPORTER_CARRY_MAX, SIGNED_AGAIN);
	return true;
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct robot *robot = (const struct robot *)reporter;
	if (!answer || is_to_be_signed_again(robot, context, answer))
		send_message(robot, context, step);
	else if (!is_flood(answer, step))
		robot_judge(robot, context, answer, step);
}

const struct reporter_type dingtalk_type = {
	.conf = {
		.name = "dingtalk",
		.section = {
			.name = "dingtalk",
			.size = sizeof(struct robot_settings),
			.fields = fields,
			.check = check,
		},
		.digests = true,
		.reminds = true,
		.help = "A message of a robot in a DingTalk group.",
	},
	.company_max = ROBOT_COMPANY_MAX,
	.create = create,
	.destroy = robot_destroy,
	.plan = reporter_plan_message,
	.step = step_event,
	.limit = robot_limit,
};
