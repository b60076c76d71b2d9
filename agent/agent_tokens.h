/*
 * The tokens of all reporters that need one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/outbox.h"

struct agent_tokens;
struct reporter;

/** All of it must outlive the tokens. */
struct agent_tokens_settings {
	struct reporter *const *reporters;
	size_t n_reporters;
	struct outbox_transport transport;

	/** There is another token for the reporter than before. */
	void (*on_found)(void *cookie, const struct reporter *reporter);
	void *cookie;
};

/** Asks nobody before the first turn. */
struct agent_tokens *agent_tokens_new(
	const struct agent_tokens_settings *settings);

/** These are the reporters from now on; those of before keep what they have. */
void agent_tokens_change(struct agent_tokens *tokens,
	struct reporter *const *reporters, size_t n);

/** NULL is allowed and does nothing. */
void agent_tokens_free(struct agent_tokens *tokens);

/* The `token` and the `refused` of an outbox; `cookie` is the agent_tokens. */

const char *agent_tokens_of(void *cookie, const struct reporter *reporter);
void agent_tokens_refused(
	void *cookie, const struct reporter *reporter, const char *token);

/** Ask who is to be asked.  As outbox_turn(). */
int64_t agent_tokens_turn(struct agent_tokens *tokens, struct moment now);

/** All reporters have one, or everything was tried for those that do not. */
bool agent_tokens_are_settled(const struct agent_tokens *tokens);

/** Why a reporter has none, where trying again is in vain; NULL when all are
 * well, or may be yet. */
const char *agent_tokens_refusal(const struct agent_tokens *tokens);

/** Say in the log who has none yet. */
void agent_tokens_log(const struct agent_tokens *tokens);
