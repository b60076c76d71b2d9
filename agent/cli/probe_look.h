/*
 * One look, here and now, and all that was seen of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/http/response.h"
#include "agent/model/result.h"
#include "probes/probe.h"

struct arena;
struct err;

enum {
	CLI_PROBE_HOPS_MAX = 40, /* more than a probe follows */
};

/** What is looked at; `settings` as probe_new() wants them. */
struct cli_probe_asked {
	const char *name; /* of the endpoint, or the host of a URL */
	bool is_endpoint;
	const struct probe_type *type;
	const void *settings;
	bool system_resolver; /* names by nsswitch.conf */
};

/** An answer, or what came in its place. */
struct cli_probe_hop {
	const char *method;
	const char *url;
	enum http_fail fail;
	const char *detail; /* a sentence; "" when `fail` is none */
	int code; /* 0 without an answer */
	const char *reason; /* what stands behind the code, or "" */
	const char *content_type; /* or "" */
	const char *address; /* or "" */
	size_t size; /* of the body */
	bool is_cut; /* there was more */
	bool is_sent; /* the request may have reached the far side */
	struct http_timing timing;
};

struct cli_probe_finding {
	struct probe_finding finding;
	struct cli_probe_finding *next;
};

/** A zeroed one is empty.  All but the evidence lives in the arena. */
struct cli_probe_seen {
	struct arena *arena;
	struct probe_target target;
	size_t n_hops;
	struct cli_probe_hop hops[CLI_PROBE_HOPS_MAX]; /* the last one counts */
	struct cli_probe_finding *findings, *last;
	struct result result;
};

/**
 * Look once, on a loop of its own; returns when that is done.  False when it
 * could not be begun.  `seen` has its arena, and wants cli_probe_forget().
 */
bool cli_probe_look(const struct cli_probe_asked *asked,
	struct cli_probe_seen *seen, struct err *err);
void cli_probe_forget(struct cli_probe_seen *seen);

/** NULL when not even a question was asked. */
const struct cli_probe_hop *cli_probe_last(const struct cli_probe_seen *seen);
