/*
 * Help texts, from the tables.
 */
#pragma once

#include <stdio.h>

struct cli_verb;

void cli_usage(FILE *to);
void cli_usage_verb(FILE *to, const struct cli_verb *verb);
