/*
 * What was heard before: a bounded number of words, of which the oldest is
 * forgotten first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct chat_seen;

struct chat_seen *chat_seen_new(size_t max);

/** NULL is allowed and does nothing. */
void chat_seen_free(struct chat_seen *seen);

/** Remembers it; "" was never heard. */
bool chat_seen_before(struct chat_seen *seen, const char *word);
