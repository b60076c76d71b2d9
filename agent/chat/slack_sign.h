/*
 * Whether Slack sent it: signatures of version 0.  Pure; a wrong guess takes
 * as long as one that is nearly right.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHAT_SLACK_DRIFT_S = 300, /* of two clocks, in either direction */
};

/** What a request says; NULL for a header that it lacks. */
struct chat_slack_signature {
	const char *timestamp; /* X-Slack-Request-Timestamp */
	const char *signature; /* X-Slack-Signature */
};

/** It is of now and looks like one, so that the body is worth waiting for. */
bool chat_slack_may_be_signed(
	const struct chat_slack_signature *given, int64_t wall_ms);

/** What the log says of one that is not signed, so that who set it up knows
 * what to change. */
const char *chat_slack_sign_fault(
	const struct chat_slack_signature *given, int64_t wall_ms);

/** `body` is as it was received, undecoded. */
bool chat_slack_is_signed(const struct chat_slack_signature *given,
	const char *secret, const void *body, size_t len, int64_t wall_ms);
