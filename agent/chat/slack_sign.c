#include "agent/chat/slack_sign.h"

#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/hmac.h"
#include "agent/base/str.h"

enum {
	DIGITS_MAX = 12,
	PREFIX_MAX = 32,
	SIGNATURE_SIZE = sizeof("v0=") + HMAC_TEXT_SIZE,
};

static bool
is_of_now(const char *timestamp, int64_t wall_ms)
{
	int64_t at_s;
	size_t len = strlen(timestamp);
	if (len == 0 || len > DIGITS_MAX
		|| strspn(timestamp, "0123456789") != len
		|| !str_int(timestamp, &at_s))
		return false;
	int64_t apart = wall_ms / 1000 - at_s;
	return apart <= CHAT_SLACK_DRIFT_S && apart >= -CHAT_SLACK_DRIFT_S;
}

bool
chat_slack_may_be_signed(
	const struct chat_slack_signature *given, int64_t wall_ms)
{
	return given->timestamp && given->signature
		&& str_starts(given->signature, "v0=")
		&& is_of_now(given->timestamp, wall_ms);
}

const char *
chat_slack_sign_fault(const struct chat_slack_signature *given, int64_t wall_ms)
{
	if (!given->timestamp || !given->signature)
		return "it is not signed, as all that Slack sends is";
	if (!is_of_now(given->timestamp, wall_ms))
		return "it is older than five minutes, or a clock is wrong";
	return "it is not signed with this signing_secret";
}

bool
chat_slack_is_signed(const struct chat_slack_signature *given,
	const char *secret, const void *body, size_t len, int64_t wall_ms)
{
	char signature[SIGNATURE_SIZE] = "v0=";
	struct buf base;
	if (!chat_slack_may_be_signed(given, wall_ms))
		return false;
	buf_init(&base, len + PREFIX_MAX);
	buf_printf(&base, "v0:%s:", given->timestamp);
	buf_add(&base, body, len);
	hmac_sha256(secret, base.data, base.len, signature + strlen("v0="));
	bool whole = !base.full;
	buf_finish(&base);
	return whole && hmac_same_text(signature, given->signature);
}
