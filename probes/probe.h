/*
 * A probe looks at one endpoint and says what it saw.
 *
 * A new kind of probe is one file in this folder - its settings, their table,
 * its struct probe_type - and one line in registry.c.
 */
#pragma once

#include <stdint.h>

#include "agent/model/result.h"
#include "conf/schema.h"

struct arena;
struct err;
struct ev_loop;
struct http_client;
struct http_response;
struct pattern_cache;
struct probe;

/**
 * `result` has everything but endpoint, generation and missed.  Its evidence
 * goes to the callee, who frees it.
 */
typedef void probe_done_fn(void *cookie, struct result *result);

/** One question of a look and its answer; all is borrowed. */
struct probe_hop {
	const char *method;
	const char *url; /* without user and password */
	const struct http_response *response;
};

enum probe_outcome {
	PROBE_MET = 0,
	PROBE_UNMET,
	PROBE_UNJUDGED, /* there was nothing to judge, or we were late */
};

/** One thing that is expected, and whether it is so; all is borrowed. */
struct probe_finding {
	const char *type; /* as the configuration spells it */
	const char *wanted; /* for people */
	enum status incident; /* how bad it is when it is not met */
	enum probe_outcome outcome;
	const char *why; /* a sentence; "" when it is met */
	int64_t limit_us; /* the longest time that is fine; 0: not about time */
};

/** Somebody who looks on; called before the look is done. */
struct probe_watch {
	void (*on_hop)(void *cookie, const struct probe_hop *hop);
	void (*on_finding)(void *cookie, const struct probe_finding *finding);
	void *cookie;
};

/** What every probe of one worker may use.  All of it outlives every probe. */
struct probe_env {
	struct ev_loop *loop;
	struct http_client *http;
	struct pattern_cache *patterns;

	/**
	 * How often the loop was late by more than 100 ms so far.  A probe
	 * during which it changes cannot trust a length of time that it
	 * measured, nor a timeout that it saw.  NULL: it never is.
	 */
	uint32_t (*stalls)(void *cookie);
	void *cookie;

	/** NULL: nobody, which is what is usual. */
	const struct probe_watch *watch;
};

/** What an endpoint looks at, for people; what events carry. */
struct probe_target {
	const char *url; /* without user, password and query */
	const char *method; /* as the configuration spells it; "" if none */
};

/** What one kind of probe implements. */
struct probe_type {
	struct conf_variant conf; /* the name after `type:`, and its keys */

	struct probe_target (*target)(
		const void *settings, struct arena *arena);

	struct probe *(*create)(
		const void *settings, const struct probe_env *env);

	/** Begin.  Leads to one probe_finish(), never before returning. */
	void (*start)(struct probe *probe, int64_t now_ms);

	/** Stop, quietly.  Only called between start and probe_finish(). */
	void (*cancel)(struct probe *probe);

	void (*destroy)(struct probe *probe);
};

/** The part all kinds share: the first member of each kind's own struct. */
struct probe {
	const struct probe_type *type;
	probe_done_fn *done; /* NULL unless one is under way */
	void *cookie;
};

/** All kinds, sorted by name and NULL-terminated. */
extern const struct probe_type *const probe_types[];

/** The kind with these keys; never NULL for what the loader accepted. */
const struct probe_type *probe_type_of(const struct conf_variant *variant);

/* For the agent. */

/** `settings` must outlive the probe. */
struct probe *probe_new(const struct probe_type *type, const void *settings,
	const struct probe_env *env);

/** Cancels first if need be.  NULL is allowed and does nothing. */
void probe_free(struct probe *probe);

/**
 * Look once; `now_ms` is the wall clock and becomes result.at_ms.
 * `done(cookie, result)` runs once, later, from the loop.  One look at a time:
 * starting a probe that is under way is a bug and asserts.
 */
void probe_start(
	struct probe *probe, int64_t now_ms, probe_done_fn *done, void *cookie);

/** `done` will not run.  Does nothing when no look is under way. */
void probe_cancel(struct probe *probe);

/* For the kinds. */

/** Report what was seen.  The last thing to do: the probe may be gone after. */
void probe_finish(struct probe *probe, struct result *result);
