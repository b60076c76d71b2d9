/*
 * `actions:` of the document: what people may have done elsewhere by a command,
 * and how that is asked for.
 *
 *     action.c          the section and its rules
 *     action_pattern.c  what somebody said -> words
 *     action_fill.c     words -> a request
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/schema.h"

struct conf;
struct conf_reader;

struct conf_action {
	const char *name;
	const char *about; /* what it does, for people; NULL */
	const char *command; /* "/cloudmaster"; NULL: it has none of its own */
	struct conf_list patterns; /* const char *; none: nothing follows */
	struct conf_list words; /* struct conf_pair: how {word} must look */
	const char *url;
	const char *method;
	struct conf_list headers; /* struct conf_pair */
	const struct conf_node *body;
	const char *secret; /* signs the request; NULL: nothing does */
	struct conf_list users; /* const char *; none: whoever may change */
	struct conf_list channels; /* const char *; none: any */
	int64_t timeout_ms; /* of all attempts together */
	bool repeat; /* it may be sent again when its answer was lost */
	const char *ca_file;
	bool insecure;
};

extern const struct conf_section conf_action_section;

/** NULL when there is none of this name, whatever its case. */
const struct conf_action *conf_action_find(
	const struct conf *conf, const char *name);

/** Rules between actions. */
void conf_check_actions(const struct conf *conf, struct conf_reader *reader);
