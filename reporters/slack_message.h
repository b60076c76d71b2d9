/*
 * What Slack is sent: docs.slack.dev/reference/block-kit/blocks in attachments,
 * for the sake of their colours; or, for those that show nothing else, the
 * attachments of old (docs.slack.dev/legacy, "secondary message attachments").
 */
#pragma once

#include "reporters/fill.h"
#include "reporters/reporter.h"
#include "reporters/words.h"

enum slack_format {
	SLACK_BLOCKS = 0,
	SLACK_ATTACHMENTS, /* of old */
};

struct slack_style {
	enum slack_format format;
	struct words words;
	const struct fill_template *template; /* of what is told alone */
	bool has_button; /* beneath what is bad: somebody looks after it */
};

/** The button's action_id; its value is the incident. */
#define SLACK_ACK "curlew_ack"

enum {
	SLACK_COMPANY_MAX = 15, /* 20 attachments are advised at most */
};

/** Never cut inside of an entity or of a character. */
const char *slack_escape(const char *text, size_t max, struct arena *arena);

/** "<https://shop.test/a|shop>", or "shop" where there is no such address that
 * fits into `max` bytes. */
const char *slack_link(
	const char *name, const char *address, size_t max, struct arena *arena);

/** By the clock of whoever reads it. */
const char *slack_time(
	const struct words *words, int64_t wall_ms, struct arena *arena);

/** Of a status: "#c9302c". */
const char *slack_colour(enum status status);

/** The body for an EVENT_DIGEST, in slack_digest.c. */
const char *slack_digest(const struct slack_style *style,
	const struct event *event, struct arena *arena);

/** The body of the request, of all the events of the context. */
const char *slack_message(const struct slack_style *style,
	const struct reporter_context *context);
