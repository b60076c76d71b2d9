/*
 * What resolver.c and resolver_lookup.c share.
 *
 *     resolver_ask ----> numeric, pinned -----------------------.
 *          |                                                    |
 *          '--> waiting --> running --> resolver_take --> finished
 *                   ^           |                               |
 *                   '-----------'                        resolver_deliver
 *       new channels, another family, frankly, wholly              (callbacks)
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <ev.h>

#include "agent/base/list.h"
#include "agent/http/resolver.h"
#include "agent/http/resolver_channel.h"
#include "agent/http/resolver_evidence.h"
#include "agent/http/resolver_pace.h"
#include "agent/http/resolver_system.h"

struct map;

enum {
	RESOLVER_DETAIL_SIZE = 160,
};

enum resolver_state {
	RESOLVER_WAITING,
	RESOLVER_RUNNING,
	RESOLVER_DONE,
};

struct resolver {
	struct ev_loop *loop;
	struct resolver_owner owner; /* of the channels */
	struct resolver_channel *patient, *frank; /* or else: */
	struct resolver_system *system;
	struct resolver_settings settings;
	char *servers;

	struct map *lookups; /* by key, those that can be joined */
	struct map *pins; /* by name, struct resolver_answer */
	struct list waiting, waiting_slow, running, finished, delivering;
	size_t n_running, n_running_slow;
	ev_timer wake;

	bool has_v4, has_v6;
	int64_t routes_us; /* when that was looked at; 0: never */
	int64_t conf_us;
	struct stat conf;

	struct resolver_evidence evidence;
	struct resolver_pace *pace;
};

struct resolver_lookup {
	struct list link;
	struct list queries; /* may be empty: they were cancelled */
	struct resolver *resolver;
	struct resolver_answer answer;
	char detail[RESOLVER_DETAIL_SIZE];
	enum resolver_state state;
	enum resolver_family wanted;
	int family; /* that is asked for: AF_INET and so on */
	bool second; /* the other family, after the first had nothing */
	bool frankly; /* why was it not found? */
	bool wholly; /* was there an address, had there been room? */
	struct resolver_channel *own; /* for that, or NULL */
	bool starting; /* the channel is being asked */
	bool is_slow; /* it was, the last time */
	int64_t waits_us; /* since then */
	int64_t begun_us;
	const char *name; /* inside the key */
	char key[]; /* family and name */
};

struct resolver_query {
	struct list link;
	struct resolver_lookup *lookup;
	resolver_done_fn *done;
	void *cookie;
};

enum {
	RESOLVER_KEY_SIZE = 256, /* URL_HOST_SIZE and the family */
};

/** Of a name in lower case. */
void resolver_key(enum resolver_family wanted, const char *name,
	char key[static RESOLVER_KEY_SIZE]);

/** In no list yet. */
struct resolver_lookup *resolver_lookup_new(struct resolver *resolver,
	enum resolver_family wanted, const char *name);
void resolver_lookup_free(struct resolver_lookup *lookup);

/** Free all that are in the list. */
void resolver_forget(struct list *lookups);

/** Behind the others, until fewer are under way than may be. */
void resolver_wait(struct resolver_lookup *lookup);
void resolver_finish(struct resolver_lookup *lookup);

/** "the name has no IPv6 address" */
const char *resolver_no_address(enum resolver_family wanted);
void resolver_finish_badly(struct resolver_lookup *lookup,
	enum resolver_fail fail, const char *why);

/** Those under way for longer than one try takes were not answered so far. */
void resolver_count_silent(struct resolver *resolver, int64_t now);

/** A channel's answer. */
void resolver_take(void *cookie, enum resolver_outcome outcome,
	const struct resolver_answer *found, const char *text);

void resolver_start_waiting(struct resolver *resolver);

/** Start what waits, and run the callbacks of what is finished: the only place
 * that runs foreign code, and not while c-ares is on the stack. */
void resolver_deliver(struct resolver *resolver);
