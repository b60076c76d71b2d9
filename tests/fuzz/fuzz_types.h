/*
 * The kinds of probes and reporters that there really are, for documents.
 */
#pragma once

#include "conf/schema.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

static inline const struct conf_types *
fuzz_types(void)
{
	enum {
		KINDS_MAX = 16,
	};
	static const struct conf_variant *families[2][KINDS_MAX];
	static const struct conf_types types = {
		.families = { families[CONF_PROBES], families[CONF_REPORTERS] },
	};
	for (size_t i = 0; probe_types[i]; i++)
		families[CONF_PROBES][i] = &probe_types[i]->conf;
	for (size_t i = 0; reporter_types[i]; i++)
		families[CONF_REPORTERS][i] = &reporter_types[i]->conf;
	return &types;
}
