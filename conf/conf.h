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

struct conf_endpoint {
	const char *name;
	struct conf_chosen probe; /* its keys stand beside these */
	int64_t frequency_ms;
	int64_t allowed_fails;
	int64_t recover_after;
	int64_t component_id; /* 0 for none */
	int64_t metric_id; /* 0 for none */
	struct conf_list action; /* int: enum event_action; no duplicates */
	bool public_incidents;
	int latency_unit; /* enum conf_latency_unit */
	struct conf_list report_to; /* const char *: names of reporters */
	bool report_to_all; /* report_to is absent */
	struct event_titles titles; /* of `messages`, filled in */
};

struct conf_messages {
	const char *incident_outage;
	const char *incident_performance;
	const char *incident_operational;
};

struct conf_server {
	const char *listen; /* "address:port" */
};

/** Immutable once loaded; a reload loads another and swaps. */
struct conf {
	struct arena *arena; /* owns this struct and all it points at */
	struct conf_list endpoints; /* struct conf_endpoint */
	struct conf_chosen cachet; /* variant NULL when absent */
	struct conf_list webhooks; /* struct conf_chosen */
	struct conf_list reporters; /* struct conf_chosen */
	const struct conf_messages *messages; /* NULL when absent */
	const struct conf_server *server; /* NULL: no listener */
	const char *state; /* path of the state file; never NULL */
	int resolver; /* enum conf_resolver */
	int64_t blind_after_ms; /* 0: never */
};

/** NULL after at least one error. */
struct conf *conf_load(const char *path, const struct conf_types *types,
	conf_complain_fn *complain, void *cookie);

/** NULL is allowed and does nothing. */
void conf_free(struct conf *conf);

/** The `name:` of a reporter under `reporters:`. */
const char *conf_reporter_name(const struct conf_chosen *chosen);
