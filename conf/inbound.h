/*
 * `inbound:` of the document: who may send alerts to us, and who hears of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

struct conf;
struct conf_reader;
struct map;

enum conf_inbound_type {
	CONF_INBOUND_ALERTMANAGER = 0,
	CONF_INBOUND_CLOUDMONITOR,
	CONF_INBOUND_EVENTBRIDGE,
	CONF_INBOUND_GCP,
	CONF_INBOUND_GENERIC,
	CONF_INBOUND_SNS,
};

enum {
	CONF_INBOUND_TYPE_COUNT = CONF_INBOUND_SNS + 1,
};

/** Each that is not NULL must fit; `*` stands for anything. */
struct conf_inbound_match {
	const char *subject;
	const char *service;
	const char *category;
	const char *account;
	const char *region;
	const char *severity;
	struct conf_list labels; /* struct conf_pair */
};

struct conf_inbound_rule {
	const struct conf_inbound_match *match; /* NULL: anything */
	struct conf_list report_to; /* const char *; empty: all */
	bool drop;
};

struct conf_inbound {
	const char *name;
	int type; /* enum conf_inbound_type */
	const char *path;

	/* Who may send: any one of these that is set does.  At least one is,
	 * but for SNS, which signs. */
	const char *user; /* Basic */
	const char *password;
	const char *token; /* Bearer, or ?auth_token= or ?token= */
	const char *header; /* its name ... */
	const char *key; /* ... and its value */

	struct conf_list report_to; /* const char *; empty: all */
	struct conf_list rules; /* struct conf_inbound_rule; the first fits */
	int64_t rate_limit; /* requests a minute; 0: any number */
	int64_t expire_ms; /* of what nobody says the end of */

	/* sns */
	struct conf_list topics; /* const char *: ARNs that may send */
	bool confirm; /* subscriptions, by visiting their URL */
	bool raw; /* take messages without a signature */
	const char *certificate; /* in PEM, in place of fetching it; or NULL */
};

extern const struct conf_section conf_inbound_section;

/** "gcp" and so on. */
const char *conf_inbound_type_name(int type);

/** Rules between sources, endpoints and reporters. */
void conf_check_inbound(const struct conf *conf, struct conf_reader *reader,
	const struct map *reporters);
