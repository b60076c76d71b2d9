/*
 * The curlew document: what config.yml says, as structs.
 *
 * It is the file of cachet-url-monitor with more keys.  Kinds of probes and
 * reporters bring the tables of their own keys.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/model/event.h"
#include "conf/schema.h"

struct err;

enum conf_latency_unit {
	CONF_UNIT_MILLISECONDS = 0,
	CONF_UNIT_SECONDS,
	CONF_UNIT_MINUTES,
	CONF_UNIT_HOURS,
};

enum conf_resolver {
	CONF_RESOLVER_CARES = 0,
	CONF_RESOLVER_SYSTEM,
};

/** What an endpoint is in one of several Cachets. */
struct conf_cachet_place {
	const char *cachet; /* its name */
	int64_t component_id; /* 0 for none */
	int64_t metric_id; /* 0 for none */
};

struct conf_endpoint {
	const char *name;
	struct conf_chosen probe; /* its keys stand beside these */
	int64_t frequency_ms;
	int64_t allowed_fails;
	int64_t recover_after;
	int64_t component_id; /* 0 for none */
	int64_t metric_id; /* 0 for none */
	struct conf_list action; /* int: enum event_action; no duplicates */
	const struct conf_node *cachet; /* which one; see `places` */
	struct conf_list
		places; /* struct conf_cachet_place; none: the only Cachet */
	bool public_incidents;
	int latency_unit; /* enum conf_latency_unit */
	struct conf_list report_to; /* const char *: names of reporters */
	bool report_to_all; /* report_to is absent */
	struct conf_list tags; /* const char * */
	struct event_titles titles; /* of `messages`, filled in */
};

struct conf_messages {
	const char *incident_outage;
	const char *incident_performance;
	const char *incident_operational;
};

struct conf_tls {
	const char *listen; /* as well; NULL: in place of the plain one */
	const char *certificate; /* a file, in PEM, with its chain */
	const char *key; /* a file; NULL: in the one above */
};

struct conf_server {
	const char *listen; /* "address:port" */
	const char *token; /* for who commands from elsewhere; NULL: nobody */
	const struct conf_tls *tls; /* NULL: none */
	struct conf_list proxies; /* const char *: addresses and networks */
	int64_t timeout_ms;
	int64_t rate_limit; /* of each client, a minute; 0: any number */
};

/**
 * Immutable once loaded; a reload loads another and swaps.  Counted by
 * reference: whoever keeps a pointer into it holds it.
 */
struct conf {
	struct arena *arena; /* owns this struct and all it points at */
	_Atomic unsigned holders;
	struct conf_list endpoints; /* struct conf_endpoint */
	struct conf_list cachets; /* struct conf_chosen */
	struct conf_list webhooks; /* struct conf_chosen */
	struct conf_list reporters; /* struct conf_chosen */
	struct conf_list inbound; /* struct conf_inbound */
	struct conf_list chats; /* struct conf_chat */
	struct conf_list digests; /* struct conf_digest */
	struct conf_list reminders; /* struct conf_reminder */
	struct conf_list actions; /* struct conf_action */
	const struct conf_messages *messages; /* NULL when absent */
	const struct conf_server *server; /* NULL: no listener */
	const char *state; /* path of the state file; never NULL */
	int resolver; /* enum conf_resolver */
	int64_t blind_after_ms; /* 0: never */
	bool watch; /* the file, to reload when it changes */
	bool sandbox;
	struct conf_list files; /* const char *: that it names, to be read */
	struct conf_list secrets; /* const char *: of ${NAME} in actions */
	const char *workers_text;
	int64_t workers; /* what it says; 0: as many as are good */
};

/**
 * NULL after at least one error.  What only older versions of
 * cachet-url-monitor took as it is meant is migrated in memory first, with a
 * warning.
 */
struct conf *conf_load(const char *path, const struct conf_types *types,
	conf_complain_fn *complain, void *cookie);

/** What is read in place of a file. */
struct conf_text {
	const char *text;
	size_t len; /* 1 at least */
};

/** The same for what is not yet in the file at `path`, and as it stands. */
struct conf *conf_load_text(const char *path, const struct conf_text *text,
	const struct conf_types *types, conf_complain_fn *complain,
	void *cookie);

/**
 * Where the state is of an agent that runs with this file, even if the file has
 * mistakes elsewhere; NULL when that cannot be told.
 */
const char *conf_state_of(
	const char *path, struct arena *arena, struct err *err);

/** One more holder.  From any thread; NULL is allowed and does nothing. */
struct conf *conf_hold(struct conf *conf);

/**
 * One holder less; the last one frees it.  From any thread; NULL is allowed and
 * does nothing.
 */
void conf_free(struct conf *conf);

enum conf_difference {
	CONF_PROBED_OTHERWISE = 1 << 0, /* what is asked, expected, how often */
	CONF_TOLD_OTHERWISE = 1 << 1, /* all else */
};

/** 0, or several of enum conf_difference. */
unsigned conf_endpoint_differs(
	const struct conf_endpoint *a, const struct conf_endpoint *b);

/** The `name:` of a reporter under `reporters:`. */
const char *conf_reporter_name(const struct conf_chosen *chosen);
