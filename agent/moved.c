#include "agent/moved.h"

#include "agent/base/arena.h"
#include "agent/base/log.h"
#include "agent/http/client.h"
#include "agent/http/follow.h"
#include "agent/http/url.h"
#include "reporters/reporter.h"

/* Only what all its requests have in common is sure to hold no secret. */
static void
warn(const struct reporter *reporter, const char *from, const char *to,
	const struct http_response *answer, struct arena *arena)
{
	const char *base = http_follow_base(reporter->api_url, from, to, arena);
	if (base)
		log_say(LOG_WARN, "sent on by a redirect, change api_url",
			log_text("reporter", reporter_label(reporter)),
			log_int("status", answer->status),
			log_text("api_url", base));
	else
		log_say(LOG_WARN, "sent on by a redirect, change its URL",
			log_text("reporter", reporter_label(reporter)),
			log_int("status", answer->status),
			log_text("to", url_covered(to, arena)));
}

bool
moved_follow(struct moved *moved, const struct reporter *reporter,
	struct http_request *request, const struct http_response *answer,
	struct arena *arena, bool *said)
{
	if (moved->behind >= HTTP_FOLLOW_MAX)
		return false;
	const char *to = http_follow_url(request, answer, arena);
	if (!to)
		return false;
	if (!*said)
		warn(reporter, request->url, to, answer, arena);
	*said = true;
	request->url = to;
	moved->behind++;
	return true;
}
