/*
 * What the agent answered, for people.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

void cli_status_table(json_t *status, bool colours);
void cli_status_endpoint(json_t *endpoint, bool colours);

/** The list of them, with a head. */
void cli_status_rows(json_t *endpoints, bool colours);
