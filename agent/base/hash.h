/*
 * A stable hash: the same on every machine and in every version, because where
 * an endpoint stands in its period, and which name a nameless webhook has,
 * come from it.  Not for secrets.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t len);
uint64_t hash_text(const char *text);
