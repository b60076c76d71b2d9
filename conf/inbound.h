/*
 * `inbound:` of the document: who may send alerts to us, and who hears of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

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

struct conf_inbound {
	const char *name;
	int type; /* enum conf_inbound_type */

	/* Who may send: any one of these that is set does.  Together at least
	 * one is set, but for SNS, which signs. */
	const char *user; /* Basic */
	const char *password;
	const char *token; /* Bearer, or ?auth_token= or ?token= */
	const char *header; /* its name ... */
	const char *key; /* ... and its value */

	/* sns */
	struct conf_list topics; /* const char *: ARNs that may send */
	bool confirm; /* subscriptions, by visiting their URL */
	bool raw; /* take messages without a signature */
};
