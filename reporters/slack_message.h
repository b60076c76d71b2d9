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
};

enum {
	SLACK_COMPANY_MAX = 15, /* 20 attachments are advised at most */
};

/** The body of the request, of all the events of the context. */
const char *slack_message(const struct slack_style *style,
	const struct reporter_context *context);
