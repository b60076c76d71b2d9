/*
 * What the agent answered to a command, for people.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

/** `answer` is as operator.h has it. */
void cli_ctl_print(json_t *answer, bool colours);
