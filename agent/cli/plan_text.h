/*
 * What a reload did, or would do, for people.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

/**
 * An answer as agent_reload() has it: the plan as a table on stdout, complaints
 * on stderr.  False when nothing can be done for mistakes.
 */
bool cli_plan_print(json_t *answer, bool colours);
