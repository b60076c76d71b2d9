/*
 * `/metrics` for Prometheus: what is known of the agent, and of each endpoint
 * under the names that blackbox_exporter has for it.
 */
#pragma once

#include "agent/web/router.h"

/** All of it. */
void web_metrics_answer(
	const struct web_request *request, struct web_answer *answer);

/** Without the endpoints, of which there may be a hundred thousand. */
void web_metrics_answer_agent(
	const struct web_request *request, struct web_answer *answer);
