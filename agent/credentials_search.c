#include "agent/credentials_internal.h"

#include "agent/base/arena.h"
#include "agent/base/buf.h"

enum {
	NAME_MAX_SHOWN = 100,
	SAID_MAX = 2048,
};

void
credentials_search_init(struct credentials_search *search,
	const struct token_source *source,
	const struct credentials_world *world, struct credentials_keys *keys,
	struct arena *arena)
{
	*search = (struct credentials_search){
		.source = source,
		.world = world,
		.keys = keys,
		.arena = arena,
		.said = arena_alloc(
			arena, (source->count + 1) * sizeof(const char *)),
	};
}

const char *
credentials_provider_name(const struct token_provider *provider)
{
	static const char *const names[] = {
		[TOKEN_TEXT] = "TOKEN",
		[TOKEN_VARIABLE] = "ENVIRONMENT_VARIABLE",
		[TOKEN_AWS] = "AWS_SECRETS_MANAGER",
	};
	return names[provider->kind];
}

/* What is at hand. */

static void
take_text(const struct credentials_search *search, const char *text,
	const char *what, struct credentials_step *step)
{
	const char *token = credentials_trim(text, search->arena);
	if (!token)
		credentials_fail(step,
			"%.*s has a blank or a strange character in it",
			NAME_MAX_SHOWN, what);
	else if (*token == '\0')
		credentials_fail(step, "%.*s is empty", NAME_MAX_SHOWN, what);
	else
		*step = (struct credentials_step){ .kind = CREDENTIALS_FOUND,
			.token = token };
}

static void
take_variable(const struct credentials_search *search, const char *name,
	struct credentials_step *step)
{
	const char *value =
		search->world->variable(search->world->cookie, name);
	if (value)
		take_text(search, value, name, step);
	else
		credentials_fail(step, "%.*s is not set", NAME_MAX_SHOWN, name);
}

/* AWS: first the keys, then the secret. */

static void
ask_secret(struct credentials_search *search, int64_t now_ms,
	struct credentials_step *step)
{
	search->stage = CREDENTIALS_SEEK_SECRET;
	credentials_secret_ask(&search->source->providers[search->at],
		search->world, search->keys, search->arena, now_ms, step);
}

static void
on_keys(struct credentials_search *search, int64_t now_ms,
	struct credentials_step *step)
{
	/* Where no new ones are lent, the old ones may do for a while yet. */
	bool have = step->kind == CREDENTIALS_FOUND
		|| (step->kind == CREDENTIALS_FAILED
			&& credentials_keys_work(search->keys, now_ms));
	if (have)
		ask_secret(search, now_ms, step);
}

static void
seek_keys(struct credentials_search *search, int64_t now_ms,
	struct credentials_step *step)
{
	search->stage = CREDENTIALS_SEEK_KEYS;
	search->old_keys = false;
	credentials_chain_init(
		&search->chain, search->world, search->keys, search->arena);
	credentials_chain_step(&search->chain, NULL, step);
	on_keys(search, now_ms, step);
}

static void
on_secret(struct credentials_search *search, const struct http_response *answer,
	int64_t now_ms, struct credentials_step *step)
{
	credentials_secret_read(&search->source->providers[search->at],
		search->keys, answer, search->arena, step);
	if (step->kind != CREDENTIALS_FAILED || !step->keys_refused)
		return;
	credentials_keys_finish(search->keys);
	if (search->old_keys)
		seek_keys(search, now_ms, step);
}

static void
step_aws(struct credentials_search *search, const struct http_response *answer,
	int64_t now_ms, struct credentials_step *step)
{
	switch (search->stage) {
	case CREDENTIALS_FRESH:
		search->old_keys = credentials_keys_last(search->keys, now_ms);
		if (search->old_keys)
			ask_secret(search, now_ms, step);
		else
			seek_keys(search, now_ms, step);
		break;
	case CREDENTIALS_SEEK_KEYS:
		credentials_chain_step(&search->chain, answer, step);
		on_keys(search, now_ms, step);
		break;
	case CREDENTIALS_SEEK_SECRET:
		on_secret(search, answer, now_ms, step);
		break;
	}
}

/* All of them. */

static void
step_provider(struct credentials_search *search,
	const struct http_response *answer, int64_t now_ms,
	struct credentials_step *step)
{
	const struct token_provider *provider =
		&search->source->providers[search->at];
	switch (provider->kind) {
	case TOKEN_TEXT:
		take_text(search, provider->value, "it", step);
		break;
	case TOKEN_VARIABLE:
		take_variable(search, provider->value, step);
		break;
	case TOKEN_AWS:
		step_aws(search, answer, now_ms, step);
		break;
	}
}

static void
exhausted(
	const struct credentials_search *search, struct credentials_step *step)
{
	struct buf text;
	buf_init(&text, SAID_MAX);
	for (size_t i = 0; i < search->at; i++)
		buf_printf(&text, "%s%s: %s", i > 0 ? "; " : "",
			credentials_provider_name(
				&search->source->providers[i]),
			search->said[i]);
	credentials_fail(step, "Token could not be found: %s",
		search->at > 0 ? text.data : "there are no providers");
	step->passing = search->passing;
	buf_finish(&text);
}

void
credentials_search_step(struct credentials_search *search,
	const struct http_response *answer, int64_t now_ms,
	struct credentials_step *step)
{
	while (search->at < search->source->count) {
		step_provider(search, answer, now_ms, step);
		if (step->kind != CREDENTIALS_FAILED)
			return;
		search->said[search->at++] =
			arena_dup(search->arena, step->reason.text);
		search->passing |= step->passing;
		search->stage = CREDENTIALS_FRESH;
		answer = NULL;
	}
	exhausted(search, step);
}
