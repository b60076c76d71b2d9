#include "agent/agent_tokens.h"

#include <stdlib.h>

#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/credentials.h"
#include "reporters/reporter.h"

/** One reporter's. */
struct holder {
	struct agent_tokens *tokens;
	const struct reporter *reporter;
	struct credentials *credentials;
};

struct agent_tokens {
	struct agent_tokens_settings settings;
	size_t n;
	struct holder **holders;
};

static struct moment
tell_now(void *cookie)
{
	(void)cookie;
	return clock_now();
}

static void
on_found(void *cookie)
{
	struct holder *holder = cookie;
	const struct agent_tokens_settings *settings =
		&holder->tokens->settings;
	settings->on_found(settings->cookie, holder->reporter);
}

static struct holder *
holder_new(struct agent_tokens *tokens, const struct reporter *reporter)
{
	struct holder *holder = mem_zalloc(sizeof(*holder));
	holder->tokens = tokens;
	holder->reporter = reporter;
	const struct credentials_settings settings = {
		.owner = reporter->id,
		.source = reporter->token_source,
		.world = &credentials_here,
		.transport = tokens->settings.transport,
		.now = tell_now,
		.on_found = on_found,
		.found_cookie = holder,
	};
	holder->credentials = credentials_new(&settings);
	return holder;
}

static void
holder_free(struct holder *holder)
{
	if (!holder)
		return;
	credentials_free(holder->credentials);
	free(holder);
}

/* Taken out of those that there are; NULL when it is not among them. */
static struct holder *
take_holder(struct agent_tokens *tokens, const struct reporter *reporter)
{
	for (size_t i = 0; i < tokens->n; i++) {
		struct holder *holder = tokens->holders[i];
		if (!holder || holder->reporter != reporter)
			continue;
		tokens->holders[i] = NULL;
		return holder;
	}
	return NULL;
}

void
agent_tokens_change(struct agent_tokens *tokens,
	struct reporter *const *reporters, size_t n)
{
	struct holder **holders = mem_zalloc((n + 1) * sizeof(struct holder *));
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		if (!reporters[i]->token_source)
			continue;
		struct holder *holder = take_holder(tokens, reporters[i]);
		holders[count++] =
			holder ? holder : holder_new(tokens, reporters[i]);
	}
	for (size_t i = 0; i < tokens->n; i++)
		holder_free(tokens->holders[i]);
	free(tokens->holders);
	tokens->holders = holders;
	tokens->n = count;
}

struct agent_tokens *
agent_tokens_new(const struct agent_tokens_settings *settings)
{
	struct agent_tokens *tokens = mem_zalloc(sizeof *tokens);
	tokens->settings = *settings;
	agent_tokens_change(tokens, settings->reporters, settings->n_reporters);
	return tokens;
}

void
agent_tokens_free(struct agent_tokens *tokens)
{
	if (!tokens)
		return;
	agent_tokens_change(tokens, NULL, 0);
	free(tokens->holders);
	free(tokens);
}

/* NULL for a reporter that needs none. */
static struct credentials *
credentials_of(
	const struct agent_tokens *tokens, const struct reporter *reporter)
{
	for (size_t i = 0; i < tokens->n; i++) {
		if (tokens->holders[i]->reporter == reporter)
			return tokens->holders[i]->credentials;
	}
	return NULL;
}

const char *
agent_tokens_of(void *cookie, const struct reporter *reporter)
{
	const struct credentials *credentials =
		credentials_of(cookie, reporter);
	return credentials ? credentials_token(credentials) : NULL;
}

void
agent_tokens_refused(
	void *cookie, const struct reporter *reporter, const char *token)
{
	struct credentials *credentials = credentials_of(cookie, reporter);
	if (credentials)
		credentials_refused(credentials, token, clock_now());
}

int64_t
agent_tokens_turn(struct agent_tokens *tokens, struct moment now)
{
	int64_t next = -1;
	for (size_t i = 0; i < tokens->n; i++) {
		int64_t due =
			credentials_turn(tokens->holders[i]->credentials, now);
		if (due >= 0 && (next < 0 || due < next))
			next = due;
	}
	return next;
}

bool
agent_tokens_are_settled(const struct agent_tokens *tokens)
{
	for (size_t i = 0; i < tokens->n; i++) {
		if (!credentials_are_settled(tokens->holders[i]->credentials))
			return false;
	}
	return true;
}

const char *
agent_tokens_refusal(const struct agent_tokens *tokens)
{
	for (size_t i = 0; i < tokens->n; i++) {
		const struct credentials *credentials =
			tokens->holders[i]->credentials;
		if (credentials_are_hopeless(credentials))
			return credentials_trouble(credentials);
	}
	return NULL;
}

void
agent_tokens_log(const struct agent_tokens *tokens)
{
	for (size_t i = 0; i < tokens->n; i++) {
		const struct holder *holder = tokens->holders[i];
		if (credentials_token(holder->credentials))
			continue;
		const char *trouble = credentials_trouble(holder->credentials);
		log_say(LOG_WARN,
			"there is no token yet, holding what is for it",
			log_text("reporter", reporter_label(holder->reporter)),
			log_text("reason",
				*trouble != '\0' ? trouble
						 : "no answer in 5 s"));
	}
}
