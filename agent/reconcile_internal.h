/*
 * For reconcile.c and its reconcile_*.c alone.
 *
 *     reconcile.c          whose turn it is, and who asked
 *     reconcile_compare.c  a view beside the truth
 *     reconcile_act.c      what is done about a difference, and said of it
 *     reconcile_adopt.c    openings of a past that was forgotten
 */
#pragma once

#include "agent/judge/drift.h"
#include "agent/model/event.h"
#include "agent/reconcile.h"
#include "reporters/view.h"

struct arena;
struct map;

enum {
	RECONCILE_ROWS_MAX = 10000, /* of one answer */
};

/** One reporter whose target can be looked at. */
struct desk {
	struct reconcile *reconcile;
	const struct reporter *reporter;
	struct reporter_view *view; /* of the look under way */
	struct reporter_view
		*listed; /* before the start; NULL: none, or done */
	bool looking;
	bool owed; /* it may show what we could not tell it */
	int64_t late_ms; /* monotonic: until then a lost write may arrive */
	unsigned failures; /* of looks, in a row */
	int64_t next_ms; /* monotonic: the next look; -1: never */
	int64_t pace_ms; /* so far ahead the looks after troubles are */
	struct map *left; /* "component 7" -> struct left */

	bool wanted; /* by the request; not yet answered */
	bool looks_for_it;

	struct reconcile_stats stats;
};

struct reconcile {
	struct reconcile_settings settings;
	const struct reporter *const *reporters; /* all */
	size_t n_reporters;
	struct desk **desks;
	size_t n_desks;
	bool begun;
	uint32_t seen; /* the endpoints below it had a result */
	int64_t begun_ms;

	/* The request. */
	uint64_t request; /* 0: there never was one */
	struct reconcile_wish wish;
	int64_t deadline_ms; /* monotonic */
	bool answered;
	json_t *rows;
	json_t *failed;
};

/** A difference. */
struct finding {
	const char *what; /* "component", "incident" */
	int64_t id;
	const char *there;
	const char *truth;
	enum drift_act act;
	const char *deed; /* for people, if it is to be mended */
	int64_t mark; /* what is there: if it is left and changes, it is news */

	/* What is done: this event is told, or an incident is set right. */
	struct event event;
	bool incident;
	bool reopen;
};

/** How this comparison is done. */
struct comparison {
	struct desk *desk;
	const struct reporter_view *view;
	struct drift_terms terms;
	bool dry;
	json_t *rows; /* NULL when nobody asked */
	bool unsure; /* of some endpoint it is not known how it is by now */
	struct moment now;
};

/* reconcile_compare.c */

/** What is to be found by the look: our open incidents. */
void reconcile_want(const struct desk *desk, struct reporter_view *view);

/** Compare, and do what is to be done. */
void reconcile_compare(struct comparison *comparison);

/** The thing was left as it is: what was there then; -1: it was not left. */
int64_t reconcile_left(const struct desk *desk, const char *what, int64_t id);

/* reconcile_act.c */

void reconcile_act(
	struct comparison *comparison, const struct finding *finding);

/** It is as it should be. */
void reconcile_agree(struct desk *desk, const char *what, int64_t id);

void reconcile_forget_left(struct desk *desk);

/* reconcile_adopt.c */

/** Of all endpoints of which nothing is remembered. */
void reconcile_adopt(struct reconcile *reconcile, struct moment now);
