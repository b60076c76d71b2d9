/*
 * What receivers show is compared with the truth, and mended: the components
 * that our endpoints mirror, and the incidents that we opened.
 *
 *     reconcile_listed    before anything is probed: what a receiver shows
 *     reconcile_begin     openings of a past that we forgot are taken up
 *     reconcile_turn      when all were looked at, and from then on now and
 *                         then: look, compare, mend
 *     reconcile_ask       somebody wants it now
 *
 * Nothing is touched that we did not make: components that no endpoint names,
 * and incidents that neither bear our mark nor are remembered.  What is for us
 * to mend and what is left to people, agent/judge/drift.h says.
 *
 * No loop, no timer, no socket: looks go by the outbox, and time is handed in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "agent/base/clock.h"

struct monitors;
struct outbox;
struct reconcile;
struct reporter;
struct reporter_view;
struct rng;
struct store;

/** All of it must outlive the reconciliation. */
struct reconcile_settings {
	struct store *store;
	struct monitors *monitors;
	struct outbox *outbox;
	struct rng *rng;

	/** Now, for answers, which come between turns. */
	struct moment (*now)(void *cookie);
	void *now_cookie;
};

struct reconcile *reconcile_new(const struct reconcile_settings *settings);

/** After outbox_free().  NULL is allowed and does nothing. */
void reconcile_free(struct reconcile *reconcile);

/** These are the reporters from now on, borrowed; those that were replaced or
 * removed must be there until then. */
void reconcile_set_reporters(struct reconcile *reconcile,
	const struct reporter *const *reporters, size_t n, struct moment now);

/** What a reporter's target shows, found before anything was probed; `view` is
 * taken over. */
void reconcile_listed(struct reconcile *reconcile,
	const struct reporter *reporter, struct reporter_view *view);

/**
 * The probing is about to begin.  Endpoints of which nothing is remembered take
 * up the incidents that are open for them.
 */
void reconcile_begin(struct reconcile *reconcile, struct moment now);

/** Begin what is due; returns when to call it again, or -1. */
int64_t reconcile_turn(struct reconcile *reconcile, struct moment now);

/* For struct outbox_settings; the cookie is the reconciliation. */

void reconcile_on_looked(void *cookie, const struct reporter *reporter,
	bool whole, const char *detail);
void reconcile_on_doubt(
	void *cookie, const struct reporter *reporter, bool back);

/* Somebody asks. */

/** How it is to be done. */
struct reconcile_wish {
	bool dry; /* only say what would be done */
	bool strict; /* also put back what people changed */
};

/**
 * Look at all of them now.  The number of the request; 0 when there is another
 * one under way.
 */
uint64_t reconcile_ask(struct reconcile *reconcile,
	const struct reconcile_wish *wish, struct moment now);

/**
 * What became of it: {"done": false}, or with `rows`: each a `reporter`, a
 * `what` ("component", "incident"), `id`, `endpoint`, `there`, `truth` and
 * `act`; and `failed`: each a `reporter` and a `reason`.  NULL when there is no
 * such request (any more).
 */
json_t *reconcile_answer(const struct reconcile *reconcile, uint64_t request);

/** Of one reporter, since the start of the process. */
struct reconcile_stats {
	const char *reporter; /* its id */
	const char *label; /* what people read of it */
	uint64_t looks, failures;
	uint64_t mended, left;
	uint64_t adopted;
};

typedef void reconcile_stats_fn(
	void *cookie, const struct reconcile_stats *stats);
void reconcile_each(const struct reconcile *reconcile, reconcile_stats_fn *each,
	void *cookie);
