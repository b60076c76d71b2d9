/*
 * The families of `/metrics`, as tables.  For metrics*.c and their tests.
 */
#pragma once

#include "agent/base/buf.h"
#include "agent/outbox.h"

struct agent;
struct monitor;

/** What all samples of one name have in common. */
struct web_metrics_family {
	const char *name; /* NULL ends a table */
	const char *type;
	const char *help;

	/*
	 * One of them: all samples, those of one endpoint, or those of one
	 * reporter, with a struct web_metrics_place as its cookie.
	 */
	void (*of_agent)(const struct web_metrics_family *family,
		const struct agent *agent, struct buf *out);
	void (*of_endpoint)(const struct web_metrics_family *family,
		const struct monitor *monitor, struct buf *out);
	outbox_stats_fn *of_reporter;
};

struct web_metrics_place {
	const struct web_metrics_family *family;
	struct buf *out;
};

extern const struct web_metrics_family web_metrics_of_agent[];
extern const struct web_metrics_family web_metrics_of_actions[];
extern const struct web_metrics_family web_metrics_of_chat[];
extern const struct web_metrics_family web_metrics_of_inbound[];
extern const struct web_metrics_family web_metrics_of_orders[];
extern const struct web_metrics_family web_metrics_of_reporters[];
extern const struct web_metrics_family web_metrics_of_process[];
extern const struct web_metrics_family web_metrics_of_endpoints[];
