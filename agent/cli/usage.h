/*
 * Help texts, from the tables.
 */
#pragma once

#include <stdio.h>

struct buf;
struct cli_verb;

void cli_usage(FILE *to);
void cli_usage_verb(FILE *to, const struct cli_verb *verb);

/** What stands before the options: the words that it takes, and its text. */
void cli_usage_text(struct buf *out, const struct cli_verb *verb);
