/*
 * Asks the receivers, before anything is probed, whether they take our
 * credentials and know what is configured: a typing error in a token is told
 * to who starts the agent, not found out in the first outage.
 *
 * No loop, no timer, no socket: time is an argument, the network is handed in.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/outbox.h"

struct monitors;
struct reporter;
struct reporter_view;
struct agent_vet;

/** `refused` is NULL, or why the agent must not start. */
typedef void agent_vet_done_fn(void *cookie, const char *refused);

/** All of it must outlive the vetting. */
struct agent_vet_settings {
	struct outbox_transport transport;
	const struct monitors *monitors;
	struct outbox *outbox; /* which minds how often they may be asked */
	struct reporter *const *reporters;
	size_t n_reporters;

	/** As the outbox asks for it: a reporter without one is not vetted. */
	const char *(*token)(void *cookie, const struct reporter *reporter);
	void *token_cookie;

	/** What the reporter's target shows; `view` is taken over. */
	void (*listed)(void *cookie, const struct reporter *reporter,
		struct reporter_view *view);
	agent_vet_done_fn *done;
	void *cookie;
	int64_t until_ms; /* monotonic: then nobody waits any more */

	/** Now, for answers, which come between turns. */
	struct moment (*now)(void *cookie);
	void *now_cookie;
};

/**
 * Ask each reporter that can be asked for all that its target shows, page by
 * page, and then once for each component and metric of the endpoints that was
 * not there; several at once, and not after `until_ms`: a receiver that is away
 * keeps nobody from starting.  `done` runs once, later, from a turn or an
 * answer; the vetting is gone by then.
 */
struct agent_vet *agent_vet_start(const struct agent_vet_settings *settings);

/** Ask what is due; returns when to call it again, or -1 once it is gone. */
int64_t agent_vet_turn(struct agent_vet *vet, struct moment now);

/** `done` will not run.  NULL is allowed and does nothing. */
void agent_vet_cancel(struct agent_vet *vet);
