/*
 * What was received, as it may be shown.
 */
#pragma once

#include <jansson.h>

struct conf_chat;

/** Covers, in place, all by which somebody could act as the chat or as the
 * person: tokens, URLs to post to, and our own secrets wherever they stand.
 * NULL is allowed and does nothing. */
void chat_cover(json_t *json, const struct conf_chat *chat);
