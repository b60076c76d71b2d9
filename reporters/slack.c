#include "reporters/slack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"
#include "reporters/rows.h"
#include "reporters/slack_message.h"

enum {
	WORD_MAX = 40,
	RATE_MAX = 100 * 1000, /* requests a minute */
};

struct slack_settings {
	const char *name;
	struct conf_source url;
	int64_t timeout_ms;
	int64_t rate_limit;
	int language;
	int format;
	const struct fill_template *template;
	bool ack_button;
};

struct slack {
	struct reporter base;
	struct arena *arena; /* owns the URL */
	const char *url;
	int64_t timeout_ms;
	int64_t rate_limit;
	struct slack_style style;
	bool ack_button;
};

static const struct conf_choice formats[] = {
	{ "blocks", SLACK_BLOCKS },
	{ "attachments", SLACK_ATTACHMENTS },
	{ NULL, 0 },
};

static const struct conf_field fields[] = {
	ROW_NAME(struct slack_settings),
	{
		.key = "url",
		CONF_SOURCE(struct slack_settings, url),
		.flags = CONF_REQUIRED | CONF_SECRET,
		.help = "The incoming webhook of a Slack channel, "
			"https://hooks.slack.com/services/...",
	},
	ROW_TIMEOUT(struct slack_settings),
	{
		.key = "rate_limit",
		CONF_INT(struct slack_settings, rate_limit, 1, RATE_MAX),
		.fallback = "60",
		.help = "Messages a minute, evenly; Slack takes one a second.",
	},
	ROW_LANGUAGE(struct slack_settings),
	{
		.key = "format",
		CONF_CHOICE(struct slack_settings, format, formats),
		.fallback = "blocks",
		.help = "Blocks as Slack shows them, or the plain attachments "
			"of old, which Mattermost and Rocket.Chat show too.",
	},
	ROW_TEMPLATE(struct slack_settings),
	{
		.key = "ack_button",
		CONF_BOOL(struct slack_settings, ack_button),
		.fallback = "true",
		.help = "A button beneath an outage with which people say that "
			"they look after it, if there is a `chat` that hears "
			"of it: the webhook must be of the same app.",
	},
	{ .key = NULL },
};

/* Settings. */

static void
check(const void *section, struct conf_reader *reader)
{
	const struct slack_settings *settings = section;
	reporter_check_url(&settings->url, reader);
}

static void
destroy(struct reporter *reporter)
{
	struct slack *slack = (struct slack *)reporter;
	arena_free(slack->arena);
	free(slack);
}

static struct reporter *
create(const void *section, struct err *err)
{
	const struct slack_settings *settings = section;
	struct slack *slack = mem_zalloc(sizeof(*slack));
	slack->arena = arena_new();
	const char *text = settings->url.text ? settings->url.text : "";
	if (!url_normalise(text, slack->arena, &slack->url, err)) {
		destroy(&slack->base);
		return NULL;
	}
	slack->timeout_ms = settings->timeout_ms;
	slack->rate_limit = settings->rate_limit;
	slack->ack_button = settings->ack_button;
	slack->style = (struct slack_style){
		.template = settings->template,
		.format = (enum slack_format)settings->format,
		.words = { .language = settings->language },
	};
	slack->base.audience = AUDIENCE_ALL;
	slack->base.id = reporter_id(
		"slack", settings->name, reporter_hash_url(&settings->url));
	return &slack->base;
}

/* Answers.  Their status varies for the same word, so the word counts first. */

static const struct {
	const char *word;
	enum reporter_step_kind kind;
} words[] = {
	{ "action_prohibited", STEP_SUSPENDED },
	{ "channel_is_archived", STEP_SUSPENDED },
	{ "channel_not_found", STEP_SUSPENDED },
	{ "invalid_token", STEP_SUSPENDED },
	{ "no_active_hooks", STEP_SUSPENDED },
	{ "no_service", STEP_SUSPENDED },
	{ "no_service_id", STEP_SUSPENDED },
	{ "no_team", STEP_SUSPENDED },
	{ "posting_to_general_channel_denied", STEP_SUSPENDED },
	{ "team_disabled", STEP_SUSPENDED },
	{ "invalid_blocks", STEP_REJECTED },
	{ "invalid_payload", STEP_REJECTED },
	{ "msg_blocks_too_long", STEP_REJECTED },
	{ "no_text", STEP_REJECTED },
	{ "too_many_attachments", STEP_REJECTED },
	{ "user_not_found", STEP_REJECTED },
	{ "rate_limited", STEP_RETRY },
	{ "rollup_error", STEP_RETRY },
	{ "service_unavailable", STEP_RETRY },
};

/* The body, if it is one lower-case word; else "". */
static void
read_word(const struct http_response *answer, char word[static WORD_MAX])
{
	const char *letters = "abcdefghijklmnopqrstuvwxyz_";
	size_t len = strspn(answer->body, letters);
	size_t rest = strspn(answer->body + len, " \r\n");
	bool alone = len + rest == answer->body_len && len < WORD_MAX;
	snprintf(word, WORD_MAX, "%.*s", alone ? (int)len : 0, answer->body);
}

static bool
judge_word(const char *word, const struct http_response *answer, int64_t now_ms,
	struct reporter_step *step)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_eq(words[i].word, word))
			continue;
		outcome_busy(step, "Slack", answer, now_ms);
		step->limited |= str_eq(word, "rate_limited");
		step->target_down = !step->limited;
		if (words[i].kind != STEP_RETRY)
			outcome_set(step, words[i].kind,
				"Slack answered %s (%d)", word, answer->status);
		return true;
	}
	return false;
}

/* Rocket.Chat and others that take what is meant for Slack say so in JSON. */
static bool
is_taken(const struct http_response *answer, const char *word)
{
	if (answer->status != 200)
		return false;
	if (str_eq(word, "ok"))
		return true;
	json_t *root = payload_read(answer);
	bool taken = json_is_true(json_object_get(root, "success"))
		|| json_is_true(json_object_get(root, "ok"));
	json_decref(root);
	return taken;
}

/* Who took it all the same would get it over and over, for a day. */
static void
unread(const struct http_response *answer, char *carry,
	struct reporter_step *step)
{
	bool last = str_eq(carry, "unread 2");
	str_copy(carry, REPORTER_CARRY_MAX,
		str_eq(carry, "unread 1") ? "unread 2" : "unread 1");
	outcome_set(step, last ? STEP_REJECTED : STEP_RETRY,
		"it answered %d without Slack's ok; is its URL that of an "
		"incoming webhook?",
		answer->status);
}

static void
judge(const struct http_response *answer,
	const struct reporter_context *context, struct reporter_step *step)
{
	int64_t now_ms = context->now_ms;
	char word[WORD_MAX];
	read_word(answer, word);
	if (is_taken(answer, word))
		outcome_done(step, "");
	else if (judge_word(word, answer, now_ms, step))
		return;
	else if (answer->status / 100 == 2)
		unread(answer, context->carry, step);
	else
		reporter_usual(answer, now_ms, step);
}

static const char *
body_of(const struct slack *slack, const struct reporter_context *context)
{
	const struct event *event = context->event;
	if (event->kind == EVENT_ANSWER)
		return event->message;
	if (event->kind == EVENT_DIGEST)
		return slack_digest(&slack->style, event, context->arena);
	struct slack_style style = slack->style;
	style.has_button = slack->ack_button && slack->base.hears_presses;
	return slack_message(&style, context);
}

static void
step_event(const struct reporter *reporter,
	const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct slack *slack = (const struct slack *)reporter;
	if (answer) {
		judge(answer, context, step);
		return;
	}
	reporter_post_json(context, slack->url, body_of(slack, context),
		slack->timeout_ms, step);
}

static struct reporter_limit
limit(const struct reporter *reporter)
{
	const struct slack *slack = (const struct slack *)reporter;
	return reporter_limit_of(slack->rate_limit, 1);
}

const struct reporter_type slack_type = {
	.conf = {
		.name = "slack",
		.section = {
			.name = "slack",
			.size = sizeof(struct slack_settings),
			.fields = fields,
			.check = check,
		},
		.digests = true,
		.reminds = true,
		.help = "A message in a Slack channel.",
	},
	.is_chat = true,
	.company_max = SLACK_COMPANY_MAX,
	.create = create,
	.destroy = destroy,
	.plan = reporter_plan_message,
	.step = step_event,
	.limit = limit,
};
