/*
 * The keys of an endpoint that is looked at by HTTP, as cachet-url-monitor has
 * them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"
#include "probes/probe.h"

struct arena;
struct err;

struct http_conf {
	const char *url;
	const char *method;
	struct conf_list headers; /* struct conf_pair */
	struct conf_list expectation; /* struct expect_settings */
	int64_t timeout_ms;
	int on_unreachable; /* enum status; 0 where nobody says: the usual */
	int on_timeout; /* the same */
	bool insecure;
	struct conf_list resolve; /* const char *: numeric addresses */
	int ip_version; /* enum resolver_family */
};

extern const struct conf_field http_conf_fields[];

/** Rules between keys; what it accepts has a URL that can be asked for. */
void http_conf_check(const void *section, struct conf_reader *reader);

/** The same question for what does not come from a file. */
bool http_conf_is_good(const struct http_conf *settings, struct err *err);

/** For struct probe_type. */
struct probe_target http_conf_target(const void *settings, struct arena *arena);

/** As it is sent: in upper case. */
const char *http_conf_method(
	const struct http_conf *settings, struct arena *arena);

/**
 * The value of the Authorization header: what the URL says as `user`
 * ("user:password", percent-encoded, or NULL) comes before the configured
 * header.  NULL for none.
 */
const char *http_conf_authorization(const struct http_conf *settings,
	const char *user, struct arena *arena);
