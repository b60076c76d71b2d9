/*
 *     credentials_turn -> begin -> go_on -> transport
 *                                    ^          |
 *                                    +---- on_answer
 *     the end of a search: found or not_found -> say, plan the next
 *     credentials_refused: the next one is due
 */
#include "agent/credentials_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	FIRST_RETRY_MS = 2 * 1000, /* while there is no token; doubling to */
	AGAIN_MS = 60 * 1000,
	SAID_MAX = 8192,
};

struct credentials {
	struct credentials_settings settings;
	struct credentials_keys keys;
	char *token; /* NULL: none yet */
	bool settled;
	bool refused; /* the receiver did not take the token */
	bool passing; /* the last search failed, but need not again */
	struct err trouble;
	char *said; /* by the providers when it was last logged; or NULL */

	unsigned failures; /* searches in a row, without a token */
	int64_t due_ms; /* monotonic: the next search; -1: none */
	int64_t not_before_ms; /* monotonic: the next one after a refusal */

	/* A search that is under way. */
	struct arena *arena; /* NULL: there is none */
	struct credentials_search search;
	void *call;
};

/* What is in the environment and the configuration stays as it is. */
static bool
may_change(const struct credentials *credentials)
{
	const struct token_source *source = credentials->settings.source;
	for (size_t i = 0; i < source->count; i++)
		if (source->providers[i].kind == TOKEN_AWS)
			return true;
	return false;
}

/* The log: what failed, once as long as it stays the same. */

static char *
all_said(const struct credentials_search *search, bool found)
{
	struct buf text;
	buf_init(&text, SAID_MAX);
	for (size_t i = 0; i < search->at; i++)
		buf_printf(&text, "%s\n", search->said[i]);
	buf_add_text(&text, found ? "found" : "");
	char *said = buf_steal(&text);
	buf_finish(&text);
	return said;
}

static void
say(struct credentials *credentials, bool found)
{
	const struct credentials_search *search = &credentials->search;
	char *said = all_said(search, found);
	bool known = credentials->said && str_eq(said, credentials->said);
	free(credentials->said), credentials->said = said;
	if (known)
		return;
	const struct token_source *source = credentials->settings.source;
	for (size_t i = 0; i < search->at; i++)
		log_say(LOG_WARN, "a provider has no token",
			log_text("reporter", credentials->settings.owner),
			log_text("provider",
				credentials_provider_name(
					&source->providers[i])),
			log_text("reason", search->said[i]));
	if (found && source->count > 1)
		log_say(LOG_INFO, "token found",
			log_text("reporter", credentials->settings.owner),
			log_text("provider",
				credentials_provider_name(
					&source->providers[search->at])));
}

/* The end of a search. */

static void
keep_token(struct credentials *credentials, const char *token)
{
	if (credentials->token)
		OPENSSL_cleanse(credentials->token, strlen(credentials->token));
	free(credentials->token);
	credentials->token = mem_dup(token);
}

static int64_t
retry_ms(unsigned failures)
{
	int64_t wait = FIRST_RETRY_MS;
	for (unsigned i = 1; i < failures && wait < AGAIN_MS; i++)
		wait *= 2;
	return wait < AGAIN_MS ? wait : AGAIN_MS;
}

static void
not_found(struct credentials *credentials, const struct credentials_step *step,
	int64_t mono_ms)
{
	credentials->trouble = step->reason;
	credentials->passing = step->passing;
	if (!may_change(credentials))
		return;
	if (credentials->token)
		credentials->due_ms = credentials->not_before_ms;
	else
		credentials->due_ms =
			mono_ms + retry_ms(++credentials->failures);
}

/* True when it is another one than before. */
static bool
found(struct credentials *credentials, const char *token)
{
	credentials->failures = 0;
	credentials->passing = false;
	credentials->trouble.text[0] = '\0';
	if (credentials->token && str_eq(credentials->token, token)) {
		if (credentials->refused)
			credentials->due_ms = credentials->not_before_ms;
		return false;
	}
	keep_token(credentials, token);
	credentials->refused = false;
	return true;
}

static void
end(struct credentials *credentials, const struct credentials_step *step,
	int64_t mono_ms)
{
	bool is_found = step->kind == CREDENTIALS_FOUND;
	bool is_new = false;
	say(credentials, is_found);
	credentials->settled = true;
	credentials->due_ms = -1;
	if (is_found)
		is_new = found(credentials, step->token);
	else
		not_found(credentials, step, mono_ms);
	arena_free(credentials->arena), credentials->arena = NULL;
	if (is_new && credentials->settings.on_found)
		credentials->settings.on_found(
			credentials->settings.found_cookie);
}

/* A search. */

static void on_answer(void *cookie, const struct http_response *answer);

static void
go_on(struct credentials *credentials, const struct http_response *answer,
	struct moment now)
{
	const struct outbox_transport *transport =
		&credentials->settings.transport;
	struct credentials_step step = { 0 };
	credentials_search_step(
		&credentials->search, answer, now.wall_ms, &step);
	if (step.kind == CREDENTIALS_SEND)
		credentials->call = transport->send(transport->cookie,
			&step.request, on_answer, credentials);
	else
		end(credentials, &step, now.mono_ms);
}

static void
on_answer(void *cookie, const struct http_response *answer)
{
	struct credentials *credentials = cookie;
	credentials->call = NULL;
	go_on(credentials, answer,
		credentials->settings.now(credentials->settings.now_cookie));
}

static void
begin(struct credentials *credentials, struct moment now)
{
	assert(!credentials->arena);
	if (credentials->refused)
		credentials->not_before_ms = now.mono_ms + AGAIN_MS;
	credentials->arena = arena_new_small();
	credentials_search_init(&credentials->search,
		credentials->settings.source, credentials->settings.world,
		&credentials->keys, credentials->arena);
	go_on(credentials, NULL, now);
}

int64_t
credentials_turn(struct credentials *credentials, struct moment now)
{
	if (!credentials->arena && credentials->due_ms >= 0
		&& credentials->due_ms <= now.mono_ms)
		begin(credentials, now);
	return credentials->arena ? -1 : credentials->due_ms;
}

void
credentials_refused(
	struct credentials *credentials, const char *token, struct moment now)
{
	/* Another one may have come since that one was sent. */
	if (!credentials->token || !str_eq(credentials->token, token)
		|| credentials->refused || !may_change(credentials))
		return;
	credentials->refused = true;
	if (credentials->arena)
		return; /* its end will see to it */
	int64_t soonest = credentials->not_before_ms;
	credentials->due_ms = soonest > now.mono_ms ? soonest : now.mono_ms;
}

/* The rest. */

struct credentials *
credentials_new(const struct credentials_settings *settings)
{
	struct credentials *credentials = mem_zalloc(sizeof(*credentials));
	credentials->settings = *settings;
	return credentials;
}

void
credentials_free(struct credentials *credentials)
{
	if (!credentials)
		return;
	const struct outbox_transport *transport =
		&credentials->settings.transport;
	if (credentials->call)
		transport->cancel(transport->cookie, credentials->call);
	credentials_keys_finish(&credentials->keys);
	arena_free(credentials->arena);
	if (credentials->token)
		OPENSSL_cleanse(credentials->token, strlen(credentials->token));
	free(credentials->token);
	free(credentials->said);
	free(credentials);
}

const char *
credentials_token(const struct credentials *credentials)
{
	return credentials->token;
}

bool
credentials_are_settled(const struct credentials *credentials)
{
	return credentials->settled;
}

const char *
credentials_trouble(const struct credentials *credentials)
{
	return credentials->trouble.text;
}

bool
credentials_are_hopeless(const struct credentials *credentials)
{
	return credentials->settled && !credentials->token
		&& !credentials->passing;
}
