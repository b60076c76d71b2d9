/*
 * Carries events out to reporters: each becomes a delivery per reporter, each
 * delivery one or more parts, and every part is carried until it is settled -
 * across failures, restarts and outages of the receivers.
 *
 * Parts of one endpoint and lane go out in order; different endpoints, lanes
 * and reporters do not wait for one another.  What must not be repeated is
 * durably begun before it is sent.
 *
 * No loop, no timer, no socket: time is an argument, the network is a transport
 * that is handed in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/http/client.h"
#include "agent/model/event.h"
#include "reporters/reporter.h"

struct err;
struct ledger;
struct outbox;
struct rng;
struct store;

/** Start / done once / cancel, as http_send() and http_cancel(). */
struct outbox_transport {
	void *(*send)(void *cookie, const struct http_request *request,
		http_done_fn *done, void *done_cookie);
	void (*cancel)(void *cookie, void *call);
	void *cookie;
};

/** Something happened to a delivery: for whoever shows it to people. */
enum outbox_news {
	OUTBOX_TOLD = 0,
	OUTBOX_RETRY,
	OUTBOX_REJECTED,
	OUTBOX_EXPIRED,
	OUTBOX_SUSPENDED, /* once when it begins */
	OUTBOX_RESUMED,
};

typedef void outbox_news_fn(void *cookie, enum outbox_news news,
	const struct reporter *reporter, const struct event *event,
	const char *detail);

/** All of it must outlive the outbox. */
struct outbox_settings {
	struct store *store;
	struct ledger *ledger;
	struct rng *rng;
	struct outbox_transport transport;

	/** The worst announced status of all endpoints of a component, which
	 * this reporter counts; or of those alone that set it themselves. */
	enum status (*mirror)(void *cookie, const struct reporter *reporter,
		int64_t component_id, bool only_setters);
	void *mirror_cookie;

	/**
	 * The token of a reporter that has a source of tokens; NULL as long as
	 * there is none: then what is for it waits.  Not called for others.
	 */
	const char *(*token)(void *cookie, const struct reporter *reporter);

	/** The receiver refused `token`, and there is no other.  Or NULL. */
	void (*refused)(void *cookie, const struct reporter *reporter,
		const char *token);
	void *token_cookie; /* of both */

	/** NULL for none. */
	outbox_news_fn *news;
	void *news_cookie;

	/**
	 * A reporter that was replaced or removed is not used any more.  NULL
	 * where that never happens.
	 */
	void (*let_go)(void *cookie, const struct reporter *reporter);
	void *let_go_cookie;

	/** Now, for answers, which come between turns. */
	struct moment (*now)(void *cookie);
	void *now_cookie;

	/**
	 * A look has ended; `whole` tells that its view is complete, else
	 * `detail` says why not.  NULL where nobody looks.
	 */
	void (*looked)(void *cookie, const struct reporter *reporter,
		bool whole, const char *detail);

	/**
	 * What the target shows may not be what it was told: it was away and is
	 * `back`, or something for it was dropped, or lost and may arrive yet.
	 * Or NULL.
	 */
	void (*doubt)(void *cookie, const struct reporter *reporter, bool back);
	void *look_cookie; /* of both */

	int64_t expiry_ms; /* of what was never told; 0 means 24 h */
};

struct outbox *outbox_new(const struct outbox_settings *settings);

/** Cancels what is in flight; it is found again in the store. */
void outbox_free(struct outbox *outbox);

/** Serve this reporter, which must outlive the outbox. */
void outbox_add(struct outbox *outbox, const struct reporter *reporter);

/**
 * Serve this one in the place of the one with the same id, as soon as nothing
 * of that is on its way.  What waits goes by the new one.
 */
void outbox_replace(struct outbox *outbox, const struct reporter *reporter);

/** Serve it no longer: what is for it is cancelled, logged and counted. */
void outbox_remove(struct outbox *outbox, const struct reporter *reporter);

/**
 * Take up what a former process left undone; after all reporters were added,
 * before the first announcement.  What was meant for a reporter that is no
 * longer there is cancelled, logged and counted.
 */
bool outbox_load(struct outbox *outbox, struct moment now, struct err *err);

/**
 * Tell these reporters of `event`, which is copied and given its id.  Sent
 * once the ledger has made it durable.
 */
void outbox_announce(struct outbox *outbox, const struct event *event,
	const struct reporter *const *to, size_t n, struct moment now);

/**
 * Commit what changed, then send what is due.  Call it after anything happened
 * and when the time that it returned has come: milliseconds of the monotonic
 * clock, or -1.
 */
int64_t outbox_turn(struct outbox *outbox, struct moment now);

/**
 * There is another token for this reporter, or somebody says that its target is
 * mended: what is held since it refused us is due at once.
 */
void outbox_wake(struct outbox *outbox, const struct reporter *reporter);

/**
 * For requests that go to a reporter's target but not through the outbox, so
 * that all of them together stay within the target's limit: when one of this
 * method may be sent, in monotonic milliseconds, now or later; that it was
 * sent; and, once for each that was, its answer, or NULL if there will be none.
 */
int64_t outbox_ask_due(struct outbox *outbox, const struct reporter *reporter,
	const char *method, struct moment now);
void outbox_asked(struct outbox *outbox, const struct reporter *reporter,
	const char *method, struct moment now);
void outbox_answered(struct outbox *outbox, const struct reporter *reporter,
	const char *method, const struct http_response *answer,
	struct moment now);

/** Send nothing new from now on; what is in flight may end. */
void outbox_drain(struct outbox *outbox);

/* Looks at what a receiver shows, for a reporter that has `look`. */

/**
 * Read all of it into `view`, which must live until `looked`; that is not
 * called once the reporter was removed.  It takes its turn with what is told,
 * and its trouble is that of the target.  False when the reporter is not
 * served, or a look is under way.
 */
bool outbox_look(struct outbox *outbox, const struct reporter *reporter,
	struct reporter_view *view, struct moment now);

/**
 * Nothing that mirrors the endpoint of such an event waits or is on its way; in
 * `looked`, nor was it since the look began: what is there now was there then.
 */
bool outbox_is_still(const struct outbox *outbox,
	const struct reporter *reporter, const struct event *event);

/** Nothing that such an event is told by waits or is on its way. */
bool outbox_is_told(const struct outbox *outbox,
	const struct reporter *reporter, const struct event *event);

/** The same of all that is to be told of an incident that is over. */
bool outbox_is_over(const struct outbox *outbox,
	const struct reporter *reporter, const char *incident);

/** The opening of this incident was told: what the receiver gave back, or "".
 * NULL when it was not, or not yet. */
const char *outbox_ref(const struct outbox *outbox,
	const struct reporter *reporter, const char *incident);

/**
 * Set right an incident that the receiver shows wrongly; `event` is a baseline
 * that says how things are, and is copied.
 */
void outbox_mend(struct outbox *outbox, const struct event *event,
	const struct reporter *reporter, enum reporter_mend mend, int64_t id,
	struct moment now);

/**
 * An opening of a past that is forgotten, found at a receiver: it is remembered
 * and given its id, and counts as told to these, who know it by these refs.
 */
struct outbox_adopter {
	const struct reporter *reporter;
	const char *ref; /* "" for none */
	bool untold; /* it is not known whether it was told: tell it */
};

void outbox_adopt(struct outbox *outbox, const struct event *event,
	const struct outbox_adopter *to, size_t n, struct moment now);

/** Requests in flight. */
size_t outbox_busy(const struct outbox *outbox);

struct outbox_stats {
	const char *reporter; /* its id */
	const char *label; /* what people read of it */
	size_t waiting; /* deliveries not yet settled */
	int64_t oldest_ms; /* wall clock: when the oldest was made; 0: none */
	uint64_t told, retried, rejected, expired; /* by this process */
	uint64_t points, points_lost; /* of metrics, told and not */
	bool suspended;
	const char
		*trouble; /* the last thing that went wrong; "" if all well */
};

typedef void outbox_stats_fn(void *cookie, const struct outbox_stats *stats);
void outbox_each(
	const struct outbox *outbox, outbox_stats_fn *each, void *cookie);
